using TwoTower.Actors.Training;
using TwoTower.Model.Optimizers;
using TwoTower.Node.Plots;

namespace TwoTower.Node.Reproductions;

/// <summary>A stale gradient corrected to first order is nearly a fresh one.</summary>
public sealed class DelayCompensated : IReproduction
{
    /// <inheritdoc />
    public string Name => "dc-asgd";

    /// <inheritdoc />
    public string Source => "Zheng, Meng, Wang, Chen, Yu, Ma and Liu, Asynchronous stochastic gradient descent with delay compensation, ICML 2017, section 6";

    /// <inheritdoc />
    public string Claim => "Asynchronous SGD ends worse than sequential SGD on the same examples, the more so with more workers; compensating the delay nearly gets back what was lost.";

    /// <inheritdoc />
    public ReproductionReport Run(ReproductionContext context)
    {
        int[] workers = context.Full ? [4, 8, 16, 30] : [8, 16];
        var (epochs, seeds) = context.Full ? (30, 3) : (12, 1);
        var trial = new AsynchronyTrial(context, OptimizerKind.Sgd, Normalise: false);
        var rate = trial.BestRate([30, 60, 120, 240]);
        var untrained = trial.UntrainedLoss(1);
        double Loss(int count, StalenessPolicyKind policy) => Enumerable.Range(1, seeds).Average(seed => Math.Min(untrained, trial.FinalLoss(rate, count, policy, epochs, seed)));
        var sequential = Loss(1, StalenessPolicyKind.None);
        var asynchronous = workers.Select(count => new ChartPoint(count, Loss(count, StalenessPolicyKind.None))).ToArray();
        var compensated = workers.Select(count => new ChartPoint(count, Loss(count, StalenessPolicyKind.DelayCompensation))).ToArray();
        var rows = new List<ReproductionRow>();
        foreach (var (stale, repaired) in asynchronous.Zip(compensated).Where(pair => pair.First.X is 8 or 16))
        {
            rows.Add(new ReproductionRow($"loss of {stale.X} asynchronous workers over that of one", "above 1", stale.Y / sequential, 1.001, double.PositiveInfinity));
            rows.Add(new ReproductionRow($"share of that loss recovered by delay compensation, {stale.X} workers", "nearly all; here: most", (stale.Y - repaired.Y) / (stale.Y - sequential), 0.5, double.PositiveInfinity));
        }

        rows.Add(new ReproductionRow("loss of 16 asynchronous workers over that of 8", "above 1", asynchronous.First(point => point.X == 16).Y / asynchronous.First(point => point.X == 8).Y, 1.001, double.PositiveInfinity));
        return new ReproductionReport(
            rows,
            [
                new Chart("loss", "Delay compensation against plain asynchrony", "workers", "loss of the last epoch", [
                    new("asynchronous", asynchronous),
                    new("delay-compensated", compensated),
                ]) { Reference = sequential, Caption = "The dashed line is one worker." },
            ],
            [
                "The paper trains residual networks with 4, 8 and 16 workers and steps the rate down; here it is matrix factorisation with BPR and SGD at a constant rate, and the loss of an epoch instead of the test error. λ₀ = 2 and m = 0.95 are the paper's.",
                FormattableString.Invariant($"The rate, {rate}, is the best of a doubling grid for one worker after {AsynchronyTrial.SearchEpochs} epochs. A loss above that of an untrained model, {untrained:0.000}, counts as that: nothing was learned."),
                "The correction is of first order and holds only for small moves: where asynchrony all but diverges, as with the best rate on MovieLens 100K, it makes things worse instead of better; on the synthetic data rates above the best one do the same.",
            ]);
    }
}
