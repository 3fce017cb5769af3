using System.Globalization;
using System.Net;
using System.Text;
using TwoTower.Node.Plots;

namespace TwoTower.Node.Reports;

/// <summary>A report as one HTML page that asks nobody for anything.</summary>
internal static class ReportHtml
{
    private const string Style = """

        .words td,.words th{text-align:left;white-space:normal;overflow-wrap:anywhere}.words td:first-child{white-space:nowrap;vertical-align:top}
        @page{margin:16mm}@media print{body{padding:0;font-size:10pt}.charts{grid-template-columns:1fr 1fr}.wide td,.wide th{white-space:normal}}
        """;

    /// <summary>The page.</summary>
    /// <param name="title">Title of the window.</param>
    /// <param name="parts">What is in it.</param>
    public static string Render(string title, IEnumerable<ReportPart> parts)
    {
        var page = new StringBuilder(
            "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
            + "content=\"width=device-width,initial-scale=1\"><title>")
            .Append(Text(title)).Append("</title>\n<style>\n").Append(PageStyle.Css).Append(Style).Append("\n</style></head><body>\n");
        foreach (var part in parts)
        {
            switch (part)
            {
                case ReportPart.Heading heading:
                    page.Append(CultureInfo.InvariantCulture, $"<h{heading.Level}>{Text(heading.Text)}</h{heading.Level}>\n");
                    break;
                case ReportPart.Prose prose:
                    page.Append("<p>").Append(Text(prose.Text)).Append("</p>\n");
                    break;
                case ReportPart.Table table:
                    Append(page, table);
                    break;
                case ReportPart.Figures figures:
                    page.Append("<div class=\"charts\">\n");
                    foreach (var chart in figures.Charts)
                    {
                        page.Append("<figure>").Append(ChartDrawing.Inline(chart)).Append("<figcaption>").Append(Text(chart.Caption))
                            .Append("</figcaption></figure>\n");
                    }

                    page.Append("</div>\n");
                    break;
            }
        }

        return page.Append("</body></html>\n").ToString();
    }

    private static void Append(StringBuilder page, ReportPart.Table table)
    {
        page.Append("<div class=\"wide\"><table").Append(table.IsText ? " class=\"words\"" : string.Empty).Append("><thead><tr>")
            .AppendJoin(string.Empty, table.Head.Select(cell => $"<th>{Text(cell)}</th>")).Append("</tr></thead><tbody>\n");
        foreach (var row in table.Rows)
        {
            page.Append("<tr>").AppendJoin(string.Empty, row.Select(cell => $"<td>{Text(cell)}</td>")).Append("</tr>\n");
        }

        page.Append("</tbody></table></div>\n");
    }

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}
