using System.Globalization;
using TwoTower.Model.Options;

namespace TwoTower.Model.Sampling;

/// <summary>What a prior is made of: a logit is strength times (recent × log of recent popularity + all-time
/// × log of all-time popularity).</summary>
/// <param name="Recent">Weight of recent popularity, as <see cref="ModelOptions.PriorWindow"/> counts it.</param>
/// <param name="AllTime">Weight of the popularity over all that came before; below 0, what rises is
/// ahead of what has always been liked.</param>
/// <param name="Visits">How many visits the weights were fitted to: a user's positives between two moments of train are one.</param>
internal readonly record struct PriorWeights(double Recent, double AllTime, int Visits)
{
    /// <summary>Recent popularity alone.</summary>
    public static PriorWeights Plain { get; } = new(1, 0, 0);

    /// <summary>The mixture in words and figures.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture,
        $"{Recent:0.00} × log of recent popularity {(AllTime < 0 ? '−' : '+')} {Math.Abs(AllTime):0.00} × log of all-time popularity");
}
