using System.Globalization;
using System.Text;
using TwoTower.Node.Display;
using TwoTower.Node.Plots;

namespace TwoTower.Node.Reproductions;

/// <summary>A reproduction as a page of Markdown with its plots beside it.</summary>
internal static class ReproductionPage
{
    /// <summary>Writes <c>NAME.md</c> and <c>NAME-PLOT.svg</c> into a folder.</summary>
    /// <param name="folder">Where; it is made.</param>
    /// <param name="reproduction">What was reproduced.</param>
    /// <param name="command">The command that made the page.</param>
    /// <param name="data">Name of the data.</param>
    /// <param name="report">What came out.</param>
    public static void Write(string folder, IReproduction reproduction, string command, string data, ReproductionReport report)
    {
        Directory.CreateDirectory(folder);
        if (report.Document is { } document)
        {
            document(folder, command);
            return;
        }

        var page = new StringBuilder();
        page.Append(CultureInfo.InvariantCulture, $"# {reproduction.Name}\n\n{reproduction.Claim}\n\nSource: {reproduction.Source}.\n\n");
        page.Append(CultureInfo.InvariantCulture,
            $"Made by `{command}` on {data}. {(report.Passes ? "Every figure lies in its band." : "**Not every figure lies in its band.**")}\n\n");
        page.Append("| measure | published | ours | passes in | |\n|---|---|---|---|---|\n");
        foreach (var row in report.Rows)
        {
            page.Append(CultureInfo.InvariantCulture,
                $"| {row.Measure} | {row.Published} | {row.Ours:0.####} | [{Bound(row.Low)}, {Bound(row.High)}] "
                + $"| {(row.Passes ? "pass" : "**fail**")} |\n");
        }

        foreach (var remark in report.Remarks)
        {
            page.Append(CultureInfo.InvariantCulture, $"\n- {remark}");
        }

        page.Append('\n');
        foreach (var plot in report.Plots)
        {
            var named = plot with { Name = $"{reproduction.Name}-{plot.Name}" };
            ChartDrawing.Save(named, folder);
            File.Delete(Path.Combine(folder, $"{named.Name}.png"));
            page.Append(CultureInfo.InvariantCulture, $"\n![{plot.Title}]({named.Name}.svg)\n");
        }

        MarkdownPage.Write(Path.Combine(folder, $"{reproduction.Name}.md"), page.ToString());
    }

    /// <summary>A bound of a band in words.</summary>
    public static string Bound(double value) => double.IsInfinity(value) ? "any" : value.ToString("0.####", CultureInfo.InvariantCulture);
}
