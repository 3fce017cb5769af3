using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using TwoTower.Node.Settings;
using TwoTower.Node.Shell;

namespace TwoTower.Node.Clusters.Local;

/// <summary>Starts the nodes of a <see cref="LocalTopology"/>, starts again those that die, and ends them all when the
/// run has ended or somebody asks.</summary>
/// <param name="topology">Who there is.</param>
/// <param name="program">How the program is started with a command line; its streams are redirected.</param>
/// <param name="log">Where what they print goes.</param>
/// <param name="restarts">Which are started again.</param>
/// <param name="grace">How long the nodes may take to end when asked, before they are killed.</param>
internal sealed class LocalCluster(LocalTopology topology, Func<IReadOnlyList<string>, ProcessStartInfo> program, PrefixedLog log,
    RestartRule restarts, TimeSpan grace)
{
    private const int MostSeeds = 3;
    private readonly IReadOnlyList<LocalNode> _nodes = topology.Nodes;
    private readonly ConcurrentDictionary<LocalNode, LocalProcess> _running = new();
    private readonly ConcurrentDictionary<LocalNode, HostAndPort> _addresses = new();
    private readonly CancellationTokenSource _stopping = new();

    /// <summary>Runs the cluster to the run's end.</summary>
    /// <param name="stop">Asks for a clean stop.</param>
    /// <returns>The trainer's exit code.</returns>
    public async Task<int> RunAsync(CancellationToken stop)
    {
        var listening = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var stopped = Task.Delay(Timeout.Infinite, stop);
        var trainer = KeepAsync(_nodes[0], listening);
        await Task.WhenAny(listening.Task, trainer, stopped).ConfigureAwait(false);
        Task[] others = listening.Task.IsCompletedSuccessfully ? [.. _nodes.Skip(1).Select(node => KeepAsync(node, null))] : [];
        await Task.WhenAny(trainer, stopped).ConfigureAwait(false);
        await _stopping.CancelAsync().ConfigureAwait(false);

        var all = Task.WhenAll([trainer, .. others]);
        if (trainer.IsCompleted && await trainer.ConfigureAwait(false) == ExitCode.Success)
        {
            await Within(all, grace).ConfigureAwait(false); // they end by themselves
        }

        foreach (var rank in _nodes.GroupBy(node => node.StopRank).OrderBy(rank => rank.Key))
        {
            var left = _running.Where(pair => rank.Contains(pair.Key)).Select(pair => pair.Value).ToArray();
            foreach (var process in left)
            {
                process.Terminate();
            }

            await Within(Task.WhenAll(left.Select(process => process.Ended)), grace).ConfigureAwait(false);
        }

        foreach (var (node, process) in _running)
        {
            log.Write(node.Name, $"did not end within {grace.TotalSeconds.ToString("0.#", CultureInfo.InvariantCulture)} s and is killed",
                complaint: true);
            process.Kill();
        }

        await all.ConfigureAwait(false);
        return await trainer.ConfigureAwait(false);
    }

    /// <summary>Ends every process at once.</summary>
    public void Kill()
    {
        _stopping.Cancel();
        foreach (var process in _running.Values)
        {
            process.Kill();
        }
    }

    private static Task Within(Task task, TimeSpan limit) => Task.WhenAny(task, Task.Delay(limit));

    /// <summary>Runs a node through all of its lives.</summary>
    private async Task<int> KeepAsync(LocalNode node, TaskCompletionSource? listening)
    {
        for (var shortLives = 0; ;)
        {
            var started = Stopwatch.GetTimestamp();
            var code = await LiveAsync(node, listening).ConfigureAwait(false);
            shortLives = Stopwatch.GetElapsedTime(started) < RestartRule.ShortLife ? shortLives + 1 : 0;
            var wait = _stopping.IsCancellationRequested ? null : restarts.After(node.IsTrainer, code, shortLives);
            if (code != 0 || wait is not null)
            {
                log.Write(node.Name,
                    string.Create(CultureInfo.InvariantCulture,
                    $"ended with exit code {code}{(wait is null ? string.Empty : " and is started again")}"), complaint: true);
            }

            if (wait is null)
            {
                return code;
            }

            try
            {
                await Task.Delay(wait.Value, _stopping.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return code;
            }
        }
    }

    private async Task<int> LiveAsync(LocalNode node, TaskCompletionSource? listening)
    {
        // With the address that it had, a node that comes back takes the place of the member that it was, and nobody has
        // to find out first that that one is dead.
        var port = _addresses.TryGetValue(node, out var before) ? before.Port : 0;
        using var process = LocalProcess.Start(program(node.Arguments(port, SeedsFor(node))), node.Name, log);
        _running[node] = process;
        if (_stopping.IsCancellationRequested)
        {
            process.Terminate(); // the stop came while it was being started
        }

        var noted = NoteAddress(node, process, listening);
        var code = await process.Ended.ConfigureAwait(false);
        _running.TryRemove(node, out _);
        await noted.ConfigureAwait(false);
        return code;
    }

    private async Task NoteAddress(LocalNode node, LocalProcess process, TaskCompletionSource? listening)
    {
        try
        {
            _addresses[node] = await process.Address.ConfigureAwait(false);
            listening?.TrySetResult();
        }
        catch (OperationCanceledException)
        {
            // It ended before it listened.
        }
    }

    /// <summary>The trainer's address before others, whether it runs or not: when it is down, it will be where it
    /// was. Nobody else founds a cluster.</summary>
    /// <remarks>A node that is the first of its own seeds founds a cluster when none of the others is in one. So a trainer that is started
    /// again joins the cluster that it was in, and founds one when it died before anybody had joined, or nobody is left. It is told of
    /// every node that runs, because each of them may be the last that is in the cluster; for the
    /// others a few are enough to find it.</remarks>
    private HostAndPort[] SeedsFor(LocalNode node)
    {
        var running = _nodes.Where(other => other != node && !other.IsTrainer && _running.ContainsKey(other)
            && _addresses.ContainsKey(other)).Select(other => _addresses[other]);
        HostAndPort[] trainer = _addresses.TryGetValue(_nodes[0], out var address) ? [address] : [];
        return node.IsTrainer ? [.. trainer, .. running] : [.. trainer, .. running.Take(MostSeeds - 1)];
    }
}
