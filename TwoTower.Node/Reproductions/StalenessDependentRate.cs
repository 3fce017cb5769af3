using TwoTower.Actors.Options;
using TwoTower.Model.Optimizers;
using TwoTower.Node.Plots;

namespace TwoTower.Node.Reproductions;

/// <summary>Many workers need a lower rate than one, and staleness says how much lower.</summary>
internal sealed class StalenessDependentRate : IReproduction
{
    private const int Workers = 30;

    /// <inheritdoc />
    public string Name => "zhang15-lr";

    /// <inheritdoc />
    public string Source =>
        "Zhang, Gupta, Lian and Liu, Staleness-aware async-SGD for distributed deep learning, 2015, equation 6 and the experiments with "
        + "30 learners";

    /// <inheritdoc />
    public string Claim =>
        "With 30 workers that do not wait for each other, the rate that is good for one fails to converge; divided by the staleness it "
        + "converges nearly as well as without staleness.";

    /// <inheritdoc />
    public ReproductionReport Run(ReproductionContext context)
    {
        var plain = Measure(new AsynchronyTrial(context, OptimizerKind.Momentum, Normalise: false), [3, 6, 12, 24], out var rate);
        var lost = 1 - plain[rate].Fixed;
        var charts = new List<Chart> { Draw("plain", "matrix factorisation", plain) };
        var remarks = new List<string>
        {
            "The paper trains convolutional networks; here it is matrix factorisation with BPR and momentum 0.9. Learned is how far the "
                + "loss fell from that of an untrained model, as a share of how far it fell for one worker with the same rate and "
                + "examples; a run that ends above the untrained loss has learned 0.",
            FormattableString.Invariant(
                $"The rate, {rate}, is the best of a doubling grid for one worker after {AsynchronyTrial.SearchEpochs} epochs. How much ")
                + FormattableString.Invariant($"is lost depends on it: the plot has the others."),
            "A push of the paper changes every weight and is about 30 updates stale; here τ is counted by row, and a batch of 1,024 "
                + "touches part of the rows, so rates are divided by less.",
            "A divided rate also learns more slowly, and matrix factorisation from small values starts on a plateau: what is not "
                + "recovered is not unstable but unfinished.",
        };
        if (context.Full)
        {
            var towers = Measure(new AsynchronyTrial(context, OptimizerKind.Momentum, Normalise: true), [0.3, 1, 3, 10], out var towerRate);
            charts.Add(Draw("two-tower", "two towers", towers));
            remarks.Add(FormattableString.Invariant(
                $"Two towers with vectors of length 1 cannot diverge: a step is perpendicular to its vector and lengthens it, which ")
                + FormattableString.Invariant(
                $"lowers its rate from then on. With their best rate, {towerRate}, {Workers} workers ")
                + FormattableString.Invariant(
                $"learn {towers[towerRate].Fixed:0.000} with it fixed and {towers[towerRate].Divided:0.000} with it divided."));
        }

        return new ReproductionReport(
            [
                new ReproductionRow($"share lost by {Workers} workers with the rate of one", "fails to converge", lost, 0.5, 1),
                new ReproductionRow("share of that recovered by dividing the rate by the staleness", "nearly all; here: most",
                    (plain[rate].Divided - plain[rate].Fixed) / lost, 0.5, double.PositiveInfinity),
            ],
            charts,
            remarks);
    }

    private static SortedDictionary<double, (double Fixed, double Divided)> Measure(AsynchronyTrial trial, double[] grid, out double best)
    {
        var (epochs, seeds) = trial.Context.Full ? (60, 3) : (30, 1);
        best = trial.BestRate(grid);
        var learned = new SortedDictionary<double, (double, double)>();
        foreach (var rate in trial.Context.Full ? grid : [best])
        {
            var shares = Enumerable.Range(1, seeds).Select(seed =>
            {
                var untrained = trial.UntrainedLoss(seed);
                var one = trial.FinalLoss(rate, 1, StalenessPolicyKind.None, epochs, seed);
                double Learned(StalenessPolicyKind policy) =>
                    Math.Max(0, (untrained - trial.FinalLoss(rate, Workers, policy, epochs, seed)) / (untrained - one));
                return (Fixed: Learned(StalenessPolicyKind.None), Divided: Learned(StalenessPolicyKind.Divide));
            }).ToArray();
            learned[rate] = (shares.Average(share => share.Fixed), shares.Average(share => share.Divided));
        }

        return learned;
    }

    private static Chart Draw(string name, string model, SortedDictionary<double, (double Fixed, double Divided)> learned) =>
        new(name, $"{Workers} workers against one: {model}", "rate", "learned, as a share of what one worker learned", [
            new("fixed rate", [.. learned.Select((pair, n) => new ChartPoint(n, pair.Value.Fixed))]),
            new("divided by staleness", [.. learned.Select((pair, n) => new ChartPoint(n, pair.Value.Divided))]),
        ])
        {
            YFrom = 0,
            Reference = 1,
            Categories = [.. learned.Keys.Select(rate => FormattableString.Invariant($"{rate}"))],
        };
}
