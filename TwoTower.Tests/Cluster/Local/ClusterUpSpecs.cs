using TwoTower.Tests.Node;

namespace TwoTower.Tests.Cluster.Local;

/// <summary>What <c>twotower cluster up</c> refuses before anything is started.</summary>
public sealed class ClusterUpSpecs
{
    [Fact]
    public async Task Copies_that_there_can_never_be_are_not_waited_for()
    {
        var (code, output, error) = await ProgramRun.RunAsync("cluster", "up", "--servers", "2", "--set", "train.durability=replica:2",
            "--set", "train.whenCopiesLack=wait");

        Assert.Equal((2, string.Empty), (code, output));
        Assert.Contains("take --servers 3 or more", error, StringComparison.Ordinal);
    }
}
