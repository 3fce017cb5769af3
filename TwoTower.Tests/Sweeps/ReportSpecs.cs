using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using TwoTower.Node.Plots;
using TwoTower.Node.Sweeps;
using TwoTower.Tests.Data;

namespace TwoTower.Tests.Sweeps;

public class ReportSpecs(Xunit.Abstractions.ITestOutputHelper output)
{
    private static readonly Chart s_chart = new("a-chart", "Batches & <targets>", "staleness", "over 0", [
        new ChartSeries("base", [new(0, 1), new(1, 1.25, 1.125, 1.5), new(2, 2, 1.5, 2.75)]),
        new ChartSeries("workers=4", [new(0, 1), new(1, 1.5)]),
    ])
    { Categories = ["0", "4", "16"], Reference = 1 };

    [Fact]
    public void A_drawing_is_a_png_and_an_svg_with_its_words_in_it()
    {
        using var folder = new TemporaryFolder();

        ChartDrawing.Save(s_chart, folder.Path);

        var png = File.ReadAllBytes(Path.Combine(folder.Path, "a-chart.png"));
        Assert.Equal("89504E47", Convert.ToHexString(png, 0, 4));
        var words = Words(XDocument.Load(Path.Combine(folder.Path, "a-chart.svg")));
        foreach (var word in new[] { "Batches & <targets>", "staleness", "over 0", "16", "base", "workers=4" })
        {
            Assert.Contains(word, words);
        }
    }

    [Fact]
    public void Letters_are_pixels_where_there_is_a_font()
    {
        if (!ChartDrawing.HasFonts)
        {
            output.WriteLine("Not run: this machine has no font at all.");
            return;
        }

        using var folder = new TemporaryFolder();
        ChartDrawing.Save(s_chart with { Name = "with" }, folder.Path);
        ChartDrawing.Save(s_chart with { Name = "without", Title = " " }, folder.Path);

        // Only the title is left away, so a picture that does not draw letters would be the same twice.
        Assert.NotEqual(File.ReadAllBytes(Path.Combine(folder.Path, "with.png")),
            File.ReadAllBytes(Path.Combine(folder.Path, "without.png")));
    }

    [Fact]
    public void An_interval_reaches_as_far_up_and_down_as_its_bounds()
    {
        var svg = ChartDrawing.Inline(s_chart with { Series = [new ChartSeries("one", [new(1, 2, 1.5, 3.5)])], Reference = null });

        // On the page ordinates grow downwards: the bar's top is its upper bound.
        var middle = double.Parse(Regex.Match(svg, "<ellipse [^>]*cy=\"([0-9.]+)\"").Groups[1].Value, CultureInfo.InvariantCulture);
        var bar = Regex.Match(svg, "<path [^>]*stroke=\"var\\(--line1\\)\" stroke-width=\"1.5\"[^>]* d=\"([^\"]*)\"").Groups[1].Value;
        var heights = Regex.Matches(bar, "[ML][0-9.]+ ([0-9.]+)")
            .Select(match => double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture)).ToArray();
        Assert.Equal(1.5 / 0.5, (middle - heights.Min()) / (heights.Max() - middle), 0.02);
    }

    [Fact]
    public void A_chart_in_a_page_has_ids_of_its_own_and_the_pages_colours()
    {
        var inline = ChartDrawing.Inline(s_chart);

        var ids = Regex.Matches(inline, " id=\"([^\"]*)\"").Select(match => match.Groups[1].Value).ToArray();
        Assert.All(ids, id => Assert.StartsWith("a-chart-", id, StringComparison.Ordinal));
        Assert.All(Regex.Matches(inline, "url\\(#([^)]*)\\)"), match => Assert.Contains(match.Groups[1].Value, ids));
        Assert.Contains("var(--line1)", inline, StringComparison.Ordinal);
        Assert.Contains("var(--ink)", inline, StringComparison.Ordinal);
        Assert.DoesNotMatch("(fill|stroke)=\"(#|black|white)", inline);
        Assert.Contains("Batches & <targets>", Words(XDocument.Parse(inline)));
    }

    [Fact]
    public void The_page_asks_nobody_for_anything_and_says_what_failed()
    {
        using var folder = new TemporaryFolder();
        var results = SweepResultsSpecs.Results((0, 1, [0.1, 0.2]), (0, 2, [0.1, 0.25]), (4, 1, [0.1, 0.2]), (4, 2, null));
        var path = Path.Combine(folder.Path, "report.html");

        SweepReport.Write(results, SweepCharts.Of(results), path);

        var page = File.ReadAllText(path);
        Assert.DoesNotMatch("(?i)https?:|src=|href=|@import|url\\((?!#)", page);
        Assert.Contains("it diverged", page, StringComparison.Ordinal);
        Assert.Contains("prefers-color-scheme:dark", page, StringComparison.Ordinal);
        Assert.Contains("@media print", page, StringComparison.Ordinal);
        Assert.Contains("Student", page, StringComparison.Ordinal);
        Assert.Contains("Not drawn: staleness=4 (1 runs missing)", page, StringComparison.Ordinal);
        Assert.True(Regex.Matches(page, "<svg ").Count >= 6);
    }

    [Fact]
    public void A_page_of_a_product_says_that_more_than_one_setting_differs()
    {
        using var folder = new TemporaryFolder();
        var plan = SweepPlanSpecs.Plan(["staleness=0,4", "workers=1,2"], draft => draft with { Vary = SweepVary.All });
        var results =
            new SweepResults(plan, [.. plan.Cells.Select(cell => new CellOutcome(cell, SweepResultsSpecs.Run([0.1, 0.2]), null))]);
        var text = new StringWriter();
        var path = Path.Combine(folder.Path, "report.html");

        SweepReport.Write(results, SweepCharts.Of(results), path);
        SweepTables.Print(text, results);

        Assert.Contains("staleness=4 workers=2 * (2 settings differ)", File.ReadAllText(path), StringComparison.Ordinal);
        Assert.Contains("More than one setting differs", text.ToString(), StringComparison.Ordinal);
        Assert.Contains("There is one seed", File.ReadAllText(path), StringComparison.Ordinal);
    }

    private static string[] Words(XDocument svg) =>
        [.. svg.Descendants().Where(element => element.Name.LocalName == "text").Select(element => element.Value.Trim())];
}
