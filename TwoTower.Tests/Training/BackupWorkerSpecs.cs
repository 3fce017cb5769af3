using CsCheck;
using TwoTower.Actors.Ids;
using TwoTower.Actors.Options;
using TwoTower.Actors.ParameterServer;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Training;

namespace TwoTower.Tests.Training;

public class BackupWorkerSpecs
{
    [Fact]
    public void The_first_gradients_make_the_round_in_the_order_they_were_offered_and_the_late_batch_goes_to_the_next()
    {
        var ledger = Ledger(batches: 4, workers: 3, backups: 1);
        var leases = Enumerable.Range(0, 3).Select(worker => ledger.TryLease(new WorkerId(worker), 0)!).ToArray();
        Assert.All(leases, lease => Assert.Equal((0, 0L), (lease.RoundSize, lease.Clock)));

        Assert.Equal((0, 2), Place(ledger.Offer(new WorkerId(2), leases[2].Batch, 0)));
        Assert.Equal((0, 2), Place(ledger.Offer(new WorkerId(2), leases[2].Batch, 0))); // asked again
        Assert.Equal((1, 2), Place(ledger.Offer(new WorkerId(0), leases[0].Batch, 0)));
        Assert.Null(ledger.Offer(new WorkerId(1), leases[1].Batch, 0));
        Assert.Equal(1, ledger.Late);
        Assert.Null(ledger.TryLease(new WorkerId(1), 0)); // the next round opens when this one is applied

        ledger.Complete(leases[2].Batch);
        ledger.Complete(leases[0].Batch);
        var again = ledger.TryLease(new WorkerId(2), 0)!;
        Assert.Equal((leases[1].Batch, 1L, 1L), (again.Batch, again.Clock, again.Step));
    }

    [Fact]
    public void A_gradient_of_an_earlier_round_does_not_count_for_the_same_batch_leased_again()
    {
        var ledger = Ledger(batches: 4, workers: 3, backups: 1);
        var leases = Enumerable.Range(0, 3).Select(worker => ledger.TryLease(new WorkerId(worker), 0)!).ToArray();
        foreach (var worker in new[] { 0, 1 })
        {
            ledger.Offer(new WorkerId(worker), leases[worker].Batch, 0);
        }

        ledger.Complete(leases[0].Batch);
        ledger.Complete(leases[1].Batch);
        Assert.Equal(leases[2].Batch, ledger.TryLease(new WorkerId(2), 0)!.Batch); // a worker that prefetches asks while it still computes

        Assert.Null(ledger.Offer(new WorkerId(2), leases[2].Batch, clock: 0));
        Assert.NotNull(ledger.Offer(new WorkerId(2), leases[2].Batch, clock: 1));
    }

    [Fact]
    public void A_batch_that_was_accepted_from_a_worker_that_is_lost_keeps_its_place()
    {
        var ledger = Ledger(batches: 4, workers: 3, backups: 1);
        var leases = Enumerable.Range(0, 3).Select(worker => ledger.TryLease(new WorkerId(worker), 0)!).ToArray();
        ledger.Offer(new WorkerId(0), leases[0].Batch, 0);
        ledger.Offer(new WorkerId(1), leases[1].Batch, 0);
        ledger.Remove(new WorkerId(1));

        var taken = ledger.TryLease(new WorkerId(0), 0)!;

        Assert.Equal((leases[1].Batch, 1, 2, 0L), (taken.Batch, taken.Rank, taken.RoundSize, taken.Clock));
    }

    [Fact]
    public void A_round_goes_on_with_the_same_batches_and_ranks_when_the_ledger_was_lost_in_the_middle_of_it()
    {
        var ledger = Ledger(batches: 6, workers: 4, backups: 1);
        var leases = Enumerable.Range(0, 4).Select(worker => ledger.TryLease(new WorkerId(worker), 0)!).ToArray();
        var accepted = new[] { 3, 1 }.Select(worker => ledger.Offer(new WorkerId(worker), leases[worker].Batch, 0)!).ToArray();

        var again = Ledger(batches: 6, workers: 4, backups: 1, accepted);

        var first = again.TryLease(new WorkerId(0), 0)!;
        var second = again.TryLease(new WorkerId(1), 0)!;
        var third = again.TryLease(new WorkerId(2), 0)!;
        Assert.Equal([(1L, 1, 3), (3L, 0, 3), (0L, 0, 0)],
            new[] { first, second, third }.Select(lease => (lease.Batch.Number, lease.Rank, lease.RoundSize)));
        Assert.Equal((2, 3), Place(again.Offer(new WorkerId(2), third.Batch, 0)));
    }

    [Fact]
    public void Whatever_workers_do_every_batch_is_completed_once_and_every_round_but_an_epochs_last_is_whole() =>
        Gen.Select(Gen.Int[2, 6], Gen.Int[1, 3], Gen.Int[1, 25], Gen.Int[0, 100_000]).Sample((workers, backups, batches, seed) =>
        {
            backups = Math.Min(backups, workers - 1);
            var size = workers - backups;
            var ledger = Ledger(batches, workers, backups, epochs: 2); // and nothing is due between them
            var random = new Random(seed);
            var computing = new List<(WorkerId Worker, Lease Lease)>();
            var accepted = new List<(WorkerId Worker, Lease Lease)>();
            var rounds = new SortedDictionary<long, List<long>>();
            for (var now = 0; !ledger.Drained; now++)
            {
                Assert.True(now < 100_000, "no progress");
                var worker = new WorkerId(random.Next(workers));
                switch (random.Next(30))
                {
                    case 0 when ledger.Workers.Count() > 1:
                        ledger.Remove(worker);
                        computing.RemoveAll(entry => entry.Worker == worker);
                        accepted.RemoveAll(entry => entry.Worker == worker);
                        break;
                    case < 8 when computing.Count > 0:
                        var (holder, lease) = computing[random.Next(computing.Count)];
                        computing.Remove((holder, lease));
                        if ((lease.RoundSize > 0 ? lease : ledger.Offer(holder, lease.Batch, lease.Clock)) is { } placed)
                        {
                            accepted.Add((holder, placed));
                        }

                        break;
                    case < 15 when accepted.Count > 0 && accepted.Count == accepted[0].Lease.RoundSize
                        - Done(rounds, accepted[0].Lease.Clock):
                        // The shards apply a round when all of it is there; acknowledgements come one by one.
                        var (_, applied) = accepted[random.Next(accepted.Count)];
                        accepted.RemoveAll(entry => entry.Lease.Batch == applied.Batch);
                        Assert.True(ledger.Complete(applied.Batch));
                        Assert.False(ledger.Complete(applied.Batch));
                        (rounds.TryGetValue(applied.Clock, out var done) ? done : rounds[applied.Clock] = []).Add(applied.Batch.Number);
                        break;
                    default:
                        ledger.Join(worker, now);
                        if (computing.All(entry => entry.Worker != worker) && ledger.TryLease(worker, now) is { } granted)
                        {
                            computing.Add((worker, granted));
                        }

                        break;
                }
            }

            Assert.Equal(Enumerable.Range(0, 2 * batches).Select(batch => (long)batch), rounds.Values.SelectMany(round => round).Order());
            var perEpoch = (batches + size - 1) / size;
            Assert.Equal(Enumerable.Range(0, 2 * perEpoch).Select(step => (long)step), rounds.Keys);
            Assert.All(rounds, round => Assert.Equal((round.Key + 1) % perEpoch == 0 ? batches - ((perEpoch - 1) * size) : size,
                round.Value.Count));
            Assert.All(rounds, round => Assert.All(round.Value, batch => Assert.Equal(round.Key / perEpoch, batch / batches)));
        }, iter: 300);

    private static int Done(SortedDictionary<long, List<long>> rounds, long clock) => rounds.TryGetValue(clock, out var done)
        ? done.Count : 0;

    private static (int Rank, int RoundSize) Place(Lease? lease) => (lease!.Rank, lease.RoundSize);

    private static WorkLedger Ledger(int batches, int workers, int backups, IReadOnlyList<Lease>? accepted = null, int epochs = 1)
    {
        var options = new TrainingOptions
        {
            BatchSize = 10,
            Workers = workers,
            Epochs = epochs,
            Consistency = Consistency.Bsp,
            BackupWorkers = backups
        };
        var plan = new EpochPlan(batches * 10, options);
        Assert.Equal(batches * epochs, plan.TotalBatches);
        var ledger = new WorkLedger(plan, options.Consistency, leaseSeconds: 10, new BatchSet(), accepted ?? []);

        for (var worker = 0; worker < workers; worker++)
        {
            ledger.Join(new WorkerId(worker), 0);
        }

        ledger.OpenUntil(batches * epochs);
        return ledger;
    }
}
