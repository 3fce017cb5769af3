using System.Text;
using TwoTower.Node.Telemetry;
using TwoTower.Tests.Data;

namespace TwoTower.Tests.Telemetry;

public sealed class RunEventFileSpecs
{
    [Fact]
    public async Task A_slow_disk_costs_progress_lines_and_no_other()
    {
        var disk = new HeldDisk();
        await using var file = new RunEventQueue([new RunEventFile(disk)], _ => { });
        for (var n = 0; n < 1000; n++)
        {
            file.Write(new RunEvent.Progress { Batches = n }, mayBeDropped: true);
            file.Write(new RunEvent.Evaluation { Batches = n }, mayBeDropped: false);
        }

        file.Write(new RunEvent.End { Reason = "finished" }, mayBeDropped: false);
        disk.Go.Set();
        await file.DisposeAsync();

        var lines = disk.Lines;
        Assert.Equal(Enumerable.Range(0, 1000).Select(n => (long?)n), lines.OfType<RunEvent.Evaluation>().Select(line => line.Batches));
        Assert.InRange(lines.OfType<RunEvent.Progress>().Count(), 1, 100);
        Assert.Equal("finished", Assert.IsType<RunEvent.End>(lines[^1]).Reason);
    }

    [Fact]
    public async Task A_full_disk_is_told_of_once_and_stops_nobody()
    {
        var told = new List<string>();
        await using (var file = new RunEventQueue([new RunEventFile(new FullDisk())], told.Add))
        {
            file.Write(new RunEvent.Progress(), mayBeDropped: false);
            file.Write(new RunEvent.Progress(), mayBeDropped: false);
        }

        Assert.Equal("events.jsonl cannot be written any more (the disk is full); training goes on without it.", Assert.Single(told));
    }

    [Fact]
    public void Half_a_line_that_a_dead_machine_left_does_not_swallow_the_next()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("events.jsonl", "{\"type\":\"progress\",\"batches\":1}\n{\"type\":\"prog");
        using (var file = RunEventFile.Append(path))
        {
            file.Write(new RunEvent.Progress { Batches = 2 });
        }

        Assert.Equal([1L, 2L], new RunEventLog(path).ReadNew().New.Select(line => line.Batches!.Value));
        Assert.Equal(2, File.ReadAllLines(path).Length);
    }

    /// <summary>Takes nothing before it is let go.</summary>
    private sealed class HeldDisk : MemoryStream
    {
        public ManualResetEventSlim Go { get; } = new();

        public List<RunEvent> Lines => [.. Encoding.UTF8.GetString(ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => RunEvent.Read(Encoding.UTF8.GetBytes(line))!)];

        public override void Write(ReadOnlySpan<byte> buffer) => Write(buffer.ToArray(), 0, buffer.Length);

        public override void Write(byte[] buffer, int offset, int count)
        {
            Go.Wait();
            base.Write(buffer, offset, count);
        }
    }

    private sealed class FullDisk : MemoryStream
    {
        public override void Write(ReadOnlySpan<byte> buffer) => throw new IOException("No space left");

        public override void Write(byte[] buffer, int offset, int count) => throw new IOException("No space left");
    }
}
