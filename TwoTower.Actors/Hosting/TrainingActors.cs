using Akka.Actor;
using TwoTower.Actors.Evaluation;
using TwoTower.Actors.Ids;
using TwoTower.Actors.ParameterServer;
using TwoTower.Actors.Training;
using TwoTower.Actors.Work;

namespace TwoTower.Actors.Hosting;

/// <summary>Starts the actors of a run on a deployment. Live training, the simulator and tests start the same ones.</summary>
internal static class TrainingActors
{
    /// <summary>Dispatcher of a role's actors.</summary>
    public static string DispatcherOf(NodeRole role) => role switch
    {
        NodeRole.Worker => "compute-dispatcher",
        NodeRole.Shard => "shard-dispatcher",
        NodeRole.Evaluator => "evaluation-dispatcher",
        _ => "control-dispatcher",
    };

    /// <summary>Starts one actor per parameter shard.</summary>
    public static void StartShards(ITrainingRun run, IDeployment deployment)
    {
        var blueprint = run.ShardBlueprint with { Board = run.Board, Probe = run.Probe };
        for (var shard = 0; shard < run.Options.Shards; shard++)
        {
            var id = new ShardId(shard);
            var node = NodeId.Shard(shard);
            deployment.Start(node, () => ParameterShardActor.Props(id, blueprint, deployment.ShardStore, deployment.WorkOn(node))
                .WithDispatcher(DispatcherOf(NodeRole.Shard)));
        }
    }

    /// <summary>Starts the evaluator. After the shards.</summary>
    public static void StartEvaluator(ITrainingRun run, IDeployment deployment) =>
        deployment.Start(NodeId.Evaluator, () => EvaluatorActor.Props(new EvaluatorBlueprint(
            run.Options.Model, run.Layout, run.ValidationUsers, run.Score, deployment.WorkOn(NodeId.Evaluator),
            Shards(run, deployment, NodeId.Evaluator), run.Options.RetrySeconds)
        { Probe = run.Probe })
            .WithDispatcher(DispatcherOf(NodeRole.Evaluator)));

    /// <summary>Starts the trainer. After shards and evaluator.</summary>
    public static IActorRef StartTrainer(ITrainingRun run, IDeployment deployment) =>
        deployment.Start(NodeId.Trainer, () => TrainerActor.Props(
            Trainer(run, Shards(run, deployment, NodeId.Trainer), deployment.Link(NodeId.Trainer, NodeId.Evaluator),
                deployment.WorkOn(NodeId.Trainer), deployment.LostReturn, deployment.Journal) with
            {
                Board = run.Board,
                RealTime = deployment.RealTime,
            })
            .WithDispatcher(DispatcherOf(NodeRole.Trainer)));

    /// <summary>What the trainer of a run needs, wherever its actors are.</summary>
    public static TrainerBlueprint Trainer(ITrainingRun run, IReadOnlyList<IActorRef> shards, IActorRef evaluator, ITimedWork work,
        bool lostReturn, ITrainerJournal? journal) =>
            new(run.Plan, run.Epochs, run.Layout, shards, evaluator, run.ToEmbeddings, work, lostReturn, journal, run.RestoredBest(),
                run.Progress, run.Outcome)
            {
                Rank = run.Options.Loss.RanksSnapshots ? run.Rank : null,
                Probe = run.Probe,
            };

    /// <summary>Starts the workers. After the trainer.</summary>
    public static void StartWorkers(ITrainingRun run, IDeployment deployment)
    {
        var shared = deployment.OneThread ? run.Tools(shared: true) : null;
        for (var worker = 0; worker < run.Options.Workers; worker++)
        {
            var id = new WorkerId(worker);
            var node = NodeId.Worker(worker);
            deployment.Start(node, () => WorkerActor.Props(id, new WorkerBlueprint(
                run.Options, run.Hot, () => shared ?? run.Tools(shared: false), run.NextBirth, deployment.WorkOn(node),
                deployment.Link(node, NodeId.Trainer), Shards(run, deployment, node))
            { Probe = run.Probe })
                .WithDispatcher(DispatcherOf(NodeRole.Worker)));
        }
    }

    private static IReadOnlyList<IActorRef> Shards(ITrainingRun run, IDeployment deployment, NodeId from) =>
        [.. Enumerable.Range(0, run.Options.Shards).Select(shard => deployment.Link(from, NodeId.Shard(shard)))];
}
