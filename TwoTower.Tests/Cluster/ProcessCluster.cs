using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json.Nodes;
using TwoTower.Node.Telemetry;

namespace TwoTower.Tests.Cluster;

/// <summary>A cluster of real processes on this machine, in a folder of its own. Whatever is left of it goes with it.</summary>
internal sealed class ProcessCluster : IAsyncDisposable
{
    /// <summary>Longer than anything here takes on a busy machine.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);

    private static readonly HttpClient s_http = new() { Timeout = TimeSpan.FromSeconds(10) };
    private static readonly ConcurrentDictionary<string, Lazy<Task<string>>> s_alone = new(StringComparer.Ordinal);
    private readonly List<NodeProcess> _nodes = [];

    /// <summary>Working directory of every node.</summary>
    public string Folder { get; } = Directory.CreateTempSubdirectory("twotower-cluster").FullName;

    /// <summary>Every node that was started, in order.</summary>
    public IReadOnlyList<NodeProcess> Nodes => _nodes;

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
        {
            await node.DisposeAsync();
        }

        Directory.Delete(Folder, recursive: true);
    }

    /// <summary>A run's flags with its data: where none is named, the synthetic world that epochs here are
    /// reckoned by (83,000 positives).</summary>
    public static string[] WithData(string[] run) =>
        run.Any(flag => flag is "--data" or "--profile" || flag.StartsWith("data.", StringComparison.Ordinal))
        ? run : [.. run, "--profile", "plain"];

    /// <summary>Starts a node and waits until it listens.</summary>
    public Task<NodeProcess> StartAsync(string role, string? seed, string[] arguments) =>
        KeepAsync(NodeProcess.StartAsync(Folder, role, seed, arguments));

    /// <summary>A node that is started otherwise ends with the others.</summary>
    public async Task<NodeProcess> KeepAsync(Task<NodeProcess> starting)
    {
        var node = await starting;
        lock (_nodes)
        {
            _nodes.Add(node);
        }

        return node;
    }

    /// <summary>Fingerprint of what the same run learns in one process, undisturbed. Specs with the same run share it.</summary>
    /// <param name="run">The run's flags; durability is left out, because nothing is lost there.</param>
    public static Task<string> AloneAsync(string[] run)
    {
        var durable = Array.FindIndex(run, flag => flag.StartsWith("train.durability=", StringComparison.Ordinal));
        string[] settings = [.. run.Where((_, n) => durable < 0 || (n != durable && n != durable - 1))];
        return s_alone.GetOrAdd(string.Join(' ', settings), _ => new Lazy<Task<string>>(async () =>
        {
            await using var alone = new ProcessCluster();
            var (code, output, error) =
                await Node.ProgramRun.RunAsync(["train", .. WithData(settings), "--out", Path.Combine(alone.Folder, "run")]);
            Assert.True(code == 0, $"The run in one process ended with {code}:\n{output}\n{error}");
            return await alone.Sha256Async("run");
        })).Value;
    }

    /// <summary>Fingerprint of what a run has learned.</summary>
    public async Task<string> Sha256Async(string run) =>
        JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(Folder, run, "summary.json")))!["parametersSha256"]!.GetValue<string>();

    /// <summary>What a run has told of itself.</summary>
    public IReadOnlyList<RunEvent> EventsOf(string run)
    {
        var log = new RunEventLog(RunEventLog.PathIn(Path.Combine(Folder, run)));
        log.ReadNew();
        return log.Events;
    }

    /// <summary>Seconds from a blow until batches complete that were not complete then.</summary>
    public static async Task<double> RecoveryAsync(NodeProcess trainer, Action blow)
    {
        blow();
        var start = Stopwatch.GetTimestamp();
        var before = await BatchesAsync(trainer);
        while (await BatchesAsync(trainer) <= before + 3) // as many may have been on their way
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < Limit, $"Training has not gone on. The trainer said:\n{trainer.Output}");
            await Task.Delay(50);
        }

        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    /// <summary>Waits until a node is a member. The first of its role that is one is its oldest, on
    /// which the role's singletons live.</summary>
    public static Task UntilMemberAsync(NodeProcess seen, NodeProcess node) =>
        UntilAsync(seen, $"{node.Address} is a member", status => status["members"]!.AsArray()
            .Any(member => member!["address"]!.ToString() == node.Address && member["status"]!.ToString() == "Up"));

    /// <summary>Waits until a node's own account of the cluster is as wanted.</summary>
    public static async Task UntilAsync(NodeProcess node, string what, Func<JsonNode, bool> wanted)
    {
        var start = Stopwatch.GetTimestamp();
        for (var last = await StatusAsync(node); !wanted(last); last = await StatusAsync(node))
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < Limit, $"It is not so that {what}, but:\n{last}\nThe node said:\n{node.Output}");
            await Task.Delay(50);
        }
    }

    /// <summary>What the trainer says of the training; null before it has begun.</summary>
    public static async Task<JsonNode?> TrainingAsync(NodeProcess trainer) => (await StatusAsync(trainer))["training"];

    /// <summary>The cluster as a node sees it.</summary>
    public static async Task<JsonNode> StatusAsync(NodeProcess node)
    {
        try
        {
            return JsonNode.Parse(await s_http.GetStringAsync($"{node.Health}/status"))!;
        }
        catch (HttpRequestException gone)
        {
            throw new HttpRequestException($"The node does not answer. It said:\n{node.Output}", gone);
        }
    }

    private static async Task<long> BatchesAsync(NodeProcess trainer) => (await TrainingAsync(trainer))?["batches"]?.GetValue<long>() ?? 0;
}
