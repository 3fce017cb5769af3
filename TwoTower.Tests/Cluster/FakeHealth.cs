using TwoTower.Actors.Protocol.Reports;
using TwoTower.Node.Clusters;

namespace TwoTower.Tests.Cluster;

/// <summary>A node that is as the test says.</summary>
internal sealed class FakeHealth : INodeHealth
{
    public bool Alive { get; set; } = true;

    public (bool Ready, string Why) Readiness { get; set; } = (true, string.Empty);

    public Task<(bool Ready, string Why)> ReadinessAsync() => Task.FromResult(Readiness);

    public Func<Task<ClusterStatus>> Status { get; set; } = () => Task.FromResult(Example);

    public Task<ClusterStatus> StatusAsync() => Status();

    /// <summary>One trainer, two servers of which one cannot be reached, one worker.</summary>
    public static ClusterStatus Example { get; } = new(
        "127.0.0.1:4053",
        [new("127.0.0.1:4053", ["trainer"], "Up", true), new("127.0.0.1:4054", ["server"], "Up", true),
            new("127.0.0.1:4055", ["server"], "Up", false), new("127.0.0.1:4056", ["worker", "evaluator"], "Joining", true)],
        [new(0, "127.0.0.1:4054"), new(1, "127.0.0.1:4055"), new(2, "127.0.0.1:4054")],
        new TrainingStatus(TrainingPhase.Training, 250, 1000, 3, 10, 31240.4, 0.25, 2,
            [new(0, 125, 124, [249, 251], 0.25, false), new(1, 126, 126, [], 12, true)]))
    {
        Majority = false,
        Taken = [new(0, 17), new(2, 0)],
    };
}
