using System.Globalization;
using System.Text;
using TwoTower.Model.Data;
using TwoTower.Node.Display;
using TwoTower.Node.Reproductions.Windows;

namespace TwoTower.Node.Reproductions.Worlds;

/// <summary>docs/world.md: the default world beside MovieLens-1M, and ten worlds' verdicts.</summary>
internal sealed class WorldPage(SyntheticProfile profile, WorldTargets target, WorldTargets reached, IReadOnlyList<MeasuredWorld> worlds,
    MeasuredWorld? sized, ReproductionReport report)
{
    private static readonly Dictionary<string, string> s_names = new(StringComparer.Ordinal)
    {
        ["popularity"] = "popularity",
        ["recentPopularity"] = "recent popularity",
        ["itemKnn"] = "item kNN",
        ["ease"] = "EASE",
        ["implicitAls"] = "iALS",
        [MeasuredWorld.Model] = "**two towers**",
    };

    /// <summary>Writes the page.</summary>
    /// <param name="folder">Where.</param>
    /// <param name="command">The command that made it.</param>
    public void Write(string folder, string command)
    {
        var page = new StringBuilder();
        void Line(FormattableString text) => page.Append(text.ToString(CultureInfo.InvariantCulture)).Append('\n');
        Line($"# Is the synthetic world like what it stands for?\n");
        Line($"Made by `{command}`: the default world (`data.profile={profile.Name}`) of seeds 1 to {worlds.Count} beside MovieLens-1M's positives. {(report.Passes ? "Everything below holds." : "**Not everything below holds.**")}\n");
        foreach (var remark in report.Remarks)
        {
            Line($"- {remark}");
        }

        Line($"- The parameters were found by a seeded search (`twotower reproduce world-fit --full`) on worlds of other seeds; it minimises the mean of squared logs of reached over target, of the shape and of the ratios of rankings. Distance here: {target.Distance(reached):0.0000}; 0.01 is a tenth off.");
        Line($"\n## What was checked\n\n| measure | wanted | here | |\n|---|---|---|---|");
        foreach (var row in report.Rows)
        {
            Line($"| {row.Measure} | {row.Published} | {row.Ours:0.####} | {(row.Passes ? "holds" : "**fails**")} |");
        }

        Line($"\n## Ratios of rankings\n\nMean masked metrics over {worlds.Count} worlds; in brackets over that of popularity, here and on MovieLens-1M.\n");
        Line($"| ranking |{string.Concat(WindowStudy.Metrics.Select(metric => $" {metric} |"))}\n|---|{string.Concat(WindowStudy.Metrics.Select(_ => "---|"))}");
        foreach (var ranking in MeasuredWorld.Compared)
        {
            Line($"| {s_names[ranking]} |{string.Concat(WindowStudy.Metrics.Select(metric => Cell(ranking, metric)))}");
        }

        Line($"| oracle |{string.Concat(WindowStudy.Metrics.Select(metric => string.Create(CultureInfo.InvariantCulture, $" {worlds.Average(world => world.Mean(MeasuredWorld.Truth, metric)):0.0000} |")))}");
        Line($"\nThe pair of rankings whose ratio is farthest from that on MovieLens-1M:\n\n| metric | pair | off by |\n|---|---|---|");
        foreach (var metric in WindowStudy.Metrics)
        {
            var (one, other, off) = target.Farthest(reached, metric);
            Line($"| {metric} | {s_names[one]} over {s_names[other]} | {off:0.0%} |");
        }

        if (sized is not null)
        {
            var means = WorldTargets.Of([sized]);
            Line($"\nThe same law at the size of MovieLens-1M ({SyntheticProfile.MovieLens1M.Users:#,0} users, {SyntheticProfile.MovieLens1M.Items:#,0} items, {SyntheticProfile.MovieLens1M.Ratings:#,0} ratings; one world), over popularity: {string.Join("; ", new[] { "recall@50", "recall@100" }
                .Select(metric => $"{metric} {string.Join(", ", MeasuredWorld.Compared.Where(ranking => ranking != "popularity").Select(ranking => string.Create(CultureInfo.InvariantCulture, $"{s_names[ranking]} {means.Means[ranking][metric] / means.Means["popularity"][metric]:0.00}")))}"))}.");
        }

        Line($"\n## Shape\n\n| figure | MovieLens-1M | world | ratio |\n|---|---|---|---|");
        foreach (var (name, value) in target.Shape)
        {
            Line($"| {name} | {value:0.0000} | {reached.Shape[name]:0.0000} | {reached.Shape[name] / value:0.00} |");
        }

        foreach (var metric in WindowStudy.Metrics)
        {
            Line($"\n## Verdicts by {metric}\n\n| world | users | two towers | best baseline | difference | verdict | oracle | of the way |\n|---|---|---|---|---|---|---|---|");
            foreach (var (verdict, n) in worlds.Select((world, n) => (WorldVerdict.Of(world, metric), n)))
            {
                Line($"| {n + 1} | {verdict.Users} | {verdict.Value:0.0000} | {s_names[verdict.Best]} {verdict.BestValue:0.0000} | {DifferenceText.Signed(verdict.Difference.Value)} {DifferenceText.Range(verdict.Difference)} | {verdict.Word} | {verdict.Oracle:0.0000} | {verdict.Share:0%} |");
            }

            if (worlds.Count > 1)
            {
                Line($"\nMean over the worlds of two towers minus a baseline, with Student's interval: {string.Join("; ", MeasuredWorld.Compared.Where(ranking => ranking != MeasuredWorld.Model).Select(baseline => (Name: s_names[baseline], Mean: WorldStudy.Student(worlds, baseline, metric))).Select(row => $"{row.Name} {DifferenceText.Signed(row.Mean.Value)} {DifferenceText.Range(row.Mean)}"))}.");
            }
        }

        Line($"\n## Parameters\n\n| parameter | value |\n|---|---|\n| size | {profile.Users:#,0} users, {profile.Items:#,0} items, {profile.Ratings:#,0} ratings, {profile.Days} days, {profile.Genres} genres of {profile.NichesPerGenre} niches |\n| ratings of the least active user | {profile.FewestRatings} |");
        foreach (var parameter in WorldParameter.All)
        {
            Line($"| {parameter.Name} | {parameter.Read(profile)} |");
        }

        MarkdownPage.Write(Path.Combine(folder, "world.md"), page.ToString());
    }

    /// <summary>How far the farthest of two sets of figures is: 0.05 where one is 5 % above or below the other.</summary>
    public static double FarthestFigure(WorldTargets one, WorldTargets other) =>
        one.Shape.Select(figure => (figure.Value, Other: other.Shape[figure.Key]))
            .Concat(one.Means.SelectMany(ranking =>
                ranking.Value.Select(metric => (metric.Value, Other: other.Means[ranking.Key][metric.Key])))).Max(pair => Math.Exp(
                Math.Abs(Math.Log(pair.Other / pair.Value))) - 1);

    private string Cell(string ranking, string metric) => string.Create(
        CultureInfo.InvariantCulture,
        $" {reached.Means[ranking][metric]:0.0000} ({reached.Means[ranking][metric] / reached.Means["popularity"][metric]:0.00}, {target.Means[ranking][metric] / target.Means["popularity"][metric]:0.00}) |");
}
