using System.Globalization;
using TwoTower.Model.Data;

namespace TwoTower.Model.Evaluation;

/// <summary>How many users' lists a ranking leaves open.</summary>
/// <param name="Ranking">Name of the ranking.</param>
/// <param name="Cut">K.</param>
/// <param name="Users">Users whose candidates of ranks K and K + 1 have equal scores.</param>
internal sealed record TiedUsers(string Ranking, int Cut, int Users)
{
    /// <summary>Those of a ranking at every K, rising.</summary>
    /// <param name="ranking">Its name.</param>
    /// <param name="result">Its results.</param>
    public static IEnumerable<TiedUsers> Of(string ranking, RankingResult result) => result.TiedUsers.OrderBy(cut => cut.Key)
        .Select(cut => new TiedUsers(ranking, cut.Key, cut.Value));
}

/// <summary>What a metric means: without it two figures cannot be compared.</summary>
/// <param name="Positives">Which interactions are positive.</param>
/// <param name="Split">How they were divided.</param>
/// <param name="TrainEnd">Time of the last train positive, UTC, or a dash.</param>
/// <param name="ValidationStart">Time of the first validation positive, UTC, or a dash.</param>
/// <param name="ValidationEnd">Time of the last validation positive, UTC, or a dash.</param>
/// <param name="Mask">Which items are left out of the ranking.</param>
/// <param name="Candidates">Items that are ranked.</param>
/// <param name="EvaluableUsers">Users with at least one held-out positive.</param>
/// <param name="HeldOutPositives">Held-out positives of those users.</param>
/// <param name="Interval">How intervals are made.</param>
internal sealed record ProtocolCard(
    string Positives, string Split, string TrainEnd, string ValidationStart, string ValidationEnd, string Mask, int Candidates,
    int EvaluableUsers,
    int HeldOutPositives, string Interval)
{
    /// <summary>What is judged, in a word.</summary>
    public string Judged { get; init; } = "Validation";

    /// <summary>What equal scores are worth.</summary>
    public string Ties { get; init; } = EqualScores;

    /// <summary>Of every ranking that was judged, at every K, the users whose top K is not determined because scores tie at its end; empty
    /// before anything was judged.</summary>
    public IReadOnlyList<TiedUsers> TiedUsers { get; init; } = [];

    /// <summary>The rule of equal scores, in words.</summary>
    public const string EqualScores = "equal scores are worth their expectation";

    /// <summary>The card of a validation.</summary>
    public static ProtocolCard Of(RecommenderData data, RankingTask validation)
    {
        var split = data.Split;
        return new ProtocolCard(
            split.PositivesRule,
            split.Kind switch
            {
                SplitKind.GlobalTime => "global chronological",
                SplitKind.LeaveLastOut when !split.HasTimes => "leave last out by the order of rows (no times; leaks the future)",
                SplitKind.LeaveLastOut => "leave last out (leaks the future)",
                SplitKind.Random when !split.HasTimes => "random per user (no times; leaks the future)",
                SplitKind.Random => "random per user (leaks the future)",
                _ => "as prepared",
            } + (split.MinimumTrainHistory > 0 ? $", users with at least {split.MinimumTrainHistory} train positives" : string.Empty),
            Time(split.TrainEnd),
            Time(split.ValidationStart),
            Time(split.ValidationEnd),
            "seen items (train positives) left out",
            data.Items.Count,
            validation.Users.Length,
            validation.Positives.Count,
            string.Create(CultureInfo.InvariantCulture, $"95 %, bootstrap over users, {Bootstrap.Draws:#,0} draws"))
        { Judged = split.Judged };
    }

    /// <summary>A unix time as a person reads it, or a dash.</summary>
    public static string Time(long? seconds) => seconds is { } value
        ? DateTimeOffset.FromUnixTimeSeconds(value).ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture)
        : "-";
}
