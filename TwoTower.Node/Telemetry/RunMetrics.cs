using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using TwoTower.Node.Shell;

namespace TwoTower.Node.Telemetry;

/// <summary>A run as .NET metrics, for whatever listens to them: OpenTelemetry, Prometheus, <c>dotnet-counters</c>. Values are asked for;
/// nothing is counted for nobody.</summary>
/// <remarks>All ends with the run: nothing goes on reporting what a run that is over was last seen to do.</remarks>
internal sealed class RunMetrics : IRunEventSink
{
    /// <summary>Name of the meter and of the source of activities.</summary>
    public const string Name = "TwoTower";

    // Each is told although it counts nobody: what is not told is shown by some as it was last.
    private static readonly string[] s_states = ["computing", "waiting", "lost"];

    private readonly Meter _meter = new(Name, ProgramVersion.Text);
    private readonly ConcurrentDictionary<string, long> _notices = new(StringComparer.Ordinal);
    private readonly Action? _flush;
    private readonly RunTrace _trace = new();
    private volatile RunEvent.Begin? _begin;
    private volatile RunEvent.Progress? _progress;
    private volatile RunEvent.Evaluation? _evaluation;

    /// <summary>Metrics of one run.</summary>
    /// <param name="flush">Sends what has not been sent; called at the end, while there is still something to see.
    /// Null where others come and look.</param>
    public RunMetrics(Action? flush = null)
    {
        _flush = flush;
        _meter.CreateObservableCounter("batches", () => Each(_progress?.Batches - (_begin?.FromBatch ?? 0)), "{batch}",
            "Batches that every shard has applied, since the process began");
        _meter.CreateObservableCounter("examples", () => Each(_progress?.Examples - ExamplesBefore), "{example}", "Examples in them");
        _meter.CreateObservableCounter("time", () => (_progress?.Time ?? new Dictionary<string, double>())
            .Select(part => Measured(part.Value, "part", part.Key)), "s", "Thread seconds by part of the work");
        _meter.CreateObservableCounter("shard.pulls", () => Shards(shard => shard.Pulls), "{pull}", "Pulls that a shard has answered");
        _meter.CreateObservableCounter("shard.pushes", () => Shards(shard => shard.Pushes), "{push}", "Pushes that a shard has taken");
        _meter.CreateObservableCounter("shard.io", () => Shards(shard => shard.Bytes), "By", "Bytes of rows in and out of a shard");
        _meter.CreateObservableCounter("notices", () => _notices.Select(notice => Measured(notice.Value, "kind", notice.Key)), "{notice}",
            "What happened on the way, by kind");
        _meter.CreateObservableGauge("loss", () => Each(_progress?.Loss), null, "Mean loss per example of the latest batch");
        _meter.CreateObservableGauge("throughput", () => Each(_progress?.ExamplesPerSecond), "{example}/s",
            "Examples per second in this epoch");
        _meter.CreateObservableGauge("staleness", () => Each(_progress?.MeanStaleness), "{push}", "Mean staleness of pushed rows");
        _meter.CreateObservableGauge("workers", () => _progress?.Workers is { } workers
            ? s_states.Select(state => Measured((long)workers.Count(worker => worker.State == state), "state", state)) : [], "{worker}",
            "Workers by what they are doing");
        _meter.CreateObservableGauge("validation", () => (_evaluation?.Metrics ?? new Dictionary<string, double>())
            .Select(metric => Measured(metric.Value, "metric", metric.Key)), null, "Masked validation metrics of the latest evaluation");
    }

    private long ExamplesBefore => _begin is { FromBatch: > 0 and var from, BatchesPerEpoch: > 0 } begin
        ? from * begin.TrainPositives / begin.BatchesPerEpoch : 0;

    /// <inheritdoc />
    public void Write(RunEvent line)
    {
        switch (line)
        {
            case RunEvent.Begin begin:
                _begin = begin;
                break;
            case RunEvent.Progress progress:
                _progress = progress;
                break;
            case RunEvent.Evaluation evaluation:
                _evaluation = evaluation;
                break;
            case RunEvent.Notice notice:
                _notices.AddOrUpdate(notice.Kind, 1, (_, count) => count + 1);
                break;
        }

        _trace.Note(line);
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _trace.Dispose();
        _flush?.Invoke();
        _meter.Dispose();
    }

    /// <inheritdoc />
    public override string ToString() => "metrics";

    private static IEnumerable<Measurement<T>> Each<T>(T? value)
        where T : struct => value is { } known ? [new Measurement<T>(known)] : [];

    private static Measurement<T> Measured<T>(T value, string tag, object of)
        where T : struct => new(value, KeyValuePair.Create(tag, (object?)of));

    private IEnumerable<Measurement<long>> Shards(Func<RunEvent.Shard, long> value) =>
        (_progress?.Shards ?? []).Select(shard => Measured(value(shard), "shard", shard.Id));
}
