using Akka.Actor;
using Akka.TestKit.Xunit2;
using TwoTower.Actors.Evaluation;
using TwoTower.Actors.Hosting;
using TwoTower.Actors.Ids;
using TwoTower.Actors.Options;
using TwoTower.Actors.ParameterServer;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Protocol.Reports;
using TwoTower.Actors.Training;
using TwoTower.Actors.Work;
using TwoTower.Model.Optimizers;
using TwoTower.Model.Options;

namespace TwoTower.Tests.Training;

/// <summary>The actors of a small run, started one by one, where an actor that fails is gone.</summary>
public abstract class TrainingKit() : TestKit("""
    akka { loglevel = ERROR, stdout-loglevel = OFF, loggers = [], log-dead-letters = off
           actor.guardian-supervisor-strategy = "Akka.Actor.StoppingSupervisorStrategy" }
    """)
{
    /// <summary>Longer than anything here takes on a busy machine.</summary>
    private protected static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);

    private protected static TrainingOptions Small() =>
        InvariantSpecs.Options(LossKind.Bpr, OptimizerKind.Adagrad) with { Shards = 2, RetrySeconds = 0.1, LeaseSeconds = 30 };

    private protected static TrainingRun RunOf(TrainingOptions options, Action<TrainingEvent>? happening = null) =>
        new(new TrainingPlan(options, SmallData.Make()), new EventCallback(happening ?? (_ => { })));

    private protected IActorRef[] StartShards(TrainingRun run) =>
        [.. Enumerable.Range(0, run.Options.Shards)
            .Select(shard => Sys.ActorOf(ParameterShardActor.Props(new ShardId(shard), run.ShardBlueprint, null, RealTimeWork.Instance)))];

    private protected IActorRef StartEvaluator(TrainingRun run, IReadOnlyList<IActorRef> shards) =>
        StartEvaluator(run, shards, run.Score, run.Options.RetrySeconds);

    /// <summary>An evaluator whose shards are this spec, and which asks them once.</summary>
    private protected IActorRef StartEvaluator(TrainingRun run, Func<ModelSnapshot, double, EvaluationReport>? score = null) =>
        StartEvaluator(run, [TestActor, TestActor], score ?? run.Score, retrySeconds: 100);

    private protected IActorRef StartTrainer(TrainingRun run, IReadOnlyList<IActorRef> shards, IActorRef evaluator) =>
        Sys.ActorOf(TrainerActor.Props(TrainingActors.Trainer(run, shards, evaluator, RealTimeWork.Instance, lostReturn: false, null)));

    private IActorRef StartEvaluator(TrainingRun run, IReadOnlyList<IActorRef> shards, Func<ModelSnapshot, double, EvaluationReport> score,
        double retrySeconds) =>
            Sys.ActorOf(EvaluatorActor.Props(new EvaluatorBlueprint(run.Options.Model, run.Layout, run.ValidationUsers, score,
                RealTimeWork.Instance, shards, retrySeconds)));
}
