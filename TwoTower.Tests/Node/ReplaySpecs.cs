using System.Text;
using System.Text.Json.Nodes;

namespace TwoTower.Tests.Node;

/// <summary><c>simulate --trace</c> and <c>replay</c> as a person starts them.</summary>
public sealed class ReplaySpecs : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("twotower-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_trace_replays_to_the_end_and_a_changed_one_stops_at_the_change()
    {
        SmallRatings.Write(At("ratings.csv"));
        var run = await ProgramRun.RunAsync(
            "simulate", "--data", At("ratings.csv"), "--set", "model.dim=8", "--epochs", "2", "--batch-size", "32", "--set",
            "evaluate.cutoffs=5,10", "--set", "evaluate.metric=recall@10",
            "--workers", "6", "--consistency", "asp", "--network", "cloud,duplication=0.1", "--out", At("run"), "--trace",
            At("run/run.trace"));
        Assert.Equal((0, string.Empty), (run.Code, run.Error));
        var world = JsonNode.Parse(File.ReadAllText(At("run/summary.json")))!["world"]!;
        Assert.Equal("run.trace", (string)world["trace"]!);
        Assert.Contains((string)world["traceSha256"]!, run.Output, StringComparison.Ordinal);

        var same = await ProgramRun.RunAsync("replay", At("run/run.trace"));
        Assert.Equal((0, string.Empty), (same.Code, same.Error));
        Assert.Contains((string)world["traceSha256"]!, same.Output, StringComparison.Ordinal);

        // Another world than the one that was traced.
        var bytes = File.ReadAllBytes(At("run/run.trace"));
        var seed = bytes.AsSpan().IndexOf("\"world.seed\":\"1\""u8) + "\"world.seed\":\""u8.Length;
        var differs = await ReplayChanged(bytes, seed, (byte)'2');
        Assert.Equal((1, string.Empty), (differs.Code, differs.Error));
        Assert.Matches(@"at event \d+, at \d+\.\d+ virtual s:\n  expected  .*\n  actual    ", differs.Output);

        var version = await ReplayChanged(bytes, 8, 99);
        Assert.Equal((2, string.Empty), (version.Code, version.Output));
        Assert.Contains("version 99", version.Error, StringComparison.Ordinal);
        Assert.Single(version.Error.Trim().Split('\n'));

        File.WriteAllLines(At("ratings.csv"), File.ReadAllLines(At("ratings.csv"))[..2000]);
        var otherData = await Replay(bytes);
        Assert.Equal(2, otherData.Code);
        Assert.Contains("fingerprint", otherData.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_no_trace_is_refused()
    {
        var result = await Replay(Encoding.UTF8.GetBytes("once upon a time there was a trace"));

        Assert.Equal(2, result.Code);
        Assert.Contains("is not a trace", result.Error, StringComparison.Ordinal);
        Assert.Equal(2, (await ProgramRun.RunAsync("replay", At("nowhere"))).Code);
    }

    private Task<(int Code, string Output, string Error)> ReplayChanged(byte[] bytes, int at, byte to)
    {
        var changed = bytes.ToArray();
        changed[at] = to;
        return Replay(changed);
    }

    private Task<(int Code, string Output, string Error)> Replay(byte[] bytes)
    {
        File.WriteAllBytes(At("changed.trace"), bytes);
        return ProgramRun.RunAsync("replay", At("changed.trace"));
    }

    private string At(string name) => Path.Combine(_folder, name);
}
