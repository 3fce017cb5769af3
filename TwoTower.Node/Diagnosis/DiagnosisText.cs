using System.Globalization;
using TwoTower.Node.Display;

namespace TwoTower.Node.Diagnosis;

/// <summary>A diagnosis in 80 columns of plain text.</summary>
internal static class DiagnosisText
{
    /// <summary>Writes it.</summary>
    public static void Write(TextWriter to, DiagnosisResult result)
    {
        var subject = result.Subject;
        to.WriteLine();
        to.WriteLine(Paragraph.Wrap($"Diagnosis of {subject.Title}", 2));
        if (subject.Tasks.Validation.Users.Length > 0)
        {
            foreach (var row in subject.Model is null ? subject.Baselines.Bars : subject.Baselines.Bars.Append(subject.Model))
            {
                to.WriteLine(
                    FormattableString.Invariant(
                    $"  {row.Name,-28} masked {subject.CostMetric} {row.Masked.Mean(subject.CostMetric):0.0000}, ")
                    + FormattableString.Invariant($"raw {row.Raw.Mean(subject.CostMetric):0.0000}"));
            }
        }

        foreach (var window in subject.JudgedWindows)
        {
            var (model, best) =
                (window.Model!.Masked.Mean(subject.CostMetric), window.Baselines.Bars.MaxBy(bar => bar.Masked.Mean(subject.CostMetric))!);
            to.WriteLine(
                Paragraph.Wrap(
                FormattableString.Invariant(
                $"  on window {window.Window}: two towers {model:0.0000}, {best.Name} {best.Masked.Mean(subject.CostMetric):0.0000}"), 4));
        }

        foreach (var note in subject.Baselines.Notes)
        {
            to.WriteLine(Paragraph.Wrap($"  note: {note}", 4));
        }

        for (var n = 0; n < result.Findings.Count; n++)
        {
            to.WriteLine();
            Write(to, n + 1, result.Findings[n]);
        }

        to.WriteLine();
        if (result.Findings.Count == 0)
        {
            to.WriteLine("Nothing found.");
        }

        if (result.Silent.Count > 0)
        {
            to.WriteLine(Paragraph.Wrap($"Looked and found nothing: {string.Join(", ", result.Silent.Select(check => check.Name))}.", 2));
        }

        foreach (var group in result.NotLooked.GroupBy(check => check.Reason))
        {
            to.WriteLine(Paragraph.Wrap($"Not looked, because {group.Key}: {string.Join(", ", group.Select(check => check.Check.Name))}.",
                2));
        }
    }

    /// <summary>A cost, or why there is none, as a phrase.</summary>
    public static string CostText(Finding finding) => finding.RecallCost is not { } cost
        ? $"cost not measured: {finding.WhyNoCost}"
        : (cost.Lost.Value > 0
            ? FormattableString.Invariant(
                $"costs {cost.Lost.Value:0.0000} of {cost.Metric} {DifferenceText.Range(cost.Lost)}{(cost.Lost.Low > 0 ? string.Empty : ", which may be chance")}; {cost.How}")
            : FormattableString.Invariant(
                $"costs nothing here: {cost.Metric} {DifferenceText.Signed(cost.Lost.Value)} {DifferenceText.Range(cost.Lost)}; {cost.How}")) + WindowsText(cost);

    /// <summary>A number with as many digits as it is worth.</summary>
    public static string Number(double value) => !double.IsFinite(value)
        ? "-"
        : Math.Abs(value) >= 1000 ? value.ToString("#,0", CultureInfo.InvariantCulture)
        : value == Math.Round(value) && Math.Abs(value) >= 1 ? value.ToString("0", CultureInfo.InvariantCulture)
        : value.ToString(Math.Abs(value) >= 100 ? "0.0" : Math.Abs(value) >= 1 ? "0.00" : Math.Abs(value) >= 1e-4 || value == 0
            ? "0.0000" : "0.0e+0", CultureInfo.InvariantCulture);

    private static string WindowsText(Cost cost) => cost.OverWindows is not { } others
        ? string.Empty
        : string.Create(CultureInfo.InvariantCulture,
            $"; on window{(others.Windows.Count == 1 ? string.Empty : "s")} {string.Join(", ", others.Windows)} it gains {DifferenceText.Signed(others.Gained.Value)} {DifferenceText.Range(others.Gained)}, ahead on {others.Ahead} of {others.Windows.Count}: ")
            + (others.Gained.Value <= 0 ? "not advised" : !cost.IsAdvised ? "not advised, for it gains nothing here" : others.Gained.Low > 0
                ? "it holds there" : "there it may be chance");

    private static void Write(TextWriter to, int number, Finding finding)
    {
        to.WriteLine(Paragraph.Wrap(string.Create(CultureInfo.InvariantCulture, $"{number,2}. {finding.Headline}"), 4));
        to.WriteLine(Paragraph.Wrap($"    {CostText(finding)}", 6));
        foreach (var evidence in finding.Evidence)
        {
            to.WriteLine(
                Paragraph.Wrap(
                $"    - {evidence.What}: {Number(evidence.Value)}{(evidence.ComparedTo is null ? string.Empty : evidence.ComparedTo.StartsWith('[') ? $" {evidence.ComparedTo}" : $" ({evidence.ComparedTo})")}", 6));
        }

        to.WriteLine(Paragraph.Wrap($"    > {finding.Advice.Text}", 6));
        if (finding.Advice.Settings.Count > 0 && finding.RecallCost is not { OverWindows: not null, IsAdvised: false })
        {
            to.WriteLine(
                Paragraph.Wrap(
                $"      {string.Join(' ', finding.Advice.Settings.Select(setting => $"--set {setting.Key}={setting.Value}"))}", 6));
        }
    }
}
