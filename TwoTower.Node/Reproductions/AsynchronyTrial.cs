using TwoTower.Actors.Options;
using TwoTower.Actors.Simulation;
using TwoTower.Actors.Simulation.Network;
using TwoTower.Actors.Simulation.Worlds;
using TwoTower.Model.Optimizers;
using TwoTower.Model.Options;

namespace TwoTower.Node.Reproductions;

/// <summary>One model and optimizer trained by one worker and by many at once, on the same examples.</summary>
/// <param name="Context">What is run on.</param>
/// <param name="Optimizer">The optimizer.</param>
/// <param name="Normalise">Whether the two towers end in vectors of length 1; if not it is plain matrix factorisation.</param>
internal sealed record AsynchronyTrial(ReproductionContext Context, OptimizerKind Optimizer, bool Normalise)
{
    /// <summary>Epochs of one worker by which a rate is chosen.</summary>
    public const int SearchEpochs = 6;

    /// <summary>The rate of a grid with which one worker, to whom nothing is stale, has the least loss after
    /// <see cref="SearchEpochs"/>.</summary>
    public double BestRate(IReadOnlyList<double> grid) => grid.MinBy(rate => FinalLoss(rate, 1, StalenessPolicyKind.None, SearchEpochs, 1));

    /// <summary>Mean loss of an epoch in which nothing is learned.</summary>
    public double UntrainedLoss(long seed) => FinalLoss(1e-9, 1, StalenessPolicyKind.None, 1, seed);

    /// <summary>Mean loss of the last epoch; infinite when there was no finite one.</summary>
    /// <param name="rate">Learning rate of each push.</param>
    /// <param name="workers">Workers, each push of which is an update of its own.</param>
    /// <param name="policy">What shards do about stale gradients.</param>
    /// <param name="epochs">Passes over the data.</param>
    /// <param name="seed">Seed of training and world.</param>
    public double FinalLoss(double rate, int workers, StalenessPolicyKind policy, int epochs, long seed) =>
        FinalLoss(rate, workers, new StalenessPolicyOptions { Kind = policy }, epochs, seed);

    /// <inheritdoc cref="FinalLoss(double, int, StalenessPolicyKind, int, long)" />
    public double FinalLoss(double rate, int workers, StalenessPolicyOptions policy, int epochs, long seed)
    {
        var options = new TrainingOptions
        {
            Model = new ModelOptions { Dim = 8, Normalise = Normalise },
            Loss = new LossOptions
            {
                Kind = LossKind.Bpr,
                Negatives = 1,
                Sampling = NegativeSampling.Uniform,
                Temperature = Normalise ? 0.2 : 1
            },
            Optimizer = new OptimizerOptions { Kind = Optimizer, LearningRate = rate },
            Workers = workers,
            Shards = 2,
            Consistency = Consistency.Softsync(workers),
            StalenessPolicy = policy,
            BatchSize = 1024,
            Epochs = epochs,
            EvaluateEveryEpochs = 1000,
            Cutoffs = [10],
            Patience = 0,
            Seed = seed,
        };
        var world = new WorldOptions
        {
            Seed = seed,
            Network = NetworkOptions.Preset("lan"),
            Compute = new() { Factor = new Distribution.LogNormal(1, 0.2), EvaluatedUsersPerSecond = 0 },
        };
        var what = FormattableString.Invariant($"{Optimizer} {rate:0.###}, {workers} workers, {policy}")
            + (policy.Kind == StalenessPolicyKind.DelayCompensation ? FormattableString.Invariant($" λ₀={policy.CompensationStrength}")
                : string.Empty);
        var losses = Context.LossByEpoch(what, options, world);
        return losses.Count > 0 && double.IsFinite(losses[^1]) ? losses[^1] : double.PositiveInfinity;
    }
}
