using System.Diagnostics;
using TwoTower.Actors.Hosting;
using TwoTower.Actors.Options;
using TwoTower.Actors.Protocol.Reports;
using TwoTower.Actors.Training;
using TwoTower.Model.Data;
using TwoTower.Model.Data.Loading;
using TwoTower.Model.Evaluation;
using TwoTower.Model.Optimizers;
using TwoTower.Model.Options;
using TwoTower.Model.Towers;

namespace TwoTower.Benchmarks;

/// <summary>The whole actor path beside an eager loop, in turns in one process, on data of MovieLens-1M's size.</summary>
internal static class Throughput
{
    private const int Rounds = 5;

    public static async Task RunAsync()
    {
        var data = DataLoader.Load(new DataOptions { Profile = "ml-1m", Seed = 1 });
        Console.WriteLine(
            $"{data.Users.Count} users, {data.Items.Count} items, {data.Train.Count} train positives; {Environment.ProcessorCount} cores");

        var softmax = new TrainingOptions
        {
            Epochs = 2,
            Patience = 0,
            Workers = 2,
            Shards = 4,
            BatchSize = 1024,
            EvaluateEveryEpochs = 100
        };
        var bpr = softmax with
        {
            BatchSize = 16384,
            Epochs = 6,
            Loss = new LossOptions { Kind = LossKind.Bpr, Negatives = 1, Sampling = NegativeSampling.Uniform, Temperature = 1 },
            Optimizer = new OptimizerOptions { Kind = OptimizerKind.Adagrad, LearningRate = 0.05 },
        };
        var eager = new List<double>();
        var actors = new List<TrainingOutcome>();
        var bprActors = new List<TrainingOutcome>();
        var allocated = new List<double>();
        for (var round = -1; round < Rounds; round++)
        {
            var loop = EagerTwoTower.Run(data, 1024, 128, Environment.ProcessorCount, 60);
            var (trained, bytes) = await MeasuredAsync(new TrainingPlan(softmax, data));
            var (longer, moreBytes) = await MeasuredAsync(new TrainingPlan(softmax with { Epochs = 2 * softmax.Epochs }, data));
            var ranked = await LocalTraining.RunAsync(new TrainingPlan(bpr, data));
            if (round < 0)
            {
                continue; // the first turn warms up
            }

            eager.Add(loop);
            actors.Add(trained);
            bprActors.Add(ranked);
            allocated.Add((moreBytes - bytes) / (double)(longer.Shards[0].Pushes - trained.Shards[0].Pushes));
        }

        Row("eager TorchSharp loop, in-batch softmax, B=1024, all cores", eager);
        Row("actors, in-batch softmax, B=1024, 2 workers, 4 shards", [.. actors.Select(outcome => outcome.ExamplesPerSecond)]);
        Row("  ratio, pair by pair", [.. actors.Zip(eager, (outcome, loop) => outcome.ExamplesPerSecond / loop)], "0.00");
        Split(actors[^1]);
        Row("  managed bytes allocated per further batch (twice the epochs minus once)", allocated);
        Row("actors, BPR, 1 negative, B=16384, 2 workers, 4 shards", [.. bprActors.Select(outcome => outcome.ExamplesPerSecond)]);
        Split(bprActors[^1]);
        Evaluation(data, actors[^1].Embeddings);
        Console.WriteLine(
            $"peak working set of all of this together, eager loop included: {Process.GetCurrentProcess().PeakWorkingSet64 / 1e6:0} MB "
            + $"(one run alone says its own in its report)");
    }

    private static async Task<(TrainingOutcome Outcome, long Bytes)> MeasuredAsync(TrainingPlan plan)
    {
        var before = GC.GetTotalAllocatedBytes(precise: true);
        var outcome = await LocalTraining.RunAsync(plan);
        return (outcome, GC.GetTotalAllocatedBytes(precise: true) - before);
    }

    private static void Evaluation(RecommenderData data, TwoTowerEmbeddings embeddings)
    {
        var everybody = InteractionMatrix.From(data.Users.Count, data.Items.Count, data.Train);
        var task = new RankingTask(everybody, InteractionMatrix.From(data.Users.Count, data.Items.Count));
        var scorer = new DotProductScorer(embeddings);
        var seconds = new List<double>();
        for (var round = -1; round < Rounds; round++)
        {
            var start = Stopwatch.GetTimestamp();
            RankingEvaluator.EvaluateBoth(scorer, task, [10, 50, 100], Environment.ProcessorCount);
            if (round >= 0)
            {
                seconds.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
            }
        }

        Row($"full ranking, {task.Users.Length} users x {data.Items.Count} items, top 100, both protocols, seconds", seconds, "0.000");
    }

    private static void Row(string name, List<double> values, string format = "#,0")
    {
        var sorted = values.Order().ToArray();
        Console.WriteLine(
            $"{name}: median {sorted[sorted.Length / 2].ToString(format)} (min {sorted[0].ToString(format)}, "
            + $"max {sorted[^1].ToString(format)}, {sorted.Length} turns)");
    }

    private static void Split(TrainingOutcome outcome)
    {
        var time = outcome.Time;
        Console.WriteLine(
            $"  seconds over all threads: pull {time.Pull:0.00}, gather {time.Gather:0.00}, gemm {time.Gemm:0.00}, "
            + $"softmax {time.Softmax:0.00}, gradient {time.Gradient:0.00}, push {time.Push:0.00}, apply {time.Apply:0.00}, "
            + $"wait {time.Wait:0.00}; {outcome.TrainSeconds:0.00} s of training");
    }
}
