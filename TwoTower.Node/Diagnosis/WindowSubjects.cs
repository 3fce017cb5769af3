using TwoTower.Model.Data;
using TwoTower.Model.Data.Loading;
using TwoTower.Node.Runs;
using TwoTower.Node.Settings;

namespace TwoTower.Node.Diagnosis;

/// <summary>A subject's settings on other windows of its data, to see what holds beyond the one that everything was chosen on.</summary>
internal static class WindowSubjects
{
    private const string Source = "diagnose";

    /// <summary>The windows whose time is not that of the subject's own validation, with their bars and without models.</summary>
    /// <param name="subject">The subject.</param>
    /// <param name="count">How many windows roll over what is before test, as in <c>train --windows</c>; those that share their time with
    /// the subject's validation are left out.</param>
    /// <returns>The windows, and why there are none or not all.</returns>
    public static (IReadOnlyList<DiagnosisSubject> Windows, string? WhyNot) Of(DiagnosisSubject subject, int count)
    {
        var own = subject.Data.Validation.Timestamps;
        var (first, last) = (own.Min(), own.Max());
        try
        {
            var windows = new List<DiagnosisSubject>();
            foreach (var settings in RollingWindows.Of(Rolling(subject.Settings!), count))
            {
                var data = DataLoader.Load(settings.Values.Data);
                if (data.Validation.Count == 0 || (data.Validation.Timestamps.Min() <= last && data.Validation.Timestamps.Max() >= first))
                {
                    continue;
                }

                var name = RollingWindows.Read(settings.Values);
                windows.Add(SubjectReader.Of($"window {name}", settings, data, TextWriter.Null) with
                {
                    Window = name,
                    Settings = settings.With("evaluate.baselines", "popularity", Source), // the others are judged here
                });
            }

            return (windows, windows.Count > 0 ? null : $"none of {count} windows has another time than its own validation");
        }
        catch (Exception refusal) when (refusal is DataException or SettingException)
        {
            return ([], $"its data has no windows that roll forward ({refusal.Message.TrimEnd('.')})");
        }
    }

    /// <summary>Trains the subject's recipe on each of its windows; one whose training fails has no model, and it is said why.</summary>
    /// <param name="windows">The windows.</param>
    /// <param name="trainings">Trains.</param>
    /// <param name="say">Is told of each training before it begins.</param>
    /// <returns>The windows with their models, and why one has none.</returns>
    public static async Task<(IReadOnlyList<DiagnosisSubject> Windows, string? WhyNot)> TrainAsync(IReadOnlyList<DiagnosisSubject> windows,
        ICounterfactuals trainings, Action<string> say)
    {
        var trained = new List<DiagnosisSubject>();
        string? whyNot = null;
        foreach (var window in windows)
        {
            say($"Training again on window {window.Window} …");
            var (model, failure) = await trainings.TrainAsync(window, []).ConfigureAwait(false);
            trained.Add(window with { Model = model });
            if (model is null)
            {
                whyNot ??= $"the training on window {window.Window} failed ({failure?.TrimEnd('.') ?? "it left no model"})";
                say($"  it failed: {failure ?? "it left no model"}");
            }
        }

        return (trained, whyNot);
    }

    // What was left to be chosen inside train is chosen anew inside each window's, and test is nobody's business here.
    private static ResolvedSettings Rolling(ResolvedSettings settings)
    {
        var rolling = settings.With(RollingWindows.Key, "none", Source).With("evaluate.final", "false", Source);
        foreach (var key in InnerChoice.Keys.Where(key => settings.SourceOf(key) == InnerChoice.Auto))
        {
            rolling.Set(key, InnerChoice.Auto, Source);
        }

        return rolling;
    }
}
