using System.Diagnostics;
using TwoTower.Node.Shell;

namespace TwoTower.Node.Telemetry;

/// <summary>A run as a trace: a span over the whole, one an epoch in it, and evaluations and notices as events of the whole.</summary>
internal sealed class RunTrace : IDisposable
{
    private static readonly ActivitySource s_source = new(RunMetrics.Name, ProgramVersion.Text);

    private Activity? _run;
    private DateTime _began;
    private DateTime _epochBegan;

    /// <summary>Takes an event in.</summary>
    public void Note(RunEvent line)
    {
        switch (line)
        {
            case RunEvent.Begin begin:
                _began = _epochBegan = begin.Time ?? TimeProvider.System.GetUtcNow().UtcDateTime;
                Activity.Current = null; // a root of its own: no request of anybody is behind it
                _run = s_source.StartActivity("run", ActivityKind.Internal, default(ActivityContext), startTime: _began);
                _run?.SetTag("twotower.command", begin.Command).SetTag("twotower.recipe", begin.Recipe)
                    .SetTag("twotower.workers", begin.Workers).SetTag("twotower.shards", begin.Shards)
                    .SetTag("twotower.consistency", begin.Consistency).SetTag("twotower.from_batch", begin.FromBatch);
                break;
            case RunEvent.Epoch epoch:
                using (var span = s_source.StartActivity("epoch", ActivityKind.Internal, _run?.Context ?? default, startTime: _epochBegan))
                {
                    span?.SetTag("twotower.epoch", epoch.Number).SetTag("twotower.loss", epoch.Loss)
                        .SetTag("twotower.staleness", epoch.MeanStaleness).SetEndTime(At(epoch));
                }

                _epochBegan = At(epoch);
                break;
            case RunEvent.Evaluation evaluation:
                _run?.AddEvent(new ActivityEvent("evaluation", At(evaluation),
                    [.. evaluation.Metrics.Select(metric => KeyValuePair.Create(metric.Key, (object?)metric.Value)),
                    new("best", evaluation.Best)]));
                break;
            case RunEvent.Notice notice:
                _run?.AddEvent(new ActivityEvent(notice.Kind, At(notice), [new("text", notice.Text)]));
                break;
            case RunEvent.End end:
                _run?.SetTag("twotower.end", end.Reason)
                    .SetStatus(end.Reason == "failed" ? ActivityStatusCode.Error : ActivityStatusCode.Ok).SetEndTime(At(end));
                break;
        }
    }

    /// <inheritdoc />
    public void Dispose() => _run?.Dispose();

    private DateTime At(RunEvent line) => _began.AddSeconds(line.Wall ?? 0);
}
