using System.Globalization;

namespace TwoTower.Node.Diagnosis;

/// <summary>The trainings that checks look at, done before they do: the recipe on other windows, and inside train.</summary>
internal static class SubjectTrials
{
    /// <summary>A subject with its windows and its choice of the epoch, or with why they are not there.</summary>
    /// <param name="subject">The subject.</param>
    /// <param name="trainings">Trains; null leaves the trainings out.</param>
    /// <param name="windows">How many windows roll over the data; 1 tries none beside the subject's own.</param>
    /// <param name="say">Is told how many trainings there are, and of each before it begins.</param>
    public static async Task<DiagnosisSubject> AddAsync(DiagnosisSubject subject, ICounterfactuals? trainings, int windows,
        Action<string> say)
    {
        if (trainings is null)
        {
            return subject with { WhyNoWindows = "--quick trains nothing again", WhyNoEpochChoice = "--quick trains nothing again" };
        }

        if (subject.Model is null || subject.Settings is null || subject.Tasks.Validation.Users.Length == 0)
        {
            return subject; // checks say so themselves
        }

        var (rolling, whyNot) = windows > 1 ? WindowSubjects.Of(subject, windows) : ([], "--windows 1 leaves all but its own out");
        var (isDue, whyNoChoice) = Due(subject);
        Announce(rolling, windows, isDue, say);
        if (rolling.Count > 0)
        {
            (rolling, whyNot) = await WindowSubjects.TrainAsync(rolling, trainings, say).ConfigureAwait(false);
        }

        EpochChoice? choice = null;
        try
        {
            choice = isDue ? await EpochChoice.OfAsync(subject, say).ConfigureAwait(false) : null;
        }
        catch (NotLookedException reason)
        {
            whyNoChoice = reason.Message;
        }

        return subject with { Windows = rolling, WhyNoWindows = whyNot, EpochChoice = choice, WhyNoEpochChoice = whyNoChoice };
    }

    private static (bool IsDue, string? WhyNot) Due(DiagnosisSubject subject)
    {
        try
        {
            return (EpochChoice.IsDue(subject), null);
        }
        catch (NotLookedException reason)
        {
            return (false, reason.Message);
        }
    }

    private static void Announce(IReadOnlyList<DiagnosisSubject> rolling, int windows, bool isDue, Action<string> say)
    {
        if (rolling.Count > 0)
        {
            say(string.Create(CultureInfo.InvariantCulture,
                $"To try: the recipe on {ChangeTrials.Names(rolling)}{(rolling.Count < windows ? ", whose time is not that of its own validation" : string.Empty)}: {rolling.Count} training{(rolling.Count == 1 ? string.Empty : "s")}."));
        }

        if (isDue)
        {
            say("To try: the choice of the epoch inside train: 1 training, or 2 where it is another.");
        }
    }
}
