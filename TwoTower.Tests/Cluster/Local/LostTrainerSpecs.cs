using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using TwoTower.Tests.Data;

namespace TwoTower.Tests.Cluster.Local;

/// <summary>What becomes of a local cluster when its trainer is lost at awkward moments: real processes.</summary>
[Collection(nameof(Alone))]
public sealed class LostTrainerSpecs : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly LineCollector _log = new();
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(10) };

    public void Dispose()
    {
        _http.Dispose();
        _folder.Dispose();
    }

    [UnixFact]
    public async Task A_trainer_that_dies_before_anybody_has_joined_and_is_cut_off_later_leads_the_run_to_its_end()
    {
        using var cluster = Process.Start(new ProcessStartInfo("dotnet",
        [
            TestedProgram.Path, "cluster", "up", "--servers", "1", "--workers", "2", "--evaluators", "1", "--epochs", "3", "--set",
            "train.retrySeconds=1", "--set", "train.shards=2", "--state", "state",
        ])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = _folder.Path,
            Environment = { ["TWOTOWER__NODE__GRADIENTDELAY"] = "100" },
        })!;
        var read = Task.WhenAll(ReadAsync(cluster.StandardOutput), ReadAsync(cluster.StandardError));
        try
        {
            await _log.LineAsync("trainer");
            await _log.LineAsync("trainer   | Node ");
            Signal("STOP"); // so that nobody joins
            await _log.LineAsync("server    | Not joined yet: ");
            Signal("KILL");

            await _log.LineAsync("trainer   | ended with exit code 137 and is started again");
            var address = (await _log.LineAsync("trainer   | Node ", nth: 2)).Split(' ')[^2];
            await _log.LineAsync("trainer   | epoch   1/");
            var status = new Uri($"{(await _log.LineAsync("server    | Health ")).Split(' ')[^1]}/status");
            Signal("STOP");
            await UntilAsync(status, members => members.All(member => member!["address"]!.ToString() != address));
            Signal("CONT");

            await _log.LineAsync("trainer   | ended with exit code 75 and is started again");
            await cluster.WaitForExitAsync().WaitAsync(ProcessCluster.Limit);
        }
        catch (TimeoutException)
        {
            Assert.Fail($"The cluster said:\n{string.Join('\n', _log.Lines)}");
        }
        finally
        {
            cluster.Kill(entireProcessTree: true);
        }

        await read;
        Assert.Equal(0, cluster.ExitCode);
        // a header and three epochs: it went on with the run
        Assert.Equal(4, (await File.ReadAllLinesAsync(Path.Combine(_folder.Path, "state", "run", "metrics.csv"))).Length);
    }

    private async Task UntilAsync(Uri status, Func<JsonArray, bool> wanted)
    {
        var start = Stopwatch.GetTimestamp();
        while (!wanted(JsonNode.Parse(await _http.GetStringAsync(status))!["members"]!.AsArray()))
        {
            if (Stopwatch.GetElapsedTime(start) > ProcessCluster.Limit)
            {
                throw new TimeoutException();
            }

            await Task.Delay(50);
        }
    }

    private void Signal(string signal)
    {
        var pid = _log.Lines.Last(line => line.StartsWith("trainer   | pid ", StringComparison.Ordinal)).Split(' ')[^1];
        using var kill =
            Process.Start("kill", [$"-{signal}", int.Parse(pid, CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    private async Task ReadAsync(StreamReader from)
    {
        while (await from.ReadLineAsync() is { } line)
        {
            _log.WriteLine(line);
        }
    }
}
