using TwoTower.Actors.Protocol;
using TwoTower.Actors.Training;
using TwoTower.Model.Sampling;

namespace TwoTower.Tests.Training.Trainer;

/// <summary>When a trainer's journal is written anew.</summary>
public sealed class TrainerOutboxSpecs
{
    [Fact]
    public void Long_entries_have_the_journal_written_anew_before_it_is_longer_than_a_few_of_them()
    {
        var settings = TrainerCrashSpecs.Settings("asp", 1, 0, 1, 1, 0, 0, saves: false, ranks: true, 1);
        var record = new TrainerRecord(settings.Epochs, settings.Options, null, null);
        var outbox = new TrainerOutbox(journaled: true, mostBytes: 10_000);
        var (journal, longest) = (0L, 0L);
        for (var step = 1; step <= 40; step++)
        {
            var ranked = new JournalEntry.Ranked(new RankedNegatives(step, 1000, new int[1000]));
            record.Apply(ranked);
            outbox.Note([ranked]);
            var write = outbox.TryBegin(record)!;
            journal = write.Bytes + (write.Replaces ? 0 : journal);
            longest = Math.Max(longest, journal);
            outbox.Complete();
        }

        Assert.InRange(longest, 5_000, 10_000);
    }
}
