using TwoTower.Model.Evaluation;
using TwoTower.Node.Plots;

namespace TwoTower.Node.Diagnosis;

/// <summary>How bad a finding is whose cost is not measured, worst first: findings are ranked by it
/// behind those with a measured cost.</summary>
internal enum Severity
{
    /// <summary>The figures do not mean what they seem to: nothing else can be concluded before it is mended.</summary>
    Invalid,

    /// <summary>A model can be expected to lose by it, or has visibly lost.</summary>
    Harmful,

    /// <summary>Something is left on the table.</summary>
    Weak,

    /// <summary>Good to know.</summary>
    Note,
}

/// <summary>One number that a finding stands on.</summary>
/// <param name="What">What is measured.</param>
/// <param name="Value">The value.</param>
/// <param name="ComparedTo">What it is to be held against, in words; null when it stands for itself.</param>
internal sealed record Evidence(string What, double Value, string? ComparedTo);

/// <summary>What to do.</summary>
/// <param name="Text">In words.</param>
/// <param name="Settings">The settings that mend it; empty when no settings do.</param>
internal sealed record Advice(string Text, IReadOnlyList<(string Key, string Value)> Settings)
{
    /// <summary>Advice that no settings carry out.</summary>
    public static Advice Only(string text) => new(text, []);
}

/// <summary>What a fault costs, measured.</summary>
/// <param name="Metric">The masked validation metric, such as <c>recall@10</c>.</param>
/// <param name="Lost">What is gained where the fault is mended, with its interval by the paired bootstrap over users.</param>
/// <param name="How">How it was measured, in a few words.</param>
internal sealed record Cost(string Metric, Interval Lost, string How)
{
    /// <summary>What the same change gains on other windows; null where it was not tried there.</summary>
    public WindowedGain? OverWindows { get; init; }

    /// <summary>Whether the change may be advised: it gained here, and where it was tried on other
    /// windows it gained on their mean too.</summary>
    public bool IsAdvised => Lost.Value > 0 && (OverWindows is null || OverWindows.Gained.Value > 0);
}

/// <summary>What a change of settings gains on windows other than a subject's own.</summary>
/// <param name="Windows">Their names, such as <c>1/3</c>, the earliest first.</param>
/// <param name="Gained">Mean over the windows, with its interval: users are drawn anew inside each
/// window, and every window counts alike.</param>
/// <param name="Ahead">On how many of them the change was ahead.</param>
internal sealed record WindowedGain(IReadOnlyList<string> Windows, Interval Gained, int Ahead);

/// <summary>What a check has found.</summary>
/// <param name="Check">Name of the check.</param>
/// <param name="Headline">The finding in one sentence.</param>
/// <param name="Evidence">The numbers.</param>
/// <param name="Advice">What to do.</param>
internal sealed record Finding(string Check, string Headline, IReadOnlyList<Evidence> Evidence, Advice Advice)
{
    /// <summary>What it costs; null when that is not measured.</summary>
    public Cost? RecallCost { get; init; }

    /// <summary>Why there is no cost: the end of "not measured"; null when there is one.</summary>
    public string? WhyNoCost { get; init; }

    /// <summary>How bad it is when its cost is not measured.</summary>
    public Severity Severity { get; init; } = Severity.Weak;

    /// <summary>Plots for the page.</summary>
    public IReadOnlyList<Chart> Plots { get; init; } = [];
}
