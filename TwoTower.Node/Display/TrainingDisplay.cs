using System.Globalization;
using Spectre.Console;
using Spectre.Console.Rendering;
using TwoTower.Actors.Options;
using TwoTower.Actors.Protocol.Reports;
using TwoTower.Model.Evaluation;

namespace TwoTower.Node.Display;

/// <summary>Shows a run while it goes on: one live table in a terminal, plain lines elsewhere.</summary>
/// <param name="options">The run's settings.</param>
/// <param name="popularity">What popularity reaches on the same users.</param>
/// <param name="live">Whether to draw a live table.</param>
/// <param name="clock">The time of the run in words, where it is another than the wall clock's; null there.</param>
internal sealed class TrainingDisplay(TrainingOptions options, RankingResult popularity, bool live, Func<string?> clock)
    : IProgress<TrainingEvent>
{
    private readonly string[] _metrics = Metrics(options);
    private readonly Lock _lock = new();
    private readonly System.Diagnostics.Stopwatch _watch = System.Diagnostics.Stopwatch.StartNew();
    private readonly Queue<string> _notices = new();
    private TrainingEvent.BatchesDone? _now;
    private EvaluationReport? _latest;
    private EvaluationReport? _best;
    private double? _epochLoss;

    /// <summary>What is shown of an evaluation: recall at the first cut-off, and the metric that decides where that is another.</summary>
    public static string[] Metrics(TrainingOptions options) => [.. new[] { $"recall@{options.Cutoffs[0]}", options.Metric }.Distinct()];

    /// <inheritdoc />
    public void Report(TrainingEvent value)
    {
        lock (_lock)
        {
            switch (value)
            {
                case TrainingEvent.BatchesDone done:
                    _now = done;
                    break;
                case TrainingEvent.EpochDone done:
                    _epochLoss = done.Loss;
                    Say(Invariant(
                        $"epoch {done.Epoch,3}/{options.Epochs}  loss {done.Loss:0.0000}  {done.ExamplesPerSecond,9:#,0} examples/s  ")
                        + Invariant($"staleness {done.MeanStaleness:0.00}  left {Left(done.Epoch)}"));
                    if (clock() is { } now)
                    {
                        Say($"  at {now}, {Wall}");
                    }

                    break;
                case TrainingEvent.Evaluated evaluated:
                    _latest = evaluated.Report;
                    _best = evaluated.IsBest ? _latest : _best;
                    Say(Invariant(
                        $"  epoch {_latest.Epoch:0.##}{string.Concat(_metrics.Select(metric => Invariant($"  {metric} {_latest.Masked.Mean(metric):0.0000} (pop. {popularity.Mean(metric):0.0000})")))}{(evaluated.IsBest ? "  best" : string.Empty)}"));
                    break;
                case TrainingEvent.Notice { Kind: not NoticeKind.Fault } notice: // of faults there may be thousands
                    _notices.Enqueue(notice.Text);
                    Say(Paragraph.Wrap($"  {notice.Text}", 4));
                    break;
            }
        }
    }

    /// <summary>Shows progress until the run ends.</summary>
    public async Task<TrainingOutcome> ShowAsync(Task<TrainingOutcome> run)
    {
        if (live)
        {
            await AnsiConsole.Live(Table()).AutoClear(false).StartAsync(async context =>
            {
                while (!run.IsCompleted)
                {
                    context.UpdateTarget(Table());
                    await Task.WhenAny(run, Task.Delay(200)).ConfigureAwait(false);
                }

                context.UpdateTarget(Table());
            }).ConfigureAwait(false);
        }

        return await run.ConfigureAwait(false);
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private string Left(double epochsDone) => epochsDone > 0
        ? TimeSpan.FromSeconds(_watch.Elapsed.TotalSeconds / epochsDone * Math.Max(0, options.Epochs - epochsDone))
            .ToString(@"m\:ss", CultureInfo.InvariantCulture)
        : "-";

    private string Wall => Invariant($"{_watch.Elapsed.TotalSeconds:0.0} s of wall clock");

    private void Say(string line)
    {
        if (!live)
        {
            Console.Out.WriteLine(line);
        }
    }

    /// <summary>The live table as it stands.</summary>
    public IRenderable Table()
    {
        lock (_lock)
        {
            var done = _now is null ? 0 : (double)_now.Step / Math.Max(1, _now.TotalSteps) * options.Epochs;
            var table = new Table().Border(TableBorder.Rounded).HideHeaders().AddColumn("what").AddColumn("value");
            table.AddRow("epoch", Invariant($"{done:0.0} of {options.Epochs}   left at most {Left(done)}"));
            if (clock() is { } now)
            {
                table.AddRow("time", $"{now}   {Wall}");
            }

            table.AddRow("loss", Invariant($"{_epochLoss ?? _now?.Loss ?? double.NaN:0.0000}"));
            foreach (var metric in _metrics)
            {
                table.AddRow(metric, _latest is { } latest
                    ? Invariant($"{latest.Masked.Mean(metric):0.0000} at epoch {latest.Epoch:0.##}   ")
                        + Invariant($"best {_best?.Masked.Mean(metric):0.0000}   popularity {popularity.Mean(metric):0.0000}")
                    : Invariant($"not yet   popularity {popularity.Mean(metric):0.0000}"));
            }

            table.AddRow("examples/s", Invariant($"{_now?.ExamplesPerSecond ?? 0:#,0}"));
            table.AddRow("staleness", Invariant($"mean {_now?.MeanStaleness ?? 0:0.00} pushes   bound {options.Consistency}"));
            foreach (var notice in _notices.TakeLast(3))
            {
                table.AddRow("notice", Markup.Escape(notice));
            }

            return table;
        }
    }
}
