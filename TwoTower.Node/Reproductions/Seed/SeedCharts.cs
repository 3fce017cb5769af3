using TwoTower.Node.Ablations;
using TwoTower.Node.Plots;

namespace TwoTower.Node.Reproductions.Seed;

/// <summary>The plots of the seed study.</summary>
internal static class SeedCharts
{
    private static readonly (string Row, string Label)[] s_ladder =
    [
        ("seed", "seed"), ("unseen", "unseen"), ("negatives-10", "10 neg."), ("hard", "hard"), ("adam", "Adam"), ("bpr-t0.2", "BPR T=.2"),
        ("raw-t0.2", "softmax"), ("softmax", "log q"),
        ("recency-20", "recency"), ("prior", "prior"), ("recommended", "recomm."),
    ];

    private static readonly string[] s_temperatures = ["0.05", "0.1", "0.2", "0.5", "1"];

    /// <summary>All plots.</summary>
    public static IReadOnlyList<Chart> Of(AblationResults results) =>
    [
        new Chart("ladder", "Masked recall@10, one change after the other", "", "recall@10",
            [new ChartSeries("model", [.. s_ladder.Select((step, n) => Point(n, results.Masked(step.Row, "recall@10")))])])
        {
            Categories = [.. s_ladder.Select(step => step.Label)],
            Reference = results.Baseline("recentPopularity", "recall@10"),
            YFrom = 0,
            IsJoined = false,
            Caption = "Dashed: recent popularity. Bars: 95 % over users.",
        },
        new Chart("temperature", "In-batch softmax: temperature and log q", "temperature", "recall@50",
        [
            new ChartSeries("with log q",
                [.. s_temperatures.Select((t, n) => Point(n, results.Masked(t == "0.2" ? "softmax" : $"t{t}", "recall@50")))]),
            new ChartSeries("without",
                [.. s_temperatures.Select((t, n) => Point(n, results.Masked(t == "1" ? "softmax-raw" : $"raw-t{t}", "recall@50")))]),
        ])
        {
            Categories = s_temperatures,
            Reference = results.Baseline("popularity", "recall@50"),
            YFrom = 0,
            Caption = "Dashed: popularity.",
        },
        new Chart("loss-bpr", "Loss of BPR by epoch", "epoch", "loss",
            [Loss(results, "seed", "seed: Adagrad 0.05"), Loss(results, "adagrad-0.2", "Adagrad 0.2"), Loss(results, "adam", "Adam 0.001"),
            Loss(results, "hard", "hard negatives"), Loss(results, "bpr-t0.2", "T = 0.2")]) { YFrom = 0 },
        new Chart("loss-softmax", "Loss of in-batch softmax by epoch, T = 0.2, log q", "epoch", "loss",
            [Loss(results, "lr-0.0005", "Adam 0.0005"), Loss(results, "lr-0.001", "Adam 0.001"), Loss(results, "softmax", "Adam 0.005"),
            Loss(results, "lr-0.01", "Adam 0.01"), Loss(results, "softmax-adagrad", "Adagrad 0.05")]),
        new Chart("worth", "The recommended recipe with one part changed", "", "recall@50, difference",
            [new ChartSeries("difference",
            [.. Parts(results).Select((row, n) => Point(n, results.Difference(row.Name, "recommended", "recall@50")))])])
        {
            Categories = [.. Parts(results).Select(row => row.Name.Replace("without-", "no ", StringComparison.Ordinal)
                .Replace("recommended-", "", StringComparison.Ordinal).Replace("full-", "full ", StringComparison.Ordinal))],
            Reference = 0,
            IsJoined = false,
            Caption = "Bars: 95 %, paired bootstrap over users.",
        },
    ];

    private static IEnumerable<AblationRow> Parts(AblationResults results) =>
        results.Ablation.Selected.Where(row => row.Base == "recommended");

    private static ChartSeries Loss(AblationResults results, string row, string name) =>
        new(name, [.. results.LossByEpoch(row).Select((loss, epoch) => new ChartPoint(epoch + 1, loss))]);

    private static ChartPoint Point(double x, Model.Evaluation.Interval value) => new(x, value.Value, value.Low, value.High);
}
