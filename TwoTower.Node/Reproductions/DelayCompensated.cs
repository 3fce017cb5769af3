using TwoTower.Actors.Options;
using TwoTower.Model.Optimizers;
using TwoTower.Node.Plots;

namespace TwoTower.Node.Reproductions;

/// <summary>A stale gradient corrected to first order is nearly a fresh one.</summary>
internal sealed class DelayCompensated : IReproduction
{
    /// <summary>λ₀ of the paper's networks.</summary>
    private const double PublishedStrength = 2;

    /// <summary>Seed with which λ₀ is chosen; no figure uses it.</summary>
    private const long SearchSeed = 100;

    private static readonly double[] Strengths = [PublishedStrength, 1, 0.5, 0.25];
    private static readonly int[] Compared = [8, 16];
    private static readonly StalenessPolicyOptions Uncompensated = new();

    /// <inheritdoc />
    public string Name => "dc-asgd";

    /// <inheritdoc />
    public string Source =>
        "Zheng, Meng, Wang, Chen, Yu, Ma and Liu, Asynchronous stochastic gradient descent with delay compensation, ICML 2017, section 6";

    /// <inheritdoc />
    public string Claim =>
        "Asynchronous SGD ends worse than sequential SGD on the same examples, the more so with more workers; compensating the delay "
        + "nearly gets back what was lost.";

    /// <inheritdoc />
    public ReproductionReport Run(ReproductionContext context)
    {
        int[] workers = context.Full ? [4, 8, 16, 30] : [8, 16];
        var (epochs, seeds) = context.Full ? (30, 3) : (12, 1);
        var trial = new AsynchronyTrial(context, OptimizerKind.Sgd, Normalise: false);
        var rate = trial.BestRate([30, 60, 120, 240]);
        var untrained = trial.UntrainedLoss(1);
        double Once(int count, StalenessPolicyOptions policy, long seed) =>
            Math.Min(untrained, trial.FinalLoss(rate, count, policy, epochs, seed));
        double Loss(int count, StalenessPolicyOptions policy) => Enumerable.Range(1, seeds).Average(seed => Once(count, policy, seed));
        var strength = Strengths.MinBy(strength => Compared.Average(count => Once(count, Compensated(strength), SearchSeed)));
        var sequential = Loss(1, Uncompensated);
        ChartPoint[] Series(StalenessPolicyOptions policy) => [.. workers.Select(count => new ChartPoint(count, Loss(count, policy)))];
        var asynchronous = Series(Uncompensated);
        var compensated = Series(Compensated(strength));
        var published = Series(Compensated(PublishedStrength));
        var rows = new List<ReproductionRow>();
        foreach (var (stale, repaired) in asynchronous.Zip(compensated).Where(pair => Compared.Contains((int)pair.First.X)))
        {
            rows.Add(new ReproductionRow($"loss of {stale.X} asynchronous workers over that of one", "above 1", stale.Y / sequential, 1.001,
                double.PositiveInfinity));
            rows.Add(new ReproductionRow($"share of that loss recovered by delay compensation, {stale.X} workers", "nearly all; here: most",
                (stale.Y - repaired.Y) / (stale.Y - sequential), 0.5, double.PositiveInfinity));
        }

        rows.Add(new ReproductionRow("loss of 16 asynchronous workers over that of 8", "above 1", asynchronous.First(point => point.X == 16)
            .Y / asynchronous.First(point => point.X == 8).Y, 1.001, double.PositiveInfinity));
        return new ReproductionReport(
            rows,
            [
                new Chart("loss", "Delay compensation against plain asynchrony", "workers", "loss of the last epoch", [
                    new("asynchronous", asynchronous),
                    new(FormattableString.Invariant($"compensated, λ₀ = {strength}"), compensated),
                    .. strength == PublishedStrength ? Array.Empty<ChartSeries>()
                        : [new ChartSeries(FormattableString.Invariant($"compensated, λ₀ = {PublishedStrength}"), published)],
                ]) { Reference = sequential, Caption = "The dashed line is one worker." },
            ],
            [
                "The paper trains residual networks with 4, 8 and 16 workers and steps the rate down; here it is matrix factorisation "
                    + "with BPR and SGD at a constant rate, and the loss of an epoch instead of the test error. m = 0.95 is the paper's.",
                FormattableString.Invariant(
                    $"The rate, {rate}, is the best of a doubling grid for one worker after {AsynchronyTrial.SearchEpochs} epochs. A loss ")
                    + FormattableString.Invariant(
                    $"above that of an untrained model, {untrained:0.000}, counts as that: nothing was learned."),
                FormattableString.Invariant(
                    $"λ₀ = {strength} is the best of {string.Join(", ", Strengths)} for {string.Join(" and ", Compared)} workers with ")
                    + FormattableString.Invariant(
                    $"seed {SearchSeed}, which the figures do not use. With the {PublishedStrength} of the paper's networks the losses ")
                    + FormattableString.Invariant(
                    $"are {string.Join(", ", published.Select(point => FormattableString.Invariant($"{point.Y:0.000} ({point.X} workers)")))}."),
                "Our reading: λ₀ belongs to a model and a loss, as a rate does. The correction stands for the curvature, λ₀|g| for h by "
                    + "parameter. With a mean over a batch g is small and h is smaller still, and a λ₀ that overrates h by enough turns "
                    + "the correction into a push that arrives late and grows. One too small leaves plain asynchrony.",
            ]);
    }

    private static StalenessPolicyOptions Compensated(double strength) =>
        new() { Kind = StalenessPolicyKind.DelayCompensation, CompensationStrength = strength };
}
