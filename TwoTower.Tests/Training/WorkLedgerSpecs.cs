using CsCheck;
using TwoTower.Actors.Ids;
using TwoTower.Actors.Options;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Training;

namespace TwoTower.Tests.Training;

public class WorkLedgerSpecs
{
    private static readonly WorkerId A = new(0);
    private static readonly WorkerId B = new(1);

    [Fact]
    public void Who_joins_when_nobody_is_left_goes_on_at_the_highest_clock_there_was()
    {
        var ledger =
            new WorkLedger(new EpochPlan(1000, new TrainingOptions { Workers = 2, BatchSize = 10, Consistency = Consistency.Ssp(1) }),
            Consistency.Ssp(1), 60);
        ledger.OpenUntil(100);
        ledger.Join(new WorkerId(0), 0);
        for (var clock = 0; clock < 5; clock++)
        {
            ledger.Complete(ledger.TryLease(new WorkerId(0), 0)!.Batch);
        }

        ledger.Remove(new WorkerId(0));
        ledger.Join(new WorkerId(1), 0);

        Assert.Equal(4, ledger.TryLease(new WorkerId(1), 0)!.Clock);
    }

    [Theory]
    [InlineData("ssp:1")]
    [InlineData("bsp")]
    public void A_batch_that_is_reported_complete_before_it_is_leased_here_is_not_leased_and_those_before_it_are(string consistency)
    {
        Assert.True(Consistency.TryParse(consistency, out var bound));
        var ledger = new WorkLedger(new EpochPlan(1000, new TrainingOptions { Workers = 3, BatchSize = 10, Consistency = bound }), bound,
            60);
        ledger.OpenUntil(99);
        Assert.True(ledger.Complete(new BatchId(1))); // a worker had it of a trainer before this one
        ledger.Join(new WorkerId(0), 0);

        long[] leased = [ledger.TryLease(new WorkerId(0), 0)!.Batch.Number, ledger.TryLease(new WorkerId(0), 0)!.Batch.Number];

        Assert.Equal([0, 2], leased);
    }

    [Fact]
    public void What_a_suspended_worker_owes_holds_the_others_until_it_is_removed()
    {
        var ledger =
            new WorkLedger(new EpochPlan(1000, new TrainingOptions { Workers = 2, BatchSize = 10, Consistency = Consistency.Ssp(1) }),
            Consistency.Ssp(1), 60);
        ledger.Join(new WorkerId(0), 0);
        ledger.Join(new WorkerId(1), 0);
        ledger.OpenUntil(100);
        var owed = ledger.TryLease(new WorkerId(0), 0)!;
        for (var clock = 0; clock < 2; clock++)
        {
            Assert.True(ledger.Complete(ledger.TryLease(new WorkerId(1), 0)!.Batch));
        }

        ledger.Suspend(new WorkerId(0));
        Assert.Null(ledger.TryLease(new WorkerId(0), 0));
        Assert.Null(ledger.TryLease(new WorkerId(1), 0)); // clock 2 may not run ahead of an owed clock 0
        Assert.DoesNotContain(new WorkerId(0), ledger.Overdue(1e9));

        ledger.Remove(new WorkerId(0));
        Assert.Equal(owed.Batch, ledger.TryLease(new WorkerId(1), 0)!.Batch);
    }

    [Fact]
    public void Under_ssp_a_worker_may_lead_by_the_bound_and_no_more()
    {
        var ledger = Ledger("ssp:2", batches: 20, workers: 2);
        var slow = ledger.TryLease(B, 0)!;
        for (var clock = 0; clock <= 2; clock++)
        {
            var lease = ledger.TryLease(A, 0)!;
            Assert.Equal(clock, lease.Clock);
            ledger.Complete(lease.Batch);
        }

        Assert.Null(ledger.TryLease(A, 0));
        ledger.Complete(slow.Batch);
        Assert.Equal(3, ledger.TryLease(A, 0)!.Clock);
    }

    [Fact]
    public void Under_bsp_the_next_round_opens_when_this_one_is_complete()
    {
        var ledger = Ledger("bsp", batches: 5, workers: 2);
        var first = ledger.TryLease(A, 0)!;
        var second = ledger.TryLease(B, 0)!;
        ledger.Complete(second.Batch);

        Assert.Null(ledger.TryLease(B, 0));
        ledger.Complete(first.Batch);
        Assert.Equal((3, 1, 1), (ledger.TryLease(B, 0)!.Batch.Number, 1, 1));
    }

    [Fact]
    public void The_last_round_of_an_epoch_has_what_is_left_of_it()
    {
        var plan = new EpochPlan(50, new TrainingOptions { BatchSize = 10, Workers = 2, Epochs = 2, Consistency = Consistency.Bsp });

        Assert.Equal((0, 1), (plan.LeaseOf(4, 0).Rank, plan.LeaseOf(4, 0).RoundSize));
        Assert.Equal((0, 2), (plan.LeaseOf(5, 0).Rank, plan.LeaseOf(5, 0).RoundSize));
        Assert.Equal(3, plan.LeaseOf(5, 0).Step);
    }

    [Fact]
    public void A_lease_that_expired_goes_to_another_worker()
    {
        var ledger = Ledger("asp", batches: 1, workers: 2);
        var lost = ledger.TryLease(A, 0)!;

        Assert.Null(ledger.TryLease(B, 1));
        Assert.Equal([A], ledger.Overdue(10));
        ledger.Remove(A);

        Assert.Equal(lost.Batch, ledger.TryLease(B, 10)!.Batch);
    }

    [Fact]
    public void A_lease_expires_although_its_worker_is_heard_from_and_not_before_its_time()
    {
        var ledger = Ledger("asp", batches: 4, workers: 2);
        ledger.Complete(ledger.TryLease(A, 0)!.Batch);
        ledger.TryLease(A, 5);
        ledger.Seen(A, 14.9);
        ledger.Seen(B, 14.9);

        Assert.Empty(ledger.Overdue(14.9)); // the lease of 5 ends at 15; that of 0 was completed
        ledger.Seen(A, 15);
        Assert.Equal([A], ledger.Overdue(15));
    }

    [Fact]
    public void A_worker_without_a_lease_is_overdue_when_it_has_been_silent_for_as_long()
    {
        var ledger = Ledger("ssp:1", batches: 4, workers: 2);
        ledger.Seen(B, 3);

        Assert.Equal([A], ledger.Overdue(10));
        Assert.Equal([A, B], ledger.Overdue(13));
    }

    [Fact]
    public void What_an_expired_worker_held_is_leased_before_new_batches_and_once()
    {
        var ledger = Ledger("asp", batches: 6, workers: 3);
        var lost = new[] { ledger.TryLease(A, 0)!, ledger.TryLease(A, 0)! };
        ledger.Complete(ledger.TryLease(B, 0)!.Batch);
        foreach (var worker in ledger.Overdue(10).Where(worker => ledger.Owes(worker)))
        {
            ledger.Remove(worker);
        }

        ledger.Join(A, 11);
        var given = new List<long>();
        while (ledger.TryLease(B, 11) is { } lease)
        {
            given.Add(lease.Batch.Number);
        }

        Assert.Equal([lost[0].Batch.Number, lost[1].Batch.Number, 3, 4, 5], given);
    }

    [Theory]
    [InlineData("bsp")]
    [InlineData("ssp:1")]
    [InlineData("ssp:3")]
    [InlineData("asp")]
    public void Whatever_workers_do_every_batch_is_completed_once_and_the_bound_holds(string consistency) =>
        Gen.Select(Gen.Int[1, 5], Gen.Int[1, 30], Gen.Int[0, 100_000]).Sample((workers, batches, seed) =>
        {
            Consistency.TryParse(consistency, out var model);
            var ledger = Ledger(consistency, batches, workers);
            var random = new Random(seed);
            var held = new List<(WorkerId Worker, Lease Lease)>();
            var completed = new HashSet<long>();
            for (var now = 0; !ledger.Drained; now++)
            {
                Assert.True(now < 100_000, "no progress");
                var worker = new WorkerId(random.Next(workers));
                switch (random.Next(20))
                {
                    case 0 when ledger.Workers.Count() > 1:
                        // The worker dies; its work is lost.
                        ledger.Remove(worker);
                        held.RemoveAll(entry => entry.Worker == worker);
                        break;
                    case < 10 when held.Count > 0:
                        var (holder, lease) = held[random.Next(held.Count)];
                        held.RemoveAll(entry => entry.Lease.Batch == lease.Batch);
                        Assert.Equal(completed.Add(lease.Batch.Number), ledger.Complete(lease.Batch));
                        break;
                    default:
                        ledger.Join(worker, now);
                        if (ledger.TryLease(worker, now) is { } granted)
                        {
                            // The pull that follows must miss no push of an older clock than the bound allows.
                            if (model.Bound is { } bound)
                            {
                                Assert.All(held, other => Assert.True(other.Lease.Clock >= granted.Clock - bound));
                            }

                            held.Add((worker, granted));
                        }

                        break;
                }
            }

            Assert.Equal(batches, completed.Count);
        }, iter: 300);

    private static WorkLedger Ledger(string consistency, int batches, int workers)
    {
        Assert.True(Consistency.TryParse(consistency, out var model));
        var options = new TrainingOptions { BatchSize = 10, Workers = workers, Epochs = 1, Consistency = model };
        var ledger = new WorkLedger(new EpochPlan(batches * 10, options), model, leaseSeconds: 10);
        for (var worker = 0; worker < workers; worker++)
        {
            ledger.Join(new WorkerId(worker), 0);
        }

        ledger.OpenUntil(batches);
        return ledger;
    }
}
