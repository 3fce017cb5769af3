using CsCheck;
using TwoTower.Actors.Ids;
using TwoTower.Actors.Options;
using TwoTower.Actors.Training;

namespace TwoTower.Tests.Training;

/// <summary>The ledger looks at no more than a lease or a report is about.</summary>
public class LedgerCostSpecs
{
    [Theory]
    [InlineData("bsp", 10)]
    [InlineData("bsp", 200)]
    [InlineData("ssp:1", 10)]
    [InlineData("ssp:1", 200)]
    public void Those_who_wait_are_to_ask_again_once_a_round_however_many_workers_there_are(string consistency, int workers)
    {
        const int Rounds = 5;
        Assert.True(Consistency.TryParse(consistency, out var bound));
        var ledger = new WorkLedger(
            new EpochPlan(workers * Rounds, new TrainingOptions { Workers = workers, BatchSize = 1, Consistency = bound }), bound, 60);
        ledger.OpenUntil(workers * Rounds);
        for (var worker = 0; worker < workers; worker++)
        {
            ledger.Join(new WorkerId(worker), 0);
        }

        var before = ledger.Openings;
        for (var round = 0; round < Rounds; round++)
        {
            var leases = Enumerable.Range(0, workers).Select(worker => ledger.TryLease(new WorkerId(worker), 0)!).ToArray();
            foreach (var lease in leases)
            {
                Assert.True(ledger.Complete(lease.Batch));
            }
        }

        Assert.Equal(Rounds, ledger.Openings - before);
    }

    [Fact]
    public void The_lowest_clock_is_that_of_the_slowest_worker_whoever_comes_moves_and_goes() =>
        Gen.Select(Gen.Int[0, 2], Gen.Int[0, 30], Gen.Int[0, 12]).Array[1, 60].Sample(deeds =>
        {
            var counts = new ClockCounts();
            var clocks = new List<long>();
            foreach (var (deed, clock, whom) in deeds)
            {
                if (deed == 0 || clocks.Count == 0)
                {
                    counts.Add(clock);
                    clocks.Add(clock);
                }
                else if (deed == 1)
                {
                    counts.Move(clocks[whom % clocks.Count], clock);
                    clocks[whom % clocks.Count] = clock;
                }
                else
                {
                    counts.Remove(clocks[whom % clocks.Count]);
                    clocks.RemoveAt(whom % clocks.Count);
                }

                if (clocks.Count > 0 && counts.Least != clocks.Min())
                {
                    return false;
                }
            }

            return true;
        });
}
