using System.Globalization;
using TwoTower.Actors.Options;
using TwoTower.Actors.Protocol.Reports;
using TwoTower.Model.Evaluation;
using TwoTower.Node.Display;

namespace TwoTower.Node.Runs;

/// <summary>What is printed when a run has ended: plain text that fits in 80 columns.</summary>
internal static class FinalReport
{
    /// <summary>Writes the report.</summary>
    /// <param name="to">Where.</param>
    /// <param name="engine">What carried the run out.</param>
    /// <param name="options">The run's settings.</param>
    /// <param name="card">What the metrics mean.</param>
    /// <param name="outcome">What training gave.</param>
    /// <param name="model">The best model's metrics, or null when nothing was evaluated.</param>
    /// <param name="baselines">The bars.</param>
    /// <param name="cold">Users who were left out of training, or null.</param>
    /// <param name="scheduleCutAtBatch">Batch up to which a schedule went by another number of epochs, or null.</param>
    public static void Write(TextWriter to, ITrainingEngine engine, TrainingOptions options, ProtocolCard card, TrainingOutcome outcome,
        Judged? model, Baselines baselines, JudgedColdUsers? cold = null, long? scheduleCutAtBatch = null)
    {
        void Line(FormattableString text) => to.WriteLine(text.ToString(CultureInfo.InvariantCulture));
        var tables = new JudgingTables(to, options.Cutoffs);
        Judged[] rows = [.. baselines.Results, .. model is null ? Array.Empty<Judged>() : [model], .. baselines.Oracle is { } oracle
            ? [oracle] : Array.Empty<Judged>()];
        if (card.EvaluableUsers > 0)
        {
            tables.Means($"{card.Judged}, seen items masked", rows, row => row.Masked);
            if (model is not null)
            {
                tables.Shares(baselines, model);
            }
        }

        if (baselines.Popularity.Test is not null)
        {
            tables.Means("Test, seen items masked", rows, row => row.Test?.Masked);
        }

        if (card.EvaluableUsers > 0)
        {
            tables.Buckets(rows);
        }

        if (model is not null && card.EvaluableUsers > 0)
        {
            tables.Differences(JudgingTables.ModelMinusBaseline, model, baselines.Bars, "model wins", "baseline wins");
            Line($"  Best epoch {outcome.Best!.Epoch:0.##} by {(options.Protocol == RankingProtocol.Raw ? "raw " : string.Empty)}{options.Metric}: {DifferenceText.WithRange(Bootstrap.Mean((options.Protocol == RankingProtocol.Raw ? model.Raw : model.Masked).PerUser(options.Metric)))}");
        }

        cold?.Write(tables);
        foreach (var note in baselines.Notes)
        {
            to.WriteLine(Paragraph.Wrap($"  note: {note}", 4));
        }

        to.WriteLine();
        card.Write(to);
        to.WriteLine();
        var s = outcome.Staleness;
        Line($"Staleness of pushed rows: mean {s.Mean:0.00}, p50 {s.P50:0}, p99 {s.P99:0}, max {s.Max:0} pushes;");
        Line($"  in clocks at most {s.MaxClocks} measured, {(s.Bound is { } bound ? string.Create(CultureInfo.InvariantCulture, $"{bound} allowed") : "no bound")} ({options.Consistency}); {s.BoundViolations} violations");
        engine.WriteTimes(to, outcome);
        Line($"Peak memory {Summary.PeakMemory() / 1e6:#,0} MB");
        if (outcome.MaskedShare is { } share)
        {
            Line($"In-batch negatives masked: {share:0.0%}");
        }

        if (outcome.Temperature is { } learned)
        {
            Line($"Learned temperature {learned.Best:0.0000} in the best model, {learned.Last:0.0000} at the end (began at {learned.Initial:0.####})");
        }

        to.WriteLine("SHA-256 of the parameters");
        Line($"  {outcome.ParametersSha256}");
        var stopped = outcome.Reason == StopReason.Interrupted && !engine.EndedByLimit;
        Line($"  {(stopped ? "Stopped from outside: the same command, stopped again, ends elsewhere." : scheduleCutAtBatch is { } cut ? $"Up to batch {cut} the schedule went by another number of epochs." : engine.Repeatability(options))}");
    }
}
