using System.Text.Json.Nodes;
using TwoTower.Node.Telemetry;

namespace TwoTower.Tests.Telemetry;

/// <summary><c>events.jsonl</c> of a real run.</summary>
[Collection(TrainedRuns.Name)]
public sealed class RunEventsSpecs(TrainedRuns runs)
{
    private readonly JsonNode _summary = JsonNode.Parse(File.ReadAllText(Path.Combine(runs.Run, "summary.json")))!;

    [Fact]
    public void It_begins_with_what_decides_the_run_and_ends_with_why_it_ended()
    {
        var begins = runs.Events.OfType<RunEvent.Begin>().ToArray();

        Assert.Same(begins[0], runs.Events[0]);
        Assert.Equal([0L, begins[0].BatchesPerEpoch], begins.Select(begin => begin.FromBatch!.Value));
        Assert.Equal(("train", "recommended", 2, 2, "ssp:4", "recall@5"),
            (begins[1].Command, begins[1].Recipe, begins[1].Workers, begins[1].Shards, begins[1].Consistency, begins[1].Metric));
        Assert.Equal([5, 10], begins[1].Cutoffs);
        Assert.Equal(2 * begins[1].BatchesPerEpoch, begins[1].TotalBatches);
        Assert.Equal((double)_summary["baselines"]!["popularity"]!["validation"]!["masked"]!["ndcg@10"]!,
            begins[1].Baselines["popularity"]["ndcg@10"]);
        Assert.Equal("finished", Assert.Single(runs.Events.OfType<RunEvent.End>()).Reason);
        Assert.IsType<RunEvent.End>(runs.Events[^1]);
    }

    [Fact]
    public void Progress_at_the_end_is_what_the_summary_says()
    {
        var begin = runs.Events.OfType<RunEvent.Begin>().Last();
        var last = runs.Events.OfType<RunEvent.Progress>().Last();

        Assert.Equal((begin.TotalBatches, 2 * begin.TrainPositives), (last.Batches!.Value, last.Examples));
        Assert.Equal((double)_summary["staleness"]!["mean"]!, last.MeanStaleness!.Value, 1e-9);
        Assert.Equal([0, 1], last.Workers!.Select(worker => worker.Id));
        Assert.Equal(begin.TotalBatches - begin.FromBatch, last.Workers!.Sum(worker => worker.Batches));
        Assert.All(last.Workers!, worker => Assert.Contains(worker.State, new[] { "computing", "waiting" }));
        foreach (var (shard, summed) in last.Shards!.Zip(_summary["shards"]!.AsArray()))
        {
            Assert.Equal(((int)summed!["id"]!, (long)summed["pulls"]!, (long)summed["pushes"]!, (long)summed["bytes"]!),
                (shard.Id, shard.Pulls, shard.Pushes, shard.Bytes));
        }

        foreach (var part in new[] { "pull", "gather", "gemm", "softmax", "gradient", "push", "apply" })
        {
            Assert.Equal((double)_summary["time"]![part]!, last.Time![part], 1e-3);
        }
    }

    [Fact]
    public void Staleness_at_the_end_is_what_the_summary_says()
    {
        var last = runs.Events.OfType<RunEvent.Staleness>().Last().Histograms;

        Assert.Equal(_summary["staleness"]!["histograms"]!.AsObject()
            .Select(bucket => (bucket.Key, string.Join(',', bucket.Value!.AsArray()))),
            last.OrderBy(bucket => bucket.Key, StringComparer.Ordinal).Select(bucket => (bucket.Key, string.Join(',', bucket.Value))));
    }

    [Fact]
    public void Epochs_and_evaluations_are_those_of_the_run_with_intervals_around_them()
    {
        Assert.Equal(_summary["lossByEpoch"]!.AsArray().Select(loss => (double?)loss), runs.Events.OfType<RunEvent.Epoch>()
            .Select(epoch => epoch.Loss));
        var evaluations = runs.Events.OfType<RunEvent.Evaluation>().ToArray();
        Assert.Equal([1.0, 2.0], evaluations.Select(evaluation => evaluation.AfterEpochs));
        var best = evaluations.Last(evaluation => evaluation.Best);
        Assert.Equal((double)_summary["best"]!["validation"]!["masked"]!["recall@5"]!, best.Metrics["recall@5"], 1e-12);
        Assert.All(evaluations, evaluation => Assert.InRange(evaluation.Metrics["recall@5"], evaluation.Interval["recall@5"][0],
            evaluation.Interval["recall@5"][1]));
        Assert.Contains(runs.Events.OfType<RunEvent.Notice>(), notice => notice.Kind == "checkpoint");
    }
}
