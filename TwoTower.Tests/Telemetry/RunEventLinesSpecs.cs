using TwoTower.Node.Telemetry;
using TwoTower.Tests.Data;

namespace TwoTower.Tests.Telemetry;

public sealed class RunEventLinesSpecs : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Thin_progress_is_progress_without_times_and_shards_but_for_the_last()
    {
        RunEvent.Progress Line(int n) => new()
        {
            Wall = n,
            Virtual = n / 2.0,
            Batches = n,
            Examples = 10 * n,
            Loss = n == 2 ? null : 0.1 * n,
            ExamplesPerSecond = 5,
            MeanStaleness = 0.25,
            Time = new Dictionary<string, double> { ["pull"] = n },
            Workers = [new(0, n, n, "computing"), new(1, null, 3, "lost"), new(2, n, 4, "waiting")],
            Shards = [new(0, n, n, n)],
        };
        var notice = new RunEvent.Notice { Wall = 9, Batches = 3, Text = "!" };
        var path = _folder.WriteBytes("events.jsonl",
            [.. new RunEvent[] { Line(1), Line(2), Line(3), notice }.SelectMany(line => line.ToJson().Append((byte)'\n')),
            .. "{\"type\":\"progress\",\"wall\":\n"u8]);

        var (lines, anew) = new RunEventLines(path, thin: true).ReadNew();

        Assert.Equivalent(new RunEvent[] { Line(1) with { Time = null, Shards = null }, Line(2) with { Time = null, Shards = null },
            Line(3), notice }, lines, strict: true);
        Assert.False(anew);
    }

    [Fact]
    public void Lines_come_once_and_all_again_where_another_run_has_begun()
    {
        var path = _folder.WriteBytes("events.jsonl", [.. new RunEvent.Begin { Time = new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc) }
            .ToJson(), (byte)'\n']);
        var reader = new RunEventLines(path);
        Assert.Single(reader.ReadNew().New);
        Assert.Empty(reader.ReadNew().New);

        _folder.WriteBytes("events.jsonl", [.. new RunEvent.Begin { Time = new DateTime(2026, 1, 2, 0, 0, 0, DateTimeKind.Utc) }.ToJson(),
            (byte)'\n']);

        var (lines, anew) = reader.ReadNew();
        Assert.True(anew);
        Assert.Equal(2, Assert.IsType<RunEvent.Begin>(Assert.Single(lines)).Time!.Value.Day);
    }
}
