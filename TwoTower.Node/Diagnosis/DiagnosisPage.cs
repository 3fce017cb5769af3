using System.Globalization;
using System.Net;
using System.Text;
using TwoTower.Model.Storage;
using TwoTower.Node.Plots;

namespace TwoTower.Node.Diagnosis;

/// <summary>A diagnosis as one HTML page that asks nobody for anything: styles and charts are in it.</summary>
internal static class DiagnosisPage
{
    private const string Style = """

        .finding{margin:1.5rem 0;padding:.2rem 0 .2rem 1rem;border-left:4px solid var(--faint)}.finding h3{font-size:1.05rem;margin:.2rem 0}.finding.costs{border-color:var(--line2)}
        .cost{font-weight:600;color:var(--ink);margin:.2rem 0}.advice{color:var(--ink)}.words td,.words th{text-align:left;white-space:normal}.words td:nth-child(2){white-space:nowrap}.checks td:nth-child(2){white-space:normal}.charts{margin:1rem 0}
        """;

    /// <summary>Writes the page.</summary>
    public static void Write(DiagnosisResult result, string path) => AtomicFile.WriteText(path, Html(result));

    /// <summary>The page's text.</summary>
    public static string Html(DiagnosisResult result)
    {
        var page = new StringBuilder();
        var subject = result.Subject;
        page.Append("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
            + "content=\"width=device-width,initial-scale=1\"><title>TwoTower diagnosis</title>\n<style>\n")
            .Append(PageStyle.Css).Append(Style).Append("\n</style></head><body>\n");
        page.Append("<h1>Diagnosis of ").Append(Text(subject.Title)).Append("</h1>\n");
        Paragraph(page,
            string.Create(CultureInfo.InvariantCulture,
            $"Data {subject.Data.Name}: {subject.Data.Users.Count:#,0} users, {subject.Data.Items.Count:#,0} items, {subject.Data.Train.Count:#,0} train positives; {subject.Tasks.Validation.Users.Length:#,0} users are evaluated. Costs are differences of masked {subject.CostMetric} over the same users with 95 % intervals by the paired bootstrap; findings stand in order of cost, then of severity."));
        Rankings(page, result);
        Windows(page, subject);
        page.Append("<h2>Findings</h2>\n");
        if (result.Findings.Count == 0)
        {
            Paragraph(page, "Nothing found.");
        }

        for (var n = 0; n < result.Findings.Count; n++)
        {
            Finding(page, n + 1, result.Findings[n]);
        }

        page.Append("<h2>Other checks</h2>\n");
        Table(page, "words checks", ["check", "question", "result"],
        [
            .. result.Silent.Select(check => new[] { check.Name, check.Question, "nothing found" }),
            .. result.NotLooked.Select(check => new[] { check.Check.Name, check.Check.Question, $"not looked, because {check.Reason}" }),
        ]);
        foreach (var note in subject.Data.Split.Warnings.Concat(subject.Baselines.Notes))
        {
            Paragraph(page, note);
        }

        Settings(page, subject);
        return page.Append("</body></html>\n").ToString();
    }

    private static void Rankings(StringBuilder page, DiagnosisResult result)
    {
        var subject = result.Subject;
        string[] metrics = [.. subject.Tasks.Cutoffs.Select(k => $"recall@{k}"), $"ndcg@{subject.CostCutoff}"];
        Table(page, "numbers", ["ranking", .. metrics.Select(metric => $"masked {metric}"), $"raw {subject.CostMetric}"],
            (subject.Model is null ? subject.Baselines.Results : subject.Baselines.Results.Append(subject.Model))
                .Select(row => (string[])[row.Name, .. metrics.Select(metric => Four(row.Masked.Mean(metric))),
                    Four(row.Raw.Mean(subject.CostMetric))]));
    }

    private static void Windows(StringBuilder page, DiagnosisSubject subject)
    {
        if (subject.JudgedWindows is { Count: > 0 } windows)
        {
            Table(page, "numbers", [$"masked {subject.CostMetric} on other windows", "two towers", "best baseline", "which"],
                windows.Select(window =>
                    window.Baselines.Bars.MaxBy(bar => bar.Masked.Mean(subject.CostMetric))! is var best
                        ? (string[])[window.Window!, Four(window.Model!.Masked.Mean(subject.CostMetric)),
                        Four(best.Masked.Mean(subject.CostMetric)), best.Name] : []));
        }
    }

    private static void Finding(StringBuilder page, int number, Finding finding)
    {
        page.Append("<section class=\"finding").Append(finding.RecallCost is { IsAdvised: true } ? " costs" : string.Empty)
            .Append("\">\n<h3>").Append(number).Append(". ").Append(Text(finding.Headline)).Append("</h3>\n");
        page.Append("<p class=\"cost\">").Append(Text(Sentence(DiagnosisText.CostText(finding)))).Append("</p>\n");
        Table(page, "words", ["evidence", "value", "compared to"],
            finding.Evidence.Select(evidence => new[] { evidence.What, DiagnosisText.Number(evidence.Value),
            evidence.ComparedTo ?? string.Empty }));
        page.Append("<p class=\"advice\">").Append(Text(finding.Advice.Text));
        if (finding.Advice.Settings.Count > 0 && finding.RecallCost is not { OverWindows: not null, IsAdvised: false })
        {
            page.Append("<br><code>")
                .Append(Text(string.Join(' ', finding.Advice.Settings.Select(setting => $"--set {setting.Key}={setting.Value}"))))
                .Append("</code>");
        }

        page.Append("</p>\n<div class=\"charts\">\n");
        foreach (var chart in finding.Plots.Where(chart => chart.HasPoints))
        {
            // ids are one namespace over the page
            var own = chart with { Name = string.Create(CultureInfo.InvariantCulture, $"f{number}-{chart.Name}") };
            page.Append("<figure>").Append(ChartDrawing.Inline(own)).Append("<figcaption>").Append(Text(chart.Caption))
                .Append("</figcaption></figure>\n");
        }

        page.Append("</div></section>\n");
    }

    private static void Settings(StringBuilder page, DiagnosisSubject subject)
    {
        if (subject.Settings is not { } settings)
        {
            return;
        }

        page.Append("<h2>Settings</h2>\n");
        Table(page, "words", ["setting", "value", "from"], settings.Notable()
            .Select(setting => new[] { setting.Key, setting.Read(settings.Values), settings.SourceOf(setting.Key) }));
        Paragraph(page, "All others are the program's defaults.");
    }

    private static void Table(StringBuilder page, string style, IReadOnlyList<string> head, IEnumerable<string[]> rows)
    {
        page.Append("<div class=\"wide\"><table class=\"").Append(style).Append("\"><thead><tr>")
            .AppendJoin(string.Empty, head.Select(cell => $"<th>{Text(cell)}</th>")).Append("</tr></thead><tbody>\n");
        foreach (var row in rows)
        {
            page.Append("<tr>").AppendJoin(string.Empty, row.Select(cell => $"<td>{Text(cell)}</td>")).Append("</tr>\n");
        }

        page.Append("</tbody></table></div>\n");
    }

    private static void Paragraph(StringBuilder page, string text) => page.Append("<p>").Append(Text(text)).Append("</p>\n");

    private static string Sentence(string phrase) => char.ToUpperInvariant(phrase[0]) + phrase[1..] + ".";

    private static string Four(double value) => value.ToString("0.0000", CultureInfo.InvariantCulture);

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}
