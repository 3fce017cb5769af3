namespace TwoTower.Model.Data;

/// <summary>How the interactions were divided into train, validation and test.</summary>
public enum SplitKind
{
    /// <summary>The earliest part of all interactions is train, the next validation, the last test: nobody trains on the future.</summary>
    GlobalTime,

    /// <summary>Each user's last interaction is test and the one before validation: leaks other users' future into train.</summary>
    LeaveLastOut,

    /// <summary>Of each user's positives a share, drawn at random, is train, and the rest validation; there is no test. Leaks the future
    /// more than any other, and is what many published tables stand on.</summary>
    Random,

    /// <summary>The split that a prepared folder came with.</summary>
    Prepared,
}

/// <summary>Splits in words.</summary>
internal static class SplitKindWords
{
    /// <summary>Whether nobody trains on what comes after that on which anybody is judged.</summary>
    public static bool IsByTime(this SplitKind kind) => kind is SplitKind.GlobalTime or SplitKind.Prepared;

    /// <summary>The split as a person says it: "global time", "leave last out", "prepared".</summary>
    public static string InWords(this SplitKind kind) => kind switch
    {
        SplitKind.GlobalTime => "global time",
        SplitKind.LeaveLastOut => "leave last out",
        SplitKind.Random => "random",
        _ => "prepared",
    };
}

/// <summary>What a split did, so that it can be printed and checked.</summary>
/// <param name="Kind">The rule.</param>
/// <param name="PositivesRule">Which ratings count as positive, in words ("rating >= 4").</param>
/// <param name="MinimumTrainHistory">Train positives that a user needs to be evaluated.</param>
/// <param name="TrainEnd">Latest train timestamp (unix seconds), or null when there is none.</param>
/// <param name="ValidationStart">Earliest validation timestamp (unix seconds).</param>
/// <param name="ValidationEnd">Latest validation timestamp (unix seconds).</param>
/// <param name="TestStart">Earliest test timestamp (unix seconds).</param>
/// <param name="TestEnd">Latest test timestamp (unix seconds).</param>
/// <param name="Warnings">What a reader must know before trusting the figures.</param>
public sealed record SplitReport(
    SplitKind Kind, string PositivesRule, int MinimumTrainHistory,
    long? TrainEnd, long? ValidationStart, long? ValidationEnd, long? TestStart, long? TestEnd,
    IReadOnlyList<string> Warnings)
{
    /// <summary>What is judged as validation, in a word: after a refit it is test.</summary>
    public string Judged { get; init; } = "Validation";

    /// <summary>Whether the source has times; without them the order of its rows stands for time where one is needed.</summary>
    public bool HasTimes { get; init; } = true;

    /// <summary>What became of the positives of each held-out part that has any.</summary>
    public IReadOnlyList<HeldOutCount> HeldOut { get; init; } = [];

    /// <summary>Share of the validation positives whose user train does not know.</summary>
    public double UnknownUsers { get; init; }
}

/// <summary>How many of a held-out part's positives are judged, and why the others are not.</summary>
/// <param name="Name">"validation" or "test".</param>
/// <param name="All">Positives of the part.</param>
/// <param name="Judged">Those that a ranking can reach.</param>
/// <param name="IsJudged">Whether every judgement is on this part; test is judged when all choices are made.</param>
/// <param name="Reasons">What became of the others: sentences that <see cref="SplitReport.Warnings"/> has too.</param>
public sealed record HeldOutCount(string Name, int All, int Judged, bool IsJudged, IReadOnlyList<string> Reasons);

/// <summary>A data set ready for training: catalogue, split positives and, when the source has them, titles.</summary>
public sealed record RecommenderData
{
    /// <summary>Short name for people ("ml-1m-positives", "synthetic-small").</summary>
    public required string Name { get; init; }

    /// <summary>SHA-256 (hex) over catalogue and split: two runs compare only when it is equal.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>Users by index.</summary>
    public required IdCatalogue Users { get; init; }

    /// <summary>Items by index.</summary>
    public required IdCatalogue Items { get; init; }

    /// <summary>Item titles by index, or null when the source has none; single entries may be null.</summary>
    public string?[]? ItemTitles { get; init; }

    /// <summary>Features of users, or null when none were asked for.</summary>
    public SideFeatures? UserFeatures { get; init; }

    /// <summary>Features of items, or null when none were asked for.</summary>
    public SideFeatures? ItemFeatures { get; init; }

    /// <summary>Train positives in time order.</summary>
    public required InteractionLog Train { get; init; }

    /// <summary>Validation positives of evaluated users, inside the catalogue, in time order.</summary>
    public required InteractionLog Validation { get; init; }

    /// <summary>Test positives of evaluated users, inside the catalogue, in time order; empty when there are none.</summary>
    public required InteractionLog Test { get; init; }

    /// <summary>Users who are left out of train, validation and test, and judged apart; null when nobody is.</summary>
    public ColdUsers? Cold { get; init; }

    /// <summary>Per user, validation positives whose item is not in the catalogue: no ranking can reach
    /// them, and they count as misses.</summary>
    public int[] ValidationUnreachable { get; init; } = [];

    /// <summary>Per user, test positives whose item is not in the catalogue.</summary>
    public int[] TestUnreachable { get; init; } = [];

    /// <summary>What the split did.</summary>
    public required SplitReport Split { get; init; }
}

/// <summary>Input that cannot be used. The message is one sentence for a person: what, where, what was expected.</summary>
public sealed class DataException(string message, Exception? inner = null) : Exception(message, inner);
