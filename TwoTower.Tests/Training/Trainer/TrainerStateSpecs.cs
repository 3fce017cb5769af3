using TwoTower.Actors.Ids;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Protocol.Reports;
using TwoTower.Actors.Training;
using TwoTower.Model.Losses;

namespace TwoTower.Tests.Training.Trainer;

/// <summary>What a trainer decides, input by input.</summary>
public class TrainerStateSpecs
{
    private readonly List<JournalEntry> _journal = [];
    private TrainerState _trainer = null!;
    private double _now;
    private TrainerEffect[] _effects = [];

    [Fact]
    public void One_that_dies_after_it_has_left_a_boundary_and_before_the_next_batch_is_complete_is_not_at_the_boundary()
    {
        Begin(workers: 1, epochs: 2, batches: 1);
        Join(0, 1);
        var first = Request(0, 1, 1)!;
        Complete(0, 1, 1, first);
        Tell(new SnapshotProtocol.Taken(1));
        Assert.Equal(TrainingPhase.Training, _trainer.Phase);
        Assert.NotNull(Request(0, 1, 2));

        Crash();

        Assert.Equal(TrainingPhase.Training, _trainer.Phase);
        Assert.DoesNotContain(_effects, effect => effect is TrainerEffect.ToShard { Message: StateProtocol.Export }
            or TrainerEffect.ToEvaluator);
    }

    [Fact]
    public void One_that_dies_before_the_run_has_started_sends_its_fences_until_they_are_confirmed()
    {
        Begin(workers: 2);
        Join(0, 1);
        Crash();

        Assert.Equal(2, Fences());
        Tell(TrainerInput.Tick.Instance); // both were lost
        Assert.Equal(2, Fences());
        Confirm(0, 1, shard: 0);
        Tell(TrainerInput.Tick.Instance);
        Assert.Equal(1, Fences());
    }

    [Fact]
    public void A_shard_that_begins_anew_is_asked_at_once_what_it_has_not_answered_and_no_other_is_asked()
    {
        Begin(workers: 2);
        Join(0, 1);
        Crash();
        Confirm(0, 1, shard: 0);

        Tell(new TrainerInput.ShardBegan(new ShardId(0)));
        Assert.Equal(0, Fences());
        Tell(new TrainerInput.ShardBegan(new ShardId(1)));
        Assert.Equal(1, Fences());
    }

    [Fact]
    public void A_shard_that_begins_anew_while_states_are_gathered_is_asked_for_its_own_at_once()
    {
        Begin(workers: 1, epochs: 2, batches: 1, saves: true);
        Join(0, 1);
        Complete(0, 1, 1, Request(0, 1, 1)!);
        Tell(new SnapshotProtocol.Taken(1));

        Tell(new TrainerInput.ShardBegan(new ShardId(1)));

        Assert.Equal([new StateProtocol.Export(new ShardId(1), 1)], _effects.OfType<TrainerEffect.ToShard>()
            .Select(effect => effect.Message));
    }

    [Fact]
    public void After_a_crash_nobody_is_welcomed_before_every_life_of_before_is_fenced_off_and_clocks_go_on_where_they_were()
    {
        Begin(workers: 2, batches: 50);
        Join(0, 1);
        Join(1, 2);
        var lease = Request(0, 1, 1)!;
        Complete(0, 1, 1, lease);
        Crash();

        Join(0, 3);
        Assert.Empty(Told<LeaseProtocol.Welcome>());
        Confirm(0, 1, shard: 0, furthest: 7);
        Confirm(0, 1, shard: 1, furthest: 7);
        Assert.Empty(Told<LeaseProtocol.Welcome>()); // the other's life is not fenced off
        Assert.Null(Request(0, 3, 1));
        Confirm(1, 2, shard: 0, furthest: 9);
        Confirm(1, 2, shard: 1, furthest: 8);

        Assert.Single(Told<LeaseProtocol.Welcome>());
        Assert.Equal(9, Told<LeaseProtocol.LeaseGranted>().Single().Lease.Clock);
    }

    [Fact]
    public void A_worker_that_was_not_welcomed_before_the_crash_learns_that_its_life_is_over()
    {
        Begin(workers: 2);
        Join(0, 1);
        Crash();

        Join(0, 1);

        Assert.Equal(new LeaseProtocol.Unknown(new WorkerId(0), 1), Replies().Single());
    }

    [Fact]
    public void A_ranking_that_fails_is_reported_as_one()
    {
        Begin(ranks: true);
        Tell(new TrainerInput.RankingFailed(12, "overflow"));

        Assert.Equal("The snapshot at batch 12 cannot be ranked: overflow", Failure());
    }

    [Fact]
    public void A_checkpoint_that_cannot_be_saved_is_named_with_its_batch()
    {
        Begin();
        Tell(new TrainerInput.SavingFailed(12, "the disk is full"));

        Assert.Equal("The checkpoint at batch 12 could not be saved: the disk is full", Failure());
    }

    [Fact]
    public void One_worker_that_cannot_compute_is_named_and_fenced_off_and_its_batch_goes_to_the_others()
    {
        Begin(workers: 2, batches: 50);
        Join(0, 1);
        Join(1, 2);
        var lease = Request(0, 1, 1)!;
        Tell(new LeaseProtocol.Failed(new WorkerId(0), 1, WorkerFailure.CannotCompute, "no library"));

        Assert.Equal(new LeaseProtocol.FailureRecorded(new WorkerId(0), 1), Replies().Single());
        Assert.Equal(2, Fences());
        Assert.Contains(_effects, effect => effect is TrainerEffect.Show { Event: TrainingEvent.Notice notice }
            && notice.Text == "worker-0 cannot go on (no library); its batches go to the others.");
        Assert.Null(Failure());
        Confirm(0, 1, shard: 0);
        Confirm(0, 1, shard: 1);
        Assert.Equal(lease.Batch, Request(1, 2, 1)!.Batch);
    }

    [Fact]
    public void The_last_worker_that_cannot_compute_ends_the_run_and_so_does_a_loss_that_is_no_number()
    {
        Begin(workers: 1);
        Join(0, 1);
        Tell(new LeaseProtocol.Failed(new WorkerId(0), 1, WorkerFailure.CannotCompute, "Index was outside the bounds of the array."));
        Assert.Equal("worker-0, the last worker, cannot go on: Index was outside the bounds of the array.", Failure());

        Begin(workers: 2);
        Join(0, 1);
        Join(1, 2);
        Tell(new LeaseProtocol.Failed(new WorkerId(0), 1, WorkerFailure.LossNotFinite, "the loss is no number"));
        Assert.Equal("worker-0 stopped: the loss is no number.", Failure());
    }

    [Fact]
    public void A_worker_that_fails_before_the_run_has_started_is_not_waited_for()
    {
        Begin(workers: 2);
        Tell(new TrainerInput.WorkerBroke(new WorkerId(1), "no library"));
        Assert.Null(Failure());
        Join(0, 1);

        Assert.NotNull(Request(0, 1, 1));
    }

    [Fact]
    public void Whoever_waits_for_workers_is_told_who_is_missing_ever_less_often_and_then_that_the_run_has_ended()
    {
        Begin(workers: 3, startWithin: 100);
        Join(0, 1);
        Join(2, 2);
        Tell(new TrainerInput.WorkerLost(new WorkerId(2)));

        var told = new List<string>();
        for (_now = 5; Failure() is null; _now += 5)
        {
            Tell(TrainerInput.StartAwaited.Instance);
            told.AddRange(_effects.OfType<TrainerEffect.Show>()
                .Select(show => FormattableString.Invariant($"{_now:0}: {((TrainingEvent.Notice)show.Event).Text}")));
        }

        Assert.InRange(_now, 105, 106); // one step after the end
        Assert.Equal(["10", "20", "40", "80"], told.Select(line => line.Split(':')[0]));
        Assert.Contains(
            "Training has waited 10 s for workers: of 3 2 have not come (worker-0 has joined, worker-2 had joined and is gone); without "
            + "them the run ends after 100 s (train.startWithinSeconds).", told[0], StringComparison.Ordinal);
        Assert.Contains(
            "Training has not begun within 100 s: of 3 workers 2 did not come (worker-0 has joined, worker-2 had joined and is gone).",
            Failure(), StringComparison.Ordinal);
    }

    [Fact]
    public void One_that_is_to_wait_for_ever_or_has_begun_does_not_end_for_want_of_workers()
    {
        Begin(workers: 2, startWithin: 0);
        _now = 1e9;
        Tell(TrainerInput.StartAwaited.Instance);
        Assert.Null(Failure());

        Begin(workers: 1, startWithin: 1);
        Join(0, 1);
        Tell(new TrainerInput.WorkerLost(new WorkerId(0)));
        _now += 1e6;
        Tell(TrainerInput.StartAwaited.Instance);
        Assert.Empty(_effects);
    }

    [Fact]
    public void A_failure_that_is_told_again_is_answered_again()
    {
        Begin(workers: 2);
        Join(0, 1);
        Join(1, 2);
        var failed = new LeaseProtocol.Failed(new WorkerId(0), 1, WorkerFailure.CannotCompute, "no library");
        Tell(failed);
        Tell(failed);

        Assert.Single(Replies());
        Assert.DoesNotContain(_effects, effect => effect is TrainerEffect.Show);
    }

    [Fact]
    public void A_stop_that_was_asked_for_before_a_crash_is_not_forgotten()
    {
        Begin(workers: 1, batches: 50);
        Join(0, 1);
        var lease = Request(0, 1, 1)!;
        Tell(TrainerInput.Stop.Instance);
        Crash();
        Confirm(0, 1, shard: 0);
        Confirm(0, 1, shard: 1);
        Join(0, 2);

        Assert.Equal(TrainingPhase.Boundary, _trainer.Phase); // nothing is in flight: it ends here
        Assert.Null(Request(0, 2, 1));
        Assert.Equal(0, lease.Batch.Number);
    }

    private void Begin(int workers = 1, int epochs = 1, int batches = 5, bool ranks = false, bool saves = false, double startWithin = 600)
    {
        var settings = TrainerCrashSpecs.Settings("asp", workers, 0, epochs, batches, 0, 0, saves, ranks, 1);
        settings = settings with { Options = settings.Options with { StartWithinSeconds = startWithin } };
        _journal.Clear();
        _trainer = new TrainerState(settings, []);
        Tell(TrainerInput.Tick.Instance);
        _settings = settings;
    }

    private TrainerSettings _settings = null!;

    private void Crash()
    {
        _trainer = new TrainerState(_settings, _journal);
        Tell(TrainerInput.Tick.Instance);
    }

    private void Tell(object input)
    {
        var decision = _trainer.Decide(input, _now += 0.01);
        _journal.AddRange(decision.Entries);
        _effects = [.. decision.Effects];
    }

    private void Join(int worker, long birth) => Tell(new LeaseProtocol.Join(new WorkerId(worker), birth));

    private Lease? Request(int worker, long birth, long ordinal)
    {
        Tell(new LeaseProtocol.LeaseRequest(new WorkerId(worker), birth, ordinal));
        return Told<LeaseProtocol.LeaseGranted>().SingleOrDefault()?.Lease;
    }

    private void Complete(int worker, long birth, long ordinal, Lease lease) =>
        Tell(new LeaseProtocol.Completed(new WorkerId(worker), birth, ordinal,
            new BatchReport(lease.Batch, new BatchLoss(1, 0, 1), lease.Count, 1, 0, default)));

    private void Confirm(int worker, long birth, int shard, long furthest = 0) =>
        Tell(new ParameterProtocol.Fenced(new ShardId(shard), new WorkerId(worker), birth, furthest));

    private int Fences() => _effects.Count(effect => effect is TrainerEffect.ToShard { Message: ParameterProtocol.Fence });

    private IEnumerable<T> Told<T>() => _effects.OfType<TrainerEffect.ToWorker>().Select(told => told.Message).OfType<T>();

    private IEnumerable<object> Replies() => _effects.OfType<TrainerEffect.Reply>().Select(reply => reply.Message);

    private string? Failure() => _effects.OfType<TrainerEffect.Fail>().SingleOrDefault()?.Reason;
}
