using System.Text;
using CsCheck;
using TwoTower.Node.Telemetry;
using TwoTower.Tests.Data;

namespace TwoTower.Tests.Telemetry;

public sealed class RunEventLogSpecs : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string File => Path.Combine(_folder.Path, "events.jsonl");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_is_written_while_somebody_reads_is_read_once_and_half_a_line_not_before_it_is_whole()
    {
        var log = new RunEventLog(File);
        Assert.Empty(log.ReadNew().New);
        Append(Begin(0, "a"), "\n", Progress(10), "\n{\"type\":\"progr");

        Assert.Equal([null, 10L], log.ReadNew().New.Select(line => line.Batches));
        Assert.Empty(log.ReadNew().New);
        Append("ess\",\"batches\":20}\n");

        var (fresh, rewound) = log.ReadNew();
        Assert.False(rewound);
        Assert.Equal(20, Assert.IsType<RunEvent.Progress>(Assert.Single(fresh)).Batches);
        Assert.Equal(3, log.Events.Count);
    }

    [Fact]
    public void Lines_of_another_version_and_torn_ones_are_passed_over()
    {
        Append(Begin(0, "a"), "\n{\"type\":\"tomorrow\",\"x\":1}\n{\"type\":\"prog\n\nnot json\n", Progress(5), "\n");
        var log = new RunEventLog(File);

        Assert.Equal([typeof(RunEvent.Begin), typeof(RunEvent.Progress)], log.ReadNew().New.Select(line => line.GetType()));
    }

    [Fact]
    public void A_run_that_goes_on_takes_back_what_was_told_of_later_batches_and_the_end()
    {
        var log = new RunEventLog(File);
        Append(Begin(0, "a"), "\n", Progress(10), "\n", Progress(30), "\n{\"type\":\"end\",\"batches\":30,\"reason\":\"interrupted\"}\n");
        log.ReadNew();
        Append(Begin(20, "b"), "\n", Progress(25), "\n");

        var (fresh, rewound) = log.ReadNew();

        Assert.True(rewound);
        Assert.Equal([null, 10, null, 25], log.Events.Select(line => line.Batches));
        Assert.Equal(log.Events, fresh);
        Assert.Equal(log.Events.Count, new RunEventLog(File).ReadNew().New.Count);
        Assert.False(new RunEventLog(File).ReadNew().Rewound); // to one who had read nothing, nothing was taken back
    }

    [Fact]
    public void A_trainer_that_takes_over_takes_nothing_back_but_the_end()
    {
        Append(Begin(0, "a"), "\n", Progress(10),
            "\n{\"type\":\"end\",\"batches\":10,\"reason\":\"interrupted\"}\n{\"type\":\"begin\",\"recipe\":\"b\"}\n");
        var log = new RunEventLog(File);
        log.ReadNew();

        Assert.Equal([typeof(RunEvent.Begin), typeof(RunEvent.Progress), typeof(RunEvent.Begin)],
            log.Events.Select(line => line.GetType()));
    }

    [Fact]
    public void Another_run_in_the_same_folder_is_told_from_the_first_even_when_its_file_is_longer()
    {
        var log = new RunEventLog(File);
        Append(Begin(0, "a"), "\n", Progress(10), "\n");
        log.ReadNew();
        System.IO.File.Delete(File);
        Append(Begin(0, "b"), "\n", Progress(1), "\n", Progress(2), "\n", Progress(3), "\n");

        var (fresh, rewound) = log.ReadNew();

        Assert.True(rewound);
        Assert.Equal([null, 1, 2, 3], fresh.Select(line => line.Batches));
    }

    [Fact]
    public void However_a_file_grows_what_is_read_in_pieces_is_what_is_read_at_once()
    {
        var line = Gen.OneOf(Gen.Long[0, 50].Select(Progress), Gen.Long[0, 50].Select(from => Begin(from, "r")),
            Gen.Const("{\"type\":\"end\",\"batches\":9,\"reason\":\"finished\"}"), Gen.Const("torn {"));
        Gen.Select(line.Array[1, 12], Gen.Int[1, 40].Array[1, 60]).Sample((lines, steps) =>
        {
            var bytes = Encoding.UTF8.GetBytes(Begin(0, "r") + "\n" + string.Join('\n', lines) + "\n");
            System.IO.File.Delete(File);
            var (log, shown, at) = (new RunEventLog(File), new List<RunEvent>(), 0);
            foreach (var step in steps.Append(bytes.Length))
            {
                var length = Math.Min(step, bytes.Length - at);
                using (var file = new FileStream(File, FileMode.Append))
                {
                    file.Write(bytes, at, length);
                }

                at += length;
                var (fresh, rewound) = log.ReadNew();
                if (rewound)
                {
                    shown.Clear();
                }

                shown.AddRange(fresh);
            }

            var whole = new RunEventLog(File);
            whole.ReadNew();
            Assert.Equal(Text(whole.Events), Text(log.Events));
            Assert.Equal(Text(whole.Events), Text(shown));
        }, iter: 100, threads: 1);
    }

    private static string[] Text(IEnumerable<RunEvent> events) => [.. events.Select(line => Encoding.UTF8.GetString(line.ToJson()))];

    private static string Begin(long from, string recipe) =>
        $$"""{"type":"begin","wall":0.001,"time":"2026-01-01T00:00:00Z","recipe":"{{recipe}}","command":"train-{{recipe}}","fromBatch":{{from}}}""";

    private static string Progress(long batches) => $$"""{"type":"progress","batches":{{batches}}}""";

    private void Append(params string[] text) => System.IO.File.AppendAllText(File, string.Concat(text));
}
