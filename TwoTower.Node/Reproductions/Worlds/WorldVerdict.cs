using TwoTower.Model.Evaluation;
using TwoTower.Node.Display;

namespace TwoTower.Node.Reproductions.Worlds;

/// <summary>What one world says of the recommended recipe.</summary>
/// <param name="Best">The baseline with the highest mean.</param>
/// <param name="BestValue">Its mean.</param>
/// <param name="Value">That of two towers.</param>
/// <param name="Difference">Two towers minus it, by the paired bootstrap over users.</param>
/// <param name="Wins">Whether two towers are above every baseline, each interval leaving 0 out.</param>
/// <param name="Loses">Whether they are below any.</param>
/// <param name="Oracle">What the truth reaches.</param>
/// <param name="Share">The share of the way from popularity to it that two towers went.</param>
/// <param name="Users">Users who are judged.</param>
internal sealed record WorldVerdict(string Best, double BestValue, double Value, Interval Difference, bool Wins, bool Loses, double Oracle,
    double Share, int Users)
{
    /// <summary>In a line.</summary>
    public string Text => FormattableString.Invariant(
        $"two towers {Value:0.0000}, {Best} {BestValue:0.0000}, ")
            + FormattableString.Invariant(
            $"difference {DifferenceText.Signed(Difference.Value)} {DifferenceText.Range(Difference)}: {Word}; ")
            + FormattableString.Invariant($"oracle {Oracle:0.0000}, {Share:0%} of the way");

    /// <summary>In a word or three.</summary>
    public string Word => Wins ? "two towers win" : Loses ? "a baseline wins" : "no winner";

    /// <summary>The verdict of a world in a metric.</summary>
    public static WorldVerdict Of(MeasuredWorld world, string metric)
    {
        string[] baselines = [.. MeasuredWorld.Compared.Where(ranking => ranking != MeasuredWorld.Model)];
        var best = baselines.MaxBy(baseline => world.Mean(baseline, metric))!;
        var differences = baselines.ToDictionary(baseline => baseline, baseline => world.Difference(MeasuredWorld.Model, baseline, metric),
            StringComparer.Ordinal);
        var (model, oracle, popularity) = (world.Mean(MeasuredWorld.Model, metric), world.Mean(MeasuredWorld.Truth, metric),
            world.Mean("popularity", metric));
        return new WorldVerdict(
            best, world.Mean(best, metric), model, differences[best], differences.Values.All(difference => difference.Low > 0),
            differences.Values.Any(difference => difference.High < 0), oracle,
            (model - popularity) / (oracle - popularity), world.PerUser[MeasuredWorld.Model][metric].Length);
    }
}
