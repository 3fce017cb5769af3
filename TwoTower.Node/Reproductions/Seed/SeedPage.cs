using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using TwoTower.Model.Data;
using TwoTower.Model.Data.Loading;
using TwoTower.Model.Evaluation;
using TwoTower.Model.Options;
using TwoTower.Model.Sampling;
using TwoTower.Model.Storage;
using TwoTower.Node.Ablations;
using TwoTower.Node.Display;
using TwoTower.Node.Plots;

namespace TwoTower.Node.Reproductions.Seed;

/// <summary>The page that answers the consultation: words from a template, every figure from the runs.</summary>
/// <param name="results">What the rows came to on validation.</param>
/// <param name="windows">What they came to on windows that roll forward.</param>
/// <param name="report">What was checked.</param>
/// <param name="folder">Where the runs are.</param>
/// <param name="context">The data and its path.</param>
internal sealed partial class SeedPage(AblationResults results, SeedWindows windows, ReproductionReport report, AblationFolder folder,
    ReproductionContext context)
{
    /// <summary>Name of the page.</summary>
    public const string Name = "why-popularity-wins";

    private readonly Lazy<(ItemNeighbours Near, RecommenderData Data)> _learned = new(() => Learned(results, folder, context));

    /// <summary>Writes the page and its plots.</summary>
    /// <param name="into">The folder.</param>
    /// <param name="command">The command that made it.</param>
    public void Write(string into, string command)
    {
        var plots = Path.Combine(into, Name);
        Directory.CreateDirectory(plots);
        foreach (var plot in report.Plots)
        {
            ChartDrawing.Save(plot, plots);
            File.Delete(Path.Combine(plots, $"{plot.Name}.png"));
        }

        MarkdownPage.Write(Path.Combine(into, $"{Name}.md"), Fill(Template(), command));
    }

    /// <summary>The template: Markdown in which <c>{{what of which}}</c> stands for figures.</summary>
    public static string Template()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"TwoTower.Node.Reproductions.Seed.{Name}.md")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    /// <summary>A template with its figures.</summary>
    /// <exception cref="FormatException">It asks for something that there is not.</exception>
    public string Fill(string template, string command) => Placeholder().Replace(template, match =>
    {
        var words = match.Groups[1].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return words switch
        {
            ["made"] => $"`{command}`",
            ["data"] => context.Data.Name,
            ["value", var row, var metric] => Number(results.Masked(row, metric).Value),
            ["interval", var row, var metric] => WithBounds(results.Masked(row, metric), signed: false),
            ["raw", var row, var metric] => Number(results.Raw(row, metric)),
            ["gain", var row, var other, var metric] => WithBounds(results.Difference(row, other, metric), signed: true),
            ["baseline", var name, var metric] => Number(results.Baseline(name, metric)),
            ["rawbaseline", var name, var metric] => Number(results.Baseline(name, metric, raw: true)),
            ["windows"] => windows.Count.ToString(CultureInfo.InvariantCulture),
            ["mean", var name, var metric] => Number(windows.Mean(name, metric)),
            ["lasting", var row, var other, var metric] => Lasting(row, other, metric),
            ["weights", var fit] => Weights(Enum.Parse<PriorFit>(fit, ignoreCase: true)),
            ["loss", var row, var epoch] => Number(results.LossByEpoch(row)[int.Parse(epoch, CultureInfo.InvariantCulture) - 1]),
            ["command", var row] => results.Ablation.CommandOf(results.Ablation[row], context.Data.Name),
            ["table", .. var rows] => Table(rows),
            ["ranked", .. var rows] => Ranked(rows),
            ["plot", var name] => Plot(name),
            ["checks"] => Checks(),
            ["remarks"] => string.Join('\n', report.Remarks.Select(remark => $"- {remark}")),
            ["agreement"] => string.Create(CultureInfo.InvariantCulture, $"{100 * _learned.Value.Near.SharedLabels(Genres, 10):0} %"),
            ["chance"] => string.Create(CultureInfo.InvariantCulture, $"{100 * ItemNeighbours.SharedByChance(Genres):0} %"),
            ["neighbours", .. var title] => Neighbours(string.Join(' ', title)),
            _ => throw new FormatException($"The template asks for '{match.Groups[1].Value}', which is nothing that the study knows."),
        };
    });

    private int[][] Genres => _learned.Value.Data.ItemFeatures!.Fields[0].ValuesOf;

    private string Table(string[] rows)
    {
        var text = new StringBuilder()
            .Append(CultureInfo.InvariantCulture,
            $"| change | from | recall@10 | recall@50 | NDCG@10 | mean of {windows.Count} windows: recall@10 | recall@50 | recall@50, "
            + $"difference over windows |\n|---|---|---|---|---|---|---|---|\n");
        foreach (var row in rows.Select(name => results.Ablation[name]))
        {
            string[] own = ["recall@10", "recall@50", "ndcg@10"];
            text.Append(CultureInfo.InvariantCulture,
                $"| {row.Change} (`{row.Name}`) "
                + $"| {row.Base ?? "—"} | {string.Join(" | ", own.Select(metric => Number(results.Masked(row.Name, metric).Value)))} | ");
            text.Append(CultureInfo.InvariantCulture,
                $"{Number(windows.Mean(row.Name, "recall@10"))} | {Number(windows.Mean(row.Name, "recall@50"))} | ");
            text.Append(row.Base is { } origin && results.Ablation.Selected.Any(other => other.Name == origin)
                ? Lasting(row.Name, origin, "recall@50") : string.Empty).Append(" |\n");
        }

        return text.ToString().TrimEnd('\n');
    }

    // By what they change in recall@10 over windows, the largest gain first.
    private string Ranked(string[] rows)
    {
        var text = new StringBuilder()
            .Append(CultureInfo.InvariantCulture,
            $"| change | recall@10, {windows.Count} windows | recall@50, {windows.Count} windows | over windows | recall@10, validation "
            + $"|\n|---|---|---|---|---|\n");
        foreach (var row in rows.Select(name => results.Ablation[name])
            .OrderByDescending(row => windows.Difference(row.Name, row.Base!, "recall@10").Value))
        {
            var (ten, fifty) = (windows.Difference(row.Name, row.Base!, "recall@10"), windows.Difference(row.Name, row.Base!, "recall@50"));
            text.Append(CultureInfo.InvariantCulture,
                $"| {row.Change} (`{row.Name}`) "
                + $"| {Lasting(row.Name, row.Base!, "recall@10")} | {Lasting(row.Name, row.Base!, "recall@50")} | {Verdict(ten, fifty)} | {WithBounds(results.Difference(row.Name, row.Base!, "recall@10"), signed: true)} |\n");
        }

        return text.ToString().TrimEnd('\n');
    }

    private string Weights(PriorFit fit)
    {
        var model = results.Ablation.SettingsOf(results.Ablation["recommended"], results.Ablation.Seeds[0]).Values.Training.Model with
        { PriorFit = fit };
        return ItemPrior.Of(model, new TrainingSet(context.Data.Users.Count, context.Data.Items.Count,
            context.Data.Train))!.Weights.ToString();
    }

    private string Lasting(string row, string other, string metric) =>
        string.Create(CultureInfo.InvariantCulture,
            $"{WithBounds(windows.Difference(row, other, metric), signed: true)}, ahead on {windows.Ahead(row, other, metric)}/{windows.Count}");

    private static string Verdict(Interval ten, Interval fifty) => (ten.ExcludesZero || fifty.ExcludesZero) switch
    {
        false => "no difference shown",
        _ when (ten is { ExcludesZero: true, Value: < 0 } || fifty is { ExcludesZero: true, Value: < 0 })
            && (ten is { ExcludesZero: true, Value: > 0 } || fifty is { ExcludesZero: true, Value: > 0 }) => "one better, one worse",
        _ => (ten.ExcludesZero ? ten : fifty).Value > 0 ? "**better**" : "**worse**",
    };

    private string Plot(string name)
    {
        var plot = report.Plots.FirstOrDefault(plot => plot.Name == name)
            ?? throw new FormatException($"The template asks for the plot '{name}', which there is not.");
        return $"![{plot.Title}]({Name}/{name}.svg)\n\n{plot.Caption}".TrimEnd();
    }

    private string Checks()
    {
        var text = new StringBuilder("| measure | expected | here | passes in | |\n|---|---|---|---|---|\n");
        foreach (var row in report.Rows)
        {
            text.Append(CultureInfo.InvariantCulture,
                $"| {row.Measure} | {row.Published} | {row.Ours:0.0000} | "
                + $"[{ReproductionPage.Bound(row.Low)}, {ReproductionPage.Bound(row.High)}] | {(row.Passes ? "pass" : "**fail**")} |\n");
        }

        return text.ToString().TrimEnd('\n');
    }

    private string Neighbours(string title)
    {
        var (near, data) = _learned.Value;
        var item = Array.FindIndex(data.ItemTitles!, other => other == title);
        return item < 0 ? throw new FormatException($"There is no item '{title}'.")
            : string.Join("; ", near.Of(item, 5).Select(other => data.ItemTitles![other.Item] ?? data.Items.RawIds[other.Item]));
    }

    private static (ItemNeighbours Near, RecommenderData Data) Learned(AblationResults results, AblationFolder folder,
        ReproductionContext context)
    {
        var run = results.Ablation["recommended"];
        var seed = results.Ablation.Seeds[0];
        var data = DataLoader.Load(new DataOptions { Path = context.DataPath, ItemFeatures = ["genres"] });
        var (embeddings, _, _) = EmbeddingFolder.Load(folder.RunOf(run, seed));
        return (new ItemNeighbours(embeddings.Items, embeddings.Dim, results.Ablation.SettingsOf(run, seed).Values.Training.Model.Dim),
            data);
    }

    private static string Number(double value) => value.ToString("0.0000", CultureInfo.InvariantCulture);

    private static string WithBounds(Interval interval, bool signed)
    {
        // a rounded −0 has no sign
        string Shown(double value) => (Math.Round(value, 4) + 0.0).ToString(signed ? "+0.0000;−0.0000;0.0000" : "0.0000",
            CultureInfo.InvariantCulture);
        return double.IsNaN(interval.Low) ? Shown(interval.Value)
            : $"{Shown(interval.Value)} [{Shown(interval.Low)}, {Shown(interval.High)}]";
    }

    [GeneratedRegex(@"\{\{([^}]+)\}\}")]
    private static partial Regex Placeholder();
}
