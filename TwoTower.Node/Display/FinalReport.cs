using System.Globalization;
using TwoTower.Actors.Training;
using TwoTower.Model.Evaluation;
using TwoTower.Node.Engines;
using TwoTower.Node.Runs;

namespace TwoTower.Node.Display;

/// <summary>What is printed when a run has ended: plain text that fits in 80 columns.</summary>
public static class FinalReport
{
    /// <summary>Writes the report.</summary>
    /// <param name="to">Where.</param>
    /// <param name="engine">What carried the run out.</param>
    /// <param name="options">The run's settings.</param>
    /// <param name="card">What the metrics mean.</param>
    /// <param name="outcome">What training gave.</param>
    /// <param name="model">The best model's metrics, or null when nothing was evaluated.</param>
    /// <param name="baselines">The bars.</param>
    /// <param name="scheduleCutAtBatch">Batch up to which a schedule went by another number of epochs, or null.</param>
    public static void Write(TextWriter to, ITrainingEngine engine, TrainingOptions options, ProtocolCard card, TrainingOutcome outcome, Judged? model, Baselines baselines, long? scheduleCutAtBatch = null)
    {
        void Line(FormattableString text) => to.WriteLine(text.ToString(CultureInfo.InvariantCulture));
        var recalls = options.Cutoffs.Select(k => $"recall@{k}").ToArray();
        var columns = recalls.Take(3).Append($"ndcg@{options.Cutoffs[0]}").ToArray();
        var rows = model is null ? baselines.All : [.. baselines.All, model];
        Table("Validation, seen items masked", row => row.Masked);
        if (baselines.Popularity.Test is not null)
        {
            Table("Test, seen items masked", row => row.Test?.Masked);
        }

        to.WriteLine();
        if (model is not null)
        {
            to.WriteLine("The model minus a baseline; a winner is named where the interval leaves 0 out");
            foreach (var bar in new[] { baselines.Popularity, baselines.Recent })
            {
                foreach (var metric in recalls)
                {
                    var difference = Bootstrap.Difference(model.Masked.PerUser(metric), bar.Masked.PerUser(metric));
                    var verdict = !difference.ExcludesZero ? "no winner" : difference.Value > 0 ? "model wins" : "baseline wins";
                    Line($"  {metric,-10} - {bar.Name,-17} {Signed(difference.Value)} [{Signed(difference.Low)}, {Signed(difference.High)}]  {verdict}");
                }
            }

            var interval = Bootstrap.Mean(model.Masked.PerUser(options.Metric));
            Line($"  Best epoch {outcome.Best!.Epoch:0.##} by {options.Metric}: {interval.Value:0.0000} [{interval.Low:0.0000}, {interval.High:0.0000}]");
        }

        to.WriteLine();
        to.WriteLine("Protocol");
        Line($"  positives   {card.Positives}");
        Line($"  split       {card.Split}");
        Line($"  train       to {card.TrainEnd}");
        Line($"  validation  {card.ValidationStart} to {card.ValidationEnd}");
        Line($"  ranking     {card.Candidates:#,0} candidates, {card.Mask}");
        Line($"  users       {card.EvaluableUsers:#,0} with {card.HeldOutPositives:#,0} held-out positives");
        Line($"  intervals   {card.Interval}");
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

        to.WriteLine("SHA-256 of the parameters");
        Line($"  {outcome.ParametersSha256}");
        Line($"  {(scheduleCutAtBatch is { } cut ? $"Up to batch {cut} the schedule went by another number of epochs." : engine.Repeatability(options))}");

        void Table(string title, Func<Judged, RankingResult?> result)
        {
            to.WriteLine();
            Line($"{title,-29}{string.Concat(columns.Select(column => $"{column,12}"))}");
            foreach (var row in rows)
            {
                var name = row == baselines.Recent ? string.Create(CultureInfo.InvariantCulture, $"recent popularity (last {baselines.RecentShare:0%})") : row.Name;
                Line($"  {name,-27}{string.Concat(columns.Select(column => string.Create(CultureInfo.InvariantCulture, $"{result(row)?.Mean(column),12:0.0000}")))}");
            }
        }
    }

    // Rounded first: what rounds to zero has no sign.
    private static string Signed(double value) => Math.Round(value, 4).ToString("+0.0000;-0.0000; 0.0000", CultureInfo.InvariantCulture);
}
