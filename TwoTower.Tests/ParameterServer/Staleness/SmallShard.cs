using TwoTower.Actors.Ids;
using TwoTower.Actors.Options;
using TwoTower.Actors.ParameterServer;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Protocol.Reports;
using TwoTower.Model.Optimizers;
using TwoTower.Model.Options;
using TwoTower.Model.Towers;

namespace TwoTower.Tests.ParameterServer.Staleness;

/// <summary>One shard with six user rows (where there is a tower, two users and its weights) and four items of two floats, stepped by plain
/// gradient descent at rate 1, and how to talk to it in one line.</summary>
internal sealed class SmallShard
{
    private readonly ShardState _state;

    public SmallShard(string consistency, string policy = "none", string injection = "none", int workers = 2,
        Func<TrainingOptions, TrainingOptions>? change = null)
    {
        Assert.True(Consistency.TryParse(consistency, out var model));
        Assert.True(new StalenessPolicyOptions().TryParse(policy, out var policyOptions));
        Assert.True(StalenessInjection.TryParse(injection, out var injected));
        var options = new TrainingOptions
        {
            Consistency = model,
            StalenessPolicy = policyOptions,
            StalenessInjection = injected,
            Workers = workers,
            Shards = 1,
            Model = new ModelOptions { Dim = 2 },
            Optimizer = new OptimizerOptions { Kind = OptimizerKind.Sgd, LearningRate = 1 },
        };
        options = change?.Invoke(options) ?? options;
        var towers = options.Model.UserTower.Layers.Count == 0 ? null
            : new TowerLayouts(new TowerLayout(options.Model, 0, 2, null, options.Seed),
                new TowerLayout(options.Model, 1, 4, null, options.Seed));
        _state = new ShardState(new ShardId(0), new ShardBlueprint(
            options,
            new ParameterLayout(TableLayout.Create(PartitionerKind.Range, 1, new int[6]),
                TableLayout.Create(PartitionerKind.Range, 1, new int[4])),
            new LearningRateSchedule(options.Optimizer, 10, 10), new PopularityBuckets(new int[6]), new PopularityBuckets(new int[4]),
            Towers: towers));
    }

    public ShardState State => _state;

    /// <summary>The first float of a user row in the table itself.</summary>
    public float this[int user] => _state.Snapshot(-1).Users[2 * user];

    public ParameterProtocol.Rows Pull(int worker, long clock, params int[] users) => Pull(Request(worker, 0, clock, users));

    public ParameterProtocol.Rows Pull(ParameterProtocol.Pull request)
    {
        Assert.True(_state.TryPull(request, out var rows, out _));
        return rows!;
    }

    /// <summary>A pull of a life of a worker.</summary>
    public static ParameterProtocol.Pull Request(int worker, long birth, long clock, params int[] users) =>
        new(new ShardId(0), new WorkerId(worker), ParameterProtocol.Pull.FirstTicket(birth) + clock + 1, clock, Keys(users), Keys([]));

    /// <summary>Pushes gradients for rows that were pulled; returns the acknowledgements that come of it.</summary>
    public List<ParameterProtocol.PushAck> Push(int worker, long batch, long clock, float gradient, ParameterProtocol.Rows pulled,
        int rank = 0, int round = 1)
    {
        var block = RowBlock.Rent(pulled.Users.Keys.Copy(), 2);
        block.Values.AsSpan(0, block.Count * 2).Fill(gradient);
        pulled.Users.Versions.AsSpan(0, block.Count).CopyTo(block.Versions);
        var lease = new Lease(new BatchId(batch), 0, 0, 10, clock, clock, rank, round);
        var acks = new List<ParameterProtocol.PushAck>();
        Assert.True(_state.TryPush(new ParameterProtocol.Push(new ShardId(0), new WorkerId(worker), 1, lease, pulled.Version, block,
            RowBlock.Rent(Keys([]), 2)), acks.Add, out _));
        return acks;
    }

    /// <summary>A pull and at once a push.</summary>
    public void Turn(int worker, long batch, long clock, float gradient, params int[] users) =>
        Push(worker, batch, clock, gradient, Pull(worker, clock, users));

    private static RowKeys Keys(int[] rows)
    {
        var keys = RowKeys.Rent(rows.Length);
        rows.CopyTo(keys.Array, 0);
        return keys;
    }
}
