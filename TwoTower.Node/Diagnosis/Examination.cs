namespace TwoTower.Node.Diagnosis;

/// <summary>A diagnosis.</summary>
/// <param name="Subject">What was looked at.</param>
/// <param name="Findings">What was found, the dearest first.</param>
/// <param name="Silent">Checks that looked and found nothing.</param>
/// <param name="NotLooked">Checks that could not look.</param>
internal sealed record DiagnosisResult(DiagnosisSubject Subject, IReadOnlyList<Finding> Findings, IReadOnlyList<ICheck> Silent,
    IReadOnlyList<NotLooked> NotLooked);

/// <summary>Runs checks over a subject, measures what their findings cost, and ranks them.</summary>
internal static class Examination
{
    /// <summary>Runs all checks; one that cannot look leaves the others alone.</summary>
    public static DiagnosisResult Of(DiagnosisSubject subject, IEnumerable<ICheck> checks)
    {
        var (findings, silent, notLooked) = (new List<Finding>(), new List<ICheck>(), new List<NotLooked>());
        foreach (var check in checks)
        {
            try
            {
                if (check.Look(subject) is { } finding)
                {
                    findings.Add(finding);
                }
                else
                {
                    silent.Add(check);
                }
            }
            catch (NotLookedException reason)
            {
                notLooked.Add(new NotLooked(check, reason.Message));
            }
            catch (Exception failure) when (failure is ArithmeticException or AggregateException { InnerException: ArithmeticException })
            {
                notLooked.Add(new NotLooked(check, $"a number in it is not finite ({failure.GetBaseException().Message.TrimEnd('.')})"));
            }
        }

        return new DiagnosisResult(subject, Ranked(findings), silent, notLooked);
    }

    /// <summary>Measures the cost of every finding whose advice is a change of settings, by training again with only that change, on the
    /// subject's own split and on each of its windows; changes that are the same are trained once.</summary>
    /// <param name="result">The diagnosis so far.</param>
    /// <param name="counterfactuals">Trains; null leaves the trainings out.</param>
    /// <param name="say">Is told how many trainings there are, and of each before it begins.</param>
    public static async Task<DiagnosisResult> MeasureAsync(DiagnosisResult result, ICounterfactuals? counterfactuals, Action<string> say)
    {
        var changes = new ChangeTrials(result.Subject, counterfactuals, say);
        changes.Announce([.. result.Findings.Where(IsDue)]);
        var findings = new List<Finding>();
        foreach (var finding in result.Findings)
        {
            findings.Add(IsDue(finding) ? await changes.MeasureAsync(finding).ConfigureAwait(false) : finding);
        }

        return result with { Findings = Ranked(findings) };
    }

    /// <summary>A change of settings in words.</summary>
    public static string ChangeText(IEnumerable<(string Key, string Value)> changes) =>
        string.Join(", ", changes.Select(change => $"{change.Key}={change.Value}"));

    /// <summary>The dearest first: those with a measured cost, largest first; then those without a measured cost by severity; last those
    /// that were mended and gained nothing by it, or nothing on other windows.</summary>
    public static IReadOnlyList<Finding> Ranked(IEnumerable<Finding> findings) =>
    [
        .. findings
            .OrderBy(finding => finding.RecallCost is { } cost ? cost.IsAdvised ? 0 : 2 : 1)
            .ThenByDescending(finding => finding.RecallCost?.Lost.Value ?? 0)
            .ThenBy(finding => finding.RecallCost is null ? finding.Severity : Severity.Invalid),
    ];

    private static bool IsDue(Finding finding) => finding.RecallCost is null && finding.WhyNoCost is null;
}
