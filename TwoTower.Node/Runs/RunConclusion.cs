using System.Globalization;
using TwoTower.Model.Data;
using TwoTower.Model.Evaluation;
using TwoTower.Node.Display;
using TwoTower.Node.Settings;

namespace TwoTower.Node.Runs;

/// <summary>The end of a run in words: what won, by how much, and what to try next, a command each.</summary>
/// <param name="Sentences">What won, and by how much.</param>
/// <param name="Next">What to try, each with its command.</param>
internal sealed record RunConclusion(IReadOnlyList<string> Sentences, IReadOnlyList<(string What, string Command)> Next)
{
    /// <summary>The conclusion of a run.</summary>
    /// <param name="model">The model.</param>
    /// <param name="baselines">The baselines.</param>
    /// <param name="verdict">What <see cref="RunVerdict"/> says of a run below a baseline; null when it is below none.</param>
    /// <param name="metric">The deciding metric.</param>
    /// <param name="data">The data.</param>
    /// <param name="run">The run's folder.</param>
    /// <param name="settings">The run's settings.</param>
    public static RunConclusion Of(Judged model, Baselines baselines, string? verdict, string metric, RecommenderData data, string run,
        ResolvedSettings settings)
    {
        var bars = baselines.Bars.Select(bar =>
            (bar.Name, Value: bar.Masked.Mean(metric), PairedDifference.Of(model.Masked, bar.Masked, metric).Difference)).ToArray();
        var best = bars.MaxBy(bar => bar.Value);
        var sentences = new List<string>();
        if (verdict is not null)
        {
            sentences.Add(verdict);
        }
        else
        {
            // The bar that is nearest to being as good decides, which need not be the one with the highest mean.
            var nearest = bars.MinBy(bar => bar.Difference.Low);
            var wins = nearest.Difference.Low > 0;
            sentences.Add(
                Text($"{(wins ? "Two towers win" : "No winner")}: {metric} {model.Masked.Mean(metric):0.0000}, ")
                + Text($"and {best.Name} {best.Value:0.0000}."));
            sentences.Add(
                Text($"The difference from {(wins ? best : nearest).Name} is {DifferenceText.Signed((wins ? best : nearest).Difference.Value)} {DifferenceText.Range((wins ? best : nearest).Difference)}{(wins ? string.Empty : ", which has 0 in it")}."));
        }

        if (baselines.ShareOfTheWay(model, metric) is { } share)
        {
            sentences.Add(
                Text($"The oracle has {baselines.Oracle!.Masked.Mean(metric):0.0000}: two towers went {share:0%} of the way from ")
                + Text($"popularity to it."));
        }

        return new RunConclusion(sentences,
            [.. Steps(model, verdict is null && bars.All(bar => bar.Difference.Low > 0), data, run, settings)]);
    }

    /// <summary>Writes it in 80 columns.</summary>
    public void Write(TextWriter to)
    {
        to.WriteLine();
        foreach (var sentence in Sentences)
        {
            to.WriteLine(Paragraph.Wrap(sentence, 2));
        }

        to.WriteLine("What to try next:");
        foreach (var (what, command) in Next)
        {
            to.WriteLine($"  {what}");
            to.WriteLine($"    {command}"); // not wrapped: it is to be copied
        }
    }

    private static IEnumerable<(string What, string Command)> Steps(Judged model, bool wins, RecommenderData data, string run,
        ResolvedSettings settings)
    {
        var folder = InspectionHint.Quoted(Path.GetRelativePath(Environment.CurrentDirectory, run) is var relative
            && relative.StartsWith("..", StringComparison.Ordinal) ? run : relative.Replace(Path.DirectorySeparatorChar, '/'));
        yield return ("what it recommends to a user, and why",
            $"twotower recommend --run {folder} --explain --user {InspectionHint.Quoted(data.Users.RawIds[model.Masked.Users[0]])}");
        yield return wins
            ? ("stronger baselines on the same users: item kNN, EASE, iALS",
                $"twotower baselines{InspectionHint.Arguments(settings, "--data ")}")
            : ("why it is no better, ranked by what it costs", $"twotower diagnose {folder}");
        if (settings.Values.Data.Path is not { } path)
        {
            yield return ("data of your own, or MovieLens as it came", "twotower train --data ml-1m.zip");
        }
        else if (data.Split.Kind.IsByTime())
        {
            yield return ("whether it holds on other stretches of time",
                $"twotower train --data {InspectionHint.Quoted(path)} --windows 4");
        }
        else
        {
            yield return ("whether it holds with other initial values", $"twotower train --data {InspectionHint.Quoted(path)} --seed 2");
        }
    }


    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
