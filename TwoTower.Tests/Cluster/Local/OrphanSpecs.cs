using System.Diagnostics;
using System.Globalization;
using TwoTower.Tests.Data;

namespace TwoTower.Tests.Cluster.Local;

/// <summary>What becomes of a local cluster when the process that keeps it is killed.</summary>
[Collection(nameof(Alone))]
public sealed class OrphanSpecs
{
    [Fact]
    public async Task Nodes_whose_cluster_up_is_killed_stop_by_themselves_and_the_trainer_saves_the_run_among_the_others()
    {
        using var folder = new TemporaryFolder();
        using var cluster = Process.Start(new ProcessStartInfo("dotnet",
        [
            TestedProgram.Path, "cluster", "up", "--servers", "1", "--workers", "1", "--evaluators", "0", "--epochs", "1000", "--dashboard",
        ])
        {
            RedirectStandardOutput = true,
            WorkingDirectory = folder.Path,
            Environment = { ["TMPDIR"] = folder.Path, ["TEMP"] = folder.Path },
        })!;
        var nodes = new List<Process>();
        string? dashboard = null;
        while (await cluster.StandardOutput.ReadLineAsync().WaitAsync(ProcessCluster.Limit) is { } line
            && !line.Contains("epoch ", StringComparison.Ordinal))
        {
            dashboard ??= line.StartsWith("trainer | Dashboard http://127.0.0.1:", StringComparison.Ordinal) ? line : null;
            if (line.Contains(" | pid ", StringComparison.Ordinal))
            {
                nodes.Add(Process.GetProcessById(int.Parse(line.Split(' ')[^1], CultureInfo.InvariantCulture)));
            }
        }

        cluster.Kill();

        try
        {
            await Task.WhenAll(nodes.Select(node => node.WaitForExitAsync())).WaitAsync(ProcessCluster.Limit);
        }
        finally
        {
            nodes.ForEach(node => node.Kill());
        }

        Assert.Equal(3, nodes.Count);
        Assert.NotNull(dashboard);
        Assert.True(File.Exists(Path.Combine(Assert.Single(Directory.GetDirectories(Path.Combine(folder.Path, "runs"))), "summary.json")),
            "The trainer has not finished its run folder.");
    }
}
