using System.Globalization;
using System.Text.Json.Nodes;
using TwoTower.Model;
using TwoTower.Model.Storage;
using TwoTower.Node.Display;
using TwoTower.Node.Plots;
using TwoTower.Node.Sweeps;
using TwoTower.Node.Telemetry;

namespace TwoTower.Node.Reports;

/// <summary>A report of one run, or of several side by side.</summary>
internal static class RunReport
{
    /// <summary>Names of what is written.</summary>
    public const string HtmlName = "report.html", MarkdownName = "report.md", PlotsName = "plots";

    private const int MostNotices = 40;

    private static readonly IReadOnlyDictionary<string, string> s_names = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["random"] = "random",
        ["popularity"] = "popularity",
        ["recentPopularity"] = "recent popularity",
        ["itemKnn"] = "item kNN",
        ["ease"] = "EASE",
        ["implicitAls"] = "iALS",
    };

    /// <summary>Writes a report, over an earlier one.</summary>
    /// <param name="runs">The runs; others are compared with the first.</param>
    /// <param name="folder">Where.</param>
    /// <exception cref="StorageException">It cannot be written.</exception>
    public static void Write(IReadOnlyList<ReportedRun> runs, string folder)
    {
        var parts = Parts(runs);
        try
        {
            var plots = Directory.CreateDirectory(Path.Combine(folder, PlotsName)).FullName;
            foreach (var chart in parts.OfType<ReportPart.Figures>().SelectMany(figures => figures.Charts))
            {
                ChartDrawing.Save(chart, plots);
            }

            AtomicFile.WriteText(Path.Combine(folder, HtmlName), ReportHtml.Render($"TwoTower: {Title(runs)}", parts));
            AtomicFile.WriteText(Path.Combine(folder, MarkdownName), ReportMarkdown.Render(parts, PlotsName));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new StorageException(
                $"The report cannot be written to '{folder}': {PlainReason.Of(failure)}; choose another folder with --out.",
                failure)
            { Writing = Directory.Exists(folder) };
        }
    }

    /// <summary>What is in a report.</summary>
    public static IReadOnlyList<ReportPart> Parts(IReadOnlyList<ReportedRun> runs) =>
    [
        new ReportPart.Heading(Title(runs), 1),
        .. Result(runs),
        .. runs.Count > 1 ? Comparison(runs) : [],
        new ReportPart.Heading("Charts"),
        new ReportPart.Figures(ReportCharts.Of(runs)),
        .. Protocol(runs),
        .. Settings(runs),
        .. Notices(runs),
        .. Environments(runs),
    ];

    private static string Title(IReadOnlyList<ReportedRun> runs) => runs.Count == 1 ? $"Run {runs[0].Name}" : $"{runs.Count} runs";

    private static IEnumerable<ReportPart> Result(IReadOnlyList<ReportedRun> runs)
    {
        yield return new ReportPart.Table(
            ["run", "ended", "recipe", "data", "workers, shards", "consistency", "best epoch", "examples/s", "seconds",
                "staleness: mean, p99, max"],
            [
                .. runs.Select(run => new[]
                {
                    run.Name, run.Record.StopReason, run.Config.Settings.Recipe, (string?)run.Summary["data"]!["name"] ?? "-",
                    $"{run.Record.Settings["train.workers"]}, {run.Record.Settings["train.shards"]}",
                    run.Record.Settings["train.consistency"],
                    run.Summary["best"] is { } best ? Number((double)best["epoch"]!, "0.##") : "-",
                    Number((double)run.Summary["throughput"]!["examplesPerSecond"]!, "#,0"), Number(run.Record.Seconds, "0.0")
                    + (run.Record.IsSimulated ? " virtual" : string.Empty),
                    $"{Number(run.Record.Staleness.Mean, "0.00")}, {Number(run.Record.Staleness.P99, "0")}, {Number(run.Record.Staleness.Max, "0")}",
                }),
            ]);
        yield return new ReportPart.Heading("Result");
        var metrics = runs[0].Metrics;
        var rows = new List<string[]>();
        foreach (var run in runs)
        {
            var prefix = runs.Count == 1 ? string.Empty : $"{run.Name}: ";
            if (run == runs[0] || run.Record.Fingerprint != runs[0].Record.Fingerprint)
            {
                rows.AddRange(
                    run.Baselines.Select(baseline => (string[])[prefix + NameOf(baseline.Key),
                    .. metrics.Select(metric => ReportedRun.ValueOf(baseline.Value, metric) is { } value
                    ? Number(value, "0.0000") : "-")]));
            }

            rows.Add([$"{prefix}two towers (best)",
                .. metrics.Select(metric => run.ModelValue(metric) is { } value ? DifferenceText.WithRange(value) : "-")]);
            if (run.Oracle is { } oracle)
            {
                rows.Add([$"{prefix}oracle: the truth of this world",
                    .. metrics.Select(metric => Number(ReportedRun.ValueOf(oracle, metric), "0.0000"))]);
                rows.Add([$"{prefix}two towers: way from popularity to the oracle",
                    .. metrics.Select(metric => Number((double?)oracle["shareOfTheWay"]?[metric], "0%"))]);
            }
        }

        yield return new ReportPart.Table(["masked, on validation", .. metrics], rows);
        var differences =
            runs.SelectMany(run =>
            run.Baselines.SelectMany(baseline =>
            metrics.Select(metric => (run, baseline.Key, metric, Difference: run.Difference(baseline.Key, metric))))).Where(row =>
            row.Difference is not null).ToArray();
        if (differences.Length > 0)
        {
            yield return new ReportPart.Prose(
                "The model minus a baseline on the same users, with 95 % intervals by the paired bootstrap. A winner is named where the "
                + "interval leaves 0 out.");
            yield return new ReportPart.Table(
                ["model minus", "metric", "difference", "interval", "verdict"],
                [.. differences.Select(row => new[] { (runs.Count == 1 ? string.Empty : $"{row.run.Name}: ") + NameOf(row.Key), row.metric,
                    DifferenceText.Signed(row.Difference!.Value.Value), DifferenceText.Range(row.Difference.Value),
                    DifferenceText.Verdict(row.Difference.Value, "model wins", "baseline wins") })]);
        }

        foreach (var cold in runs.Where(run => run.Summary["coldUsers"] is not null))
        {
            yield return new ReportPart.Prose(
                $"{cold.Name}: {cold.Summary["coldUsers"]!["users"]} users were left out of training and judged apart; summary.json has "
                + $"their metrics.");
        }
    }

    private static IEnumerable<ReportPart> Comparison(IReadOnlyList<ReportedRun> runs)
    {
        yield return new ReportPart.Heading($"Compared with {runs[0].Name}");
        foreach (var run in runs.Skip(1))
        {
            var comparison = RunComparison.Of(runs[0].Record, run.Record);
            yield return new ReportPart.Heading(run.Name, 3);
            yield return comparison.Settings.Count == 0
                ? new ReportPart.Prose("All settings are the same.")
                : new ReportPart.Table(["setting that differs", runs[0].Name, run.Name],
                    [.. comparison.Settings.Select(setting => new[] { setting.Key, setting.First ?? "-", setting.Second ?? "-" })],
                    IsText: true);
            yield return new ReportPart.Table(
                ["metric", runs[0].Name, run.Name, "difference", "interval", "verdict"],
                [
                    .. comparison.Metrics.Where(metric => runs[0].Metrics.Contains(metric.Metric)).Select(metric => new[]
                    {
                        metric.Metric, Number(metric.First, "0.0000"), Number(metric.Second, "0.0000"),
                        metric is { First: { } first, Second: { } second } ? DifferenceText.Signed(second - first) : "-",
                        metric.Difference is { } known ? DifferenceText.Range(known) : "-", metric.Difference is { } judged
                            ? DifferenceText.Verdict(judged, $"{run.Name} wins", $"{runs[0].Name} wins") : "not known",
                    }),
                ]);
            if (comparison.Unknown is { } reason)
            {
                yield return new ReportPart.Prose($"Significance is not known: {reason}.");
            }
        }

        yield return new ReportPart.Prose(
            "An interval says whether these models differ for users like these, not whether another seed would give the same.");
    }

    private static IEnumerable<ReportPart> Protocol(IReadOnlyList<ReportedRun> runs)
    {
        yield return new ReportPart.Heading("Protocol");
        foreach (var group in runs.GroupBy(run => run.Summary["protocol"]?.ToJsonString()))
        {
            if (runs.Select(run => run.Summary["protocol"]?.ToJsonString()).Distinct().Count() > 1)
            {
                yield return new ReportPart.Prose($"Of {string.Join(", ", group.Select(run => run.Name))}:");
            }

            var card = group.First().Summary["protocol"] as JsonObject ?? [];
            string Get(string key) => card[key]?.ToString() ?? "-";
            yield return new ReportPart.Table(["part", "rule"],
            [
                ["positives", Get("positives")], ["split", Get("split")], ["train", $"to {Get("trainEnd")}"],
                ["validation", $"{Get("validationStart")} to {Get("validationEnd")}"],
                ["ranking", $"{Get("candidates")} candidates, {Get("mask")}"],
                ["users", $"{Get("evaluableUsers")} with {Get("heldOutPositives")} held-out positives"], ["ties", Get("ties")],
                ["intervals", Get("interval")],
            ], IsText: true);
        }
    }

    private static IEnumerable<ReportPart> Settings(IReadOnlyList<ReportedRun> runs)
    {
        yield return new ReportPart.Heading("Settings that are not the default's");
        var notable = runs.Select(run => run.Config.Settings.Notable().Select(setting => setting.Key).ToHashSet(StringComparer.Ordinal))
            .ToArray();
        var keys = Node.Settings.SettingCatalogue.All.Where(setting => notable.Any(known => known.Contains(setting.Key)));
        yield return new ReportPart.Table(
            ["setting", .. runs.Select(run => run.Name)],
            [.. keys.Select(setting =>
                (string[])[setting.Key,
                .. runs.Select(run => $"{setting.Read(run.Config.Settings.Values)} ({run.Config.Settings.SourceOf(setting.Key)})")])],
                IsText: true);
    }

    private static IEnumerable<ReportPart> Notices(IReadOnlyList<ReportedRun> runs)
    {
        var notices = runs.SelectMany(run => run.Events.OfType<RunEvent.Notice>().Where(notice => notice.Kind != "checkpoint")
            .Select(notice => (run, notice))).ToArray();
        if (notices.Length == 0)
        {
            yield break;
        }

        yield return new ReportPart.Heading("What happened on the way");
        yield return new ReportPart.Table(
            ["run", "batch", "second", "kind", "what"],
            [.. notices.Take(MostNotices)
                .Select(row => new[] { row.run.Name, $"{row.notice.Batches}", Number(row.notice.Virtual ?? row.notice.Wall, "0.###"),
                row.notice.Kind, row.notice.Text })], IsText: true);
        if (notices.Length > MostNotices)
        {
            yield return new ReportPart.Prose($"{MostNotices} of {notices.Length}; events.jsonl has all.");
        }
    }

    private static IEnumerable<ReportPart> Environments(IReadOnlyList<ReportedRun> runs)
    {
        yield return new ReportPart.Heading("Environment");
        string[] keys = [.. runs.SelectMany(run => (run.Environment ?? []).Select(entry => entry.Key)).Distinct(StringComparer.Ordinal)];
        yield return keys.Length == 0
            ? new ReportPart.Prose("Not recorded: the runs were made by an earlier version.")
            : new ReportPart.Table(["what", .. runs.Select(run => run.Name)],
                [.. keys.Select(key => (string[])[key, .. runs.Select(run => run.Environment?[key]?.ToString() ?? "-")]),
                ["data fingerprint", .. runs.Select(run => Start(run.Record.Fingerprint))],
                ["parameters, SHA-256", .. runs.Select(run => Start(run.Record.ParametersSha256))]], IsText: true);
    }

    private static string NameOf(string baseline) => s_names.GetValueOrDefault(baseline, baseline);

    private static string Start(string hash) => hash.Length <= 16 ? hash : $"{hash[..16]}…";

    private static string Number(double? value, string format) => value is { } known && double.IsFinite(known)
        ? known.ToString(format, CultureInfo.InvariantCulture) : "-";
}
