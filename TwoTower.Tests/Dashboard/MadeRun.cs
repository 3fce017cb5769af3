using TwoTower.Node.Telemetry;

namespace TwoTower.Tests.Dashboard;

/// <summary>A run's folder as a run at work leaves it, made without training.</summary>
internal sealed class MadeRun
{
    private static readonly Dictionary<string, IReadOnlyDictionary<string, double>> s_baselines = new()
    {
        ["random"] = Metrics(0.01),
        ["popularity"] = Metrics(0.08),
        ["recentPopularity"] = Metrics(0.1),
        ["ease"] = Metrics(0.11),
    };

    private readonly string _events;

    public MadeRun(string library, string name, string consistency = "ssp:4", int workers = 2, string cutoffs = "10,50")
    {
        Folder = Path.Combine(library, name);
        Directory.CreateDirectory(Folder);
        _events = RunEventLog.PathIn(Folder);
        File.WriteAllText(Path.Combine(Folder, "config.json"), $$"""
            { "command": "train", "recipe": "made", "data": "made up", "dataFingerprint": "0123", "sources": {},
              "settings": { "train.workers": "{{workers}}", "train.shards": "4", "train.consistency": "{{consistency}}", "train.seed": "1", "evaluate.cutoffs": "{{cutoffs}}", "evaluate.metric": "recall@50" } }
            """);
        Tell(new RunEvent.Begin
        {
            Time = new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc),
            Wall = 0,
            Command = "train",
            Recipe = "made",
            FromBatch = 0,
            TotalBatches = 20_000,
            BatchesPerEpoch = 1_000,
            TrainPositives = 100_000,
            Workers = workers,
            Shards = 4,
            Consistency = consistency,
            Metric = "recall@50",
            Cutoffs = [10, 50],
            Baselines = s_baselines,
        });
    }

    public string Folder { get; }

    public void Tell(params IEnumerable<RunEvent> events)
    {
        using var file = new FileStream(_events, FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
        foreach (var happened in events)
        {
            file.Write([.. happened.ToJson(), (byte)'\n']);
        }
    }

    /// <summary>Progress lines with an evaluation each tenth of them.</summary>
    public void Train(int lines, int seed = 0)
    {
        var random = new Random(seed);
        var told = new List<RunEvent>();
        for (var n = 1; n <= lines; n++)
        {
            told.Add(Progress(n, 7 - (2.0 * n / (n + 500)) + (random.NextDouble() - 0.5)));
            if (n % Math.Max(1, lines / 10) == 0)
            {
                var value = 0.08 + (0.04 * n / (n + 1_000)) + (0.002 * seed);
                told.Add(new RunEvent.Evaluation
                {
                    Wall = n * 0.2,
                    Batches = n * 2,
                    AfterEpochs = n * 2 / 1_000.0,
                    Best = true,
                    Metrics = Metrics(value),
                    Interval = new Dictionary<string, double[]> { ["recall@10"] = [value - 0.01, value + 0.01] },
                });
            }
        }

        told.Add(new RunEvent.Staleness
        {
            Wall = 1,
            Batches = 2,
            Histograms = new Dictionary<string, long[]> { ["user/top 1%"] = [10, 20, 5, 1], ["item/rest"] = [90, 4] }
        });
        Tell(told);
    }

    /// <summary>Holds the folder as a process at work does, until it is disposed.</summary>
    public IDisposable Work() => new FileStream(Path.Combine(Folder, "run.lock"), FileMode.Create, FileAccess.ReadWrite, FileShare.None);

    public static RunEvent.Progress Progress(int n, double loss, string state = "computing") => new()
    {
        Wall = n * 0.2,
        Batches = n * 2,
        Examples = n * 200,
        Loss = loss,
        ExamplesPerSecond = 50_000 + (n % 1_000),
        MeanStaleness = 0.5,
        Time = new Dictionary<string, double> { ["gemm"] = n * 0.1, ["softmax"] = n * 0.05, ["wait"] = n * 0.02 },
        Workers = [new(0, n, n, "computing"), new(1, n, n, state)],
        Shards = [.. Enumerable.Range(0, 4).Select(shard => new RunEvent.Shard(shard, n, n, n * 1_000L * (shard + 1)))],
    };

    private static Dictionary<string, double> Metrics(double value) =>
        new() { ["recall@10"] = value, ["recall@50"] = 2.5 * value, ["ndcg@10"] = 1.5 * value };
}
