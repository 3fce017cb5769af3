using System.Text.Json.Nodes;
using TwoTower.Actors.Hosting;
using TwoTower.Actors.Options;
using TwoTower.Actors.Protocol.Reports;
using TwoTower.Actors.Training;
using TwoTower.Node.Clusters;
using TwoTower.Node.Runs;
using TwoTower.Node.Settings;
using TwoTower.Node.Telemetry;

namespace TwoTower.Node.Engines;

/// <summary>Trains over a cluster, of which this process is a node with role trainer. Its runs are those of <c>train</c>: what it leaves
/// behind can be gone on with there.</summary>
/// <param name="options">The node.</param>
internal sealed class ClusterEngine(NodeOptions options) : ITrainingEngine
{
    private readonly LiveEngine _live = new();

    /// <summary>What outlives the node, once it has started; or null.</summary>
    public StateFolder? State { get; private set; }

    /// <inheritdoc />
    public string Command => _live.Command;

    /// <inheritdoc />
    public double? VirtualSeconds => null;

    /// <inheritdoc />
    public bool EndedByLimit => false;

    /// <inheritdoc />
    public bool Uses(Setting setting) => _live.Uses(setting);

    /// <inheritdoc />
    public void Check(ResolvedSettings settings) => NodeRun.Check(settings);

    /// <inheritdoc />
    public void CheckChoices(ResolvedSettings settings) => settings.RefuseChoices("in a cluster");

    /// <inheritdoc />
    public async Task<TrainingOutcome> RunAsync(ResolvedSettings settings, TrainingPlan plan, IProgress<TrainingEvent> progress,
        CancellationToken stop)
    {
        await using var node = await NodeRun.StartAsync(options, settings, new TrainingRun(plan, progress),
            text => progress.Report(new TrainingEvent.Notice(text))).ConfigureAwait(false);
        State = node.State;
        using var over = new CancellationTokenSource();
        var watch = new MemberWatch(progress).WatchAsync(node.Training.View, over.Token);
        try
        {
            return await node.Training.TrainAsync(stop).ConfigureAwait(false);
        }
        catch (TrainingException) when (node.Training.RunFailed && plan.Options.Durability.Every is null)
        {
            State?.Forget(); // without the shards' records nobody can go on with it
            throw;
        }
        finally
        {
            await over.CancelAsync().ConfigureAwait(false);
            await watch.ConfigureAwait(false);
        }
    }

    /// <inheritdoc />
    public void Extend(JsonObject summary, RunFolder folder)
    {
        _live.Extend(summary, folder);
        summary["cluster"] = new JsonObject { ["node"] = options.KnownHost };
    }

    /// <inheritdoc />
    public void WriteTimes(TextWriter to, TrainingOutcome outcome) => _live.WriteTimes(to, outcome);

    /// <inheritdoc />
    public string Repeatability(TrainingOptions options) => options.Consistency.Kind == ConsistencyKind.Bsp
        ? _live.Repeatability(options)
        : $"Under {options.Consistency} the order of pushes is up to the network, and workers may join at any time; bsp repeats.";
}
