using CsCheck;
using TwoTower.Actors.Ids;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Protocol.Reports;
using TwoTower.Model.Evaluation;
using TwoTower.Model.Losses;
using TwoTower.Model.Sampling;
using TwoTower.Model.Storage;
using TwoTower.Node.Clusters;
using TwoTower.Tests.Data;
using TwoTower.Tests.Protocol;

namespace TwoTower.Tests.Cluster.State;

/// <summary>What a trainer wrote down is there after its death, and nothing else is taken for it.</summary>
public sealed class FileTrainerJournalSpecs : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string File => Path.Combine(_folder.Path, "journal.log");

    private static readonly JournalEntry[] s_entries =
    [
        new JournalEntry.Joined(new WorkerId(3), 17),
        new JournalEntry.Started(12.5),
        new JournalEntry.Accepted(new Lease(new BatchId(1), 2, 3, 4, 5, 6, 7, 8)),
        new JournalEntry.Completed(new BatchReport(new BatchId(9), new BatchLoss(0.25, 1, 2), 3, 4, 5, new WorkerTimes(1, 2, 3, 4, 5, 6))),
        new JournalEntry.Reached(10),
        new JournalEntry.Taken(new SnapshotProtocol.Evaluate(10, 0.5) { TrainSeconds = 7.25 }),
        new JournalEntry.Ranked(new RankedNegatives(10, 2, [4, 1, 0, -1])),
        Evaluated(10, 0.5),
        new JournalEntry.Left(10, 20, true),
        new JournalEntry.Saved(10),
        new JournalEntry.EvaluationLost(20),
        new JournalEntry.StopAsked(),
        new JournalEntry.Condensed(new TrainerTotals(
            [(3, 17), (8, 2)], 12.5, true, 20, [22, 25], [new Lease(new BatchId(1), 2, 3, 4, 5, 6, 7, 8)], 20, 10, 30, 20, null, 10,
            new RunTotals([0.5, 0.25], [(2, 3, [1, 2, 3, 0]), (3, 1, [0, 4, 0, 0])], 100, 1, 2, 3, 4, 0.125,
                new WorkerTimes(1, 2, 3, 4, 5, 6)))),
        new JournalEntry.Reached(20),
    ];

    [Fact]
    public void Entries_of_every_kind_come_back_in_order_to_another_trainer()
    {
        var kinds = typeof(JournalEntry).GetNestedTypes().Where(type => type.IsSubclassOf(typeof(JournalEntry)));
        Assert.Equal(kinds.OrderBy(type => type.Name), s_entries.Select(entry => entry.GetType()).Distinct().OrderBy(type => type.Name));

        WriteAll(Journal());

        Assert.Equal(WireMessages.Describe(s_entries), WireMessages.Describe(Journal().Read()));
    }

    [Fact]
    public void A_journal_that_was_never_written_is_empty_and_another_may_go_on_with_it()
    {
        Assert.Empty(Journal().Read());
        WriteAll(Journal());
        var next = Journal();
        next.Append([new JournalEntry.Reached(30)]);

        Assert.Equal(s_entries.Length + 1, Journal().Read().Count);
    }

    [Fact]
    public void A_file_that_ends_anywhere_gives_every_entry_that_is_whole_and_can_be_gone_on_with()
    {
        var ends = new List<long>();
        var journal = Journal();
        foreach (var entry in s_entries)
        {
            journal.Append([entry]);
            ends.Add(new FileInfo(File).Length);
        }

        var whole = System.IO.File.ReadAllBytes(File);
        for (var length = 0; length <= whole.Length; length++)
        {
            System.IO.File.WriteAllBytes(File, whole[..length]);
            var expected = ends.Count(end => end <= length);
            var next = Journal();
            Assert.Equal(expected, next.Read().Count);

            next.Append([new JournalEntry.Reached(99)]);
            Assert.Equal(WireMessages.Describe(s_entries.Take(expected).Append(new JournalEntry.Reached(99)).ToArray()),
                WireMessages.Describe(Journal().Read()));
        }
    }

    [Fact]
    public void A_byte_that_is_not_as_it_was_written_is_refused_wherever_it_is()
    {
        WriteAll(Journal());
        var whole = System.IO.File.ReadAllBytes(File);
        for (var at = 0; at < whole.Length; at++)
        {
            var altered = (byte[])whole.Clone();
            altered[at] ^= (byte)(1 << (at % 8));
            System.IO.File.WriteAllBytes(File, altered);
            Assert.Contains("damaged", Assert.Throws<StorageException>(() => Journal().Read()).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Only_the_best_models_parameters_are_kept_and_they_come_back_to_the_bit()
    {
        var journal = Journal();
        foreach (var (step, value) in new[] { (10, 0.2), (20, 0.5), (30, 0.4), (40, 0.5) })
        {
            journal.Append([Evaluated(step, value) with { Best = step is 10 or 20 ? Evaluated(step, value).Best : null }]);
        }

        var read = Journal().Read().Cast<JournalEntry.Evaluated>().ToArray();

        Assert.Equal([0, 3, 0, 0], read.Select(entry => entry.Best?.Users.Length ?? 0));
        Assert.Equal(WireMessages.Describe(Evaluated(20, 0.5).Best!), WireMessages.Describe(read[1].Best!));
        Assert.Equal("best-20.snapshot", Path.GetFileName(Assert.Single(Directory.GetFiles(_folder.Path, "best-*"))));
        Journal().Append([Evaluated(50, 0.6)]);
        Assert.Equal("best-50.snapshot", Path.GetFileName(Assert.Single(Directory.GetFiles(_folder.Path, "best-*"))));
    }

    [Fact]
    public void A_best_model_that_was_altered_is_refused()
    {
        Journal().Append([Evaluated(10, 0.2)]);
        var path = Path.Combine(_folder.Path, "best-10.snapshot");
        var bytes = System.IO.File.ReadAllBytes(path);
        Gen.Int[0, bytes.Length - 1].Sample(
            at =>
            {
                var altered = (byte[])bytes.Clone();
                altered[at] ^= 4;
                System.IO.File.WriteAllBytes(path, altered);
                Assert.Contains("damaged", Assert.Throws<StorageException>(() => Journal().Read()).Message, StringComparison.Ordinal);
            },
            iter: 50, threads: 1);
    }

    [Fact]
    public void Entries_that_are_written_together_are_the_same_as_one_after_the_other()
    {
        WriteAll(Journal());
        var apart = System.IO.File.ReadAllBytes(File);
        System.IO.File.Delete(File);

        Journal().Append(s_entries);

        Assert.Equal(apart, System.IO.File.ReadAllBytes(File));
    }

    [Fact]
    public void A_journal_that_is_written_anew_has_nothing_of_before_and_is_gone_on_with()
    {
        var journal = Journal();
        WriteAll(journal);
        journal.Replace([s_entries[^2], Evaluated(10, 0.5)]);
        journal.Append([new JournalEntry.Reached(30)]);

        var expected = new[] { s_entries[^2], Evaluated(10, 0.5), new JournalEntry.Reached(30) };
        Assert.Equal(WireMessages.Describe(expected), WireMessages.Describe(Journal().Read()));
        Assert.Equal("best-10.snapshot", Path.GetFileName(Assert.Single(Directory.GetFiles(_folder.Path, "best-*"))));
        Journal().Append([new JournalEntry.Reached(40)]);
        Assert.Equal(4, Journal().Read().Count);
    }

    [Fact]
    public void A_trainer_whose_place_another_has_taken_can_write_nothing_anew()
    {
        var old = Journal();
        WriteAll(old);
        Journal().Append([new JournalEntry.Reached(30)]);

        Assert.Contains("another trainer", Assert.Throws<StorageException>(() => old.Replace([s_entries[0]])).Message,
            StringComparison.Ordinal);
        Assert.Equal(s_entries.Length + 1, Journal().Read().Count);
    }

    [Fact]
    public void A_trainer_whose_place_another_has_taken_can_write_no_more()
    {
        var old = Journal();
        WriteAll(old);
        Journal().Append([new JournalEntry.Reached(30)]);

        Assert.Contains("another trainer", Assert.Throws<StorageException>(() => old.Append([new JournalEntry.Reached(40)])).Message,
            StringComparison.Ordinal);
        Assert.Equal(s_entries.Length + 1, Journal().Read().Count);
    }

    [Fact]
    public void A_folder_belongs_to_one_run()
    {
        StateFolder.Open(_folder.Path, ["train.workers=2", "data=abc"]).Journal.Append([s_entries[0]]);

        Assert.Single(StateFolder.Open(_folder.Path, ["train.workers=2", "data=abc"]).Journal.Read());
        Assert.Contains("other settings or data",
            Assert.Throws<StorageException>(() => StateFolder.Open(_folder.Path, ["train.workers=3", "data=abc"])).Message,
            StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private FileTrainerJournal Journal() => new(_folder.Path);

    private static void WriteAll(FileTrainerJournal journal)
    {
        foreach (var entry in s_entries)
        {
            journal.Append([entry]);
        }
    }

    private static JournalEntry.Evaluated Evaluated(long step, double value) => new(
        new EvaluationReport(0.5, step, Ranking(RankingProtocol.Masked, value), Ranking(RankingProtocol.Raw, value / 2),
            1.5)
        { TrainSeconds = 7.25 },
        new ModelSnapshot(step, [(float)value, 2, 3], [4, 5]));

    private static RankingResult Ranking(RankingProtocol protocol, double value) =>
        new(protocol, [1, 2], new Dictionary<string, double[]> { ["recall@10"] = [value, value] },
            new Dictionary<int, double> { [10] = 0.5 });
}
