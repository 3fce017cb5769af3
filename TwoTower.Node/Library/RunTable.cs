using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using TwoTower.Model.Evaluation;
using TwoTower.Node.Display;
using TwoTower.Node.Runs;

namespace TwoTower.Node.Library;

/// <summary>The runs of a library for a terminal, in 80 columns, and as JSON.</summary>
internal static class RunTable
{
    private const int Longest = 34;

    /// <summary>A few lines a run.</summary>
    public static void Write(TextWriter to, IReadOnlyList<RunEntry> runs)
    {
        var width = Math.Clamp(runs.Max(run => run.Path.Length), 3, Longest);
        foreach (var run in runs)
        {
            var recall = run.Recall is { } value ? DifferenceText.WithRange(value) : string.Empty;
            to.WriteLine($"{Short(run.Path).PadRight(width)}  {Status(run),-13}  {recall}".TrimEnd());
            foreach (var line in run.Problem is { } problem ? [problem] : new[] { Measured(run), Made(run) }.Where(line => line.Length > 0))
            {
                to.WriteLine(Paragraph.Wrap($"  {line}", 2));
            }
        }

        var metrics = runs.Where(run => run.Recall is not null).Select(run => run.Metric).Distinct().ToArray();
        if (metrics.Length > 0)
        {
            to.WriteLine();
            to.WriteLine(
                Paragraph.Wrap(
                $"The number beside the status is masked validation {string.Join(" or ", metrics)} of the best model with its 95 % "
                + $"interval; 'pop.' is the same minus popularity's.", 0));
        }
    }

    /// <summary>A list of objects.</summary>
    public static JsonArray ToJson(IReadOnlyList<RunEntry> runs) => [.. runs.Select(run => (JsonNode)new JsonObject
    {
        ["path"] = run.Path,
        ["status"] = JsonNamingPolicy.CamelCase.ConvertName(run.Status.ToString()),
        ["problem"] = run.Problem,
        ["command"] = run.Command,
        ["recipe"] = run.Recipe,
        ["data"] = run.Data,
        ["fingerprint"] = run.Fingerprint,
        ["workers"] = run.Workers,
        ["shards"] = run.Shards,
        ["consistency"] = run.Consistency,
        ["metric"] = run.Metric,
        ["recall"] = Json(run.Recall),
        ["minusPopularity"] = Json(run.MinusPopularity),
        ["meanStaleness"] = run.MeanStaleness,
        ["examplesPerSecond"] = run.ExamplesPerSecond,
        ["done"] = run.Done,
        ["started"] = run.Started,
        ["seconds"] = run.Seconds,
    })];

    private static JsonObject? Json(Interval? interval) => interval is { } known ? WindowTable.Json(known) : null;

    private static string Status(RunEntry run) => run.Status switch
    {
        RunStatus.Running when run.Done is { } done => string.Create(CultureInfo.InvariantCulture, $"running {done:0%}"),
        RunStatus.EarlyStopped => "early stopped",
        _ => run.Status.ToString().ToLowerInvariant(),
    };

    private static string Measured(RunEntry run) => Joined(
        run.MinusPopularity is { } difference ? $"pop. {DifferenceText.Signed(difference.Value)} {DifferenceText.Range(difference)}" : null,
        run.MeanStaleness is { } staleness ? string.Create(CultureInfo.InvariantCulture, $"staleness {staleness:0.00}") : null,
        run.ExamplesPerSecond is { } speed
            ? string.Create(CultureInfo.InvariantCulture, $"{speed:#,0} examples/{(run.IsSimulated ? "virt. s" : "s")}") : null,
        run.Seconds is { } seconds ? TimeSpan.FromSeconds(Math.Round(seconds))
            .ToString(seconds < 3600 ? @"m\:ss" : @"h\:mm\:ss", CultureInfo.InvariantCulture) : null);

    private static string Made(RunEntry run) => Joined(
        $"{run.Recipe} on {run.Data}",
        $"{run.Workers} worker{(run.Workers == 1 ? string.Empty : "s")}",
        $"{run.Shards} shard{(run.Shards == 1 ? string.Empty : "s")}",
        run.Consistency,
        run.Started is { } started ? string.Create(CultureInfo.InvariantCulture, $"{started:yyyy-MM-dd HH:mm}Z") : null);

    private static string Joined(params string?[] parts) => string.Join(", ", parts.Where(part => part is not null));

    // The end of a path tells runs apart.
    private static string Short(string path) => path.Length <= Longest ? path : $"...{path[^(Longest - 3)..]}";
}
