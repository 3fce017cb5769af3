using TwoTower.Actors.Ids;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Protocol.Reports;
using TwoTower.Actors.Training;
using TwoTower.Model.Losses;

namespace TwoTower.Tests.Training.Trainer;

/// <summary>Requests that wait are not tried again and again, and nothing else comes of that.</summary>
public class WaitingRequestSpecs
{
    [Fact]
    public void A_worker_that_waits_for_the_others_is_not_late_while_they_report()
    {
        var settings = TrainerCrashSpecs.Settings("bsp", 3, 0, 1, 30, 0, 0, false, false, 1);
        var trainer = new TrainerState(settings with { Options = settings.Options with { LeaseSeconds = 10 } }, []);
        trainer.Decide(TrainerInput.Tick.Instance, 0);
        for (var worker = 0; worker < 3; worker++)
        {
            trainer.Decide(new LeaseProtocol.Join(new WorkerId(worker), 1), 0);
        }

        var leases = Enumerable.Range(0, 3).Select(worker => Request(worker, 1, 0)!).ToArray();
        Complete(0, leases[0], 0.5);
        Assert.Null(Request(0, 2, 0.5));
        Complete(1, leases[1], 8);

        var effects = trainer.Decide(TrainerInput.Tick.Instance, 12).Effects;

        var notice = Assert.Single(effects.OfType<TrainerEffect.Show>().Select(show => show.Event).OfType<TrainingEvent.Notice>());
        Assert.StartsWith("worker-2 let its lease expire", notice.Text, StringComparison.Ordinal);

        Lease? Request(int worker, long ordinal, double now)
        {
            var decision = trainer.Decide(new LeaseProtocol.LeaseRequest(new WorkerId(worker), 1, ordinal), now);
            return decision.Effects.OfType<TrainerEffect.ToWorker>()
                .Select(told => told.Message).OfType<LeaseProtocol.LeaseGranted>().SingleOrDefault()?.Lease;
        }

        void Complete(int worker, Lease lease, double now) => trainer.Decide(
            new LeaseProtocol.Completed(
                new WorkerId(worker), 1, 1, new BatchReport(lease.Batch, new BatchLoss(1, 0, 1), lease.Count, 1, 0, default)), now);
    }
}
