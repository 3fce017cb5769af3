using System.Globalization;

namespace TwoTower.Model.Towers;

/// <summary>Whose positives say how recent and all-time popularity are mixed in the prior.</summary>
public enum PriorFit
{
    /// <summary>Nobody's: the prior is recent popularity alone.</summary>
    Off,

    /// <summary>Those of everybody.</summary>
    All,

    /// <summary>Those of users who were there before: whoever is ranked for has a past, and has seen what everybody sees first.</summary>
    Returning,
}

/// <summary>What a prior is made of: a logit is strength times (recent × log of recent popularity + all-time × log of all-time popularity).</summary>
/// <param name="Recent">Weight of recent popularity, as <see cref="ModelOptions.PriorWindow"/> counts it.</param>
/// <param name="AllTime">Weight of the popularity over all that came before; below 0, what rises is ahead of what has always been liked.</param>
/// <param name="Visits">How many visits the weights were fitted to: a user's positives between two moments of train are one.</param>
public readonly record struct PriorWeights(double Recent, double AllTime, int Visits)
{
    /// <summary>Recent popularity alone.</summary>
    public static PriorWeights Plain { get; } = new(1, 0, 0);

    /// <summary>The mixture in words and figures.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Recent:0.00} × log of recent popularity {(AllTime < 0 ? '−' : '+')} {Math.Abs(AllTime):0.00} × log of all-time popularity");
}
