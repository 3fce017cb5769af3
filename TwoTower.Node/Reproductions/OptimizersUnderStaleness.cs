using TwoTower.Actors.Options;
using TwoTower.Actors.Simulation.Network;
using TwoTower.Actors.Simulation.Worlds;
using TwoTower.Model.Optimizers;
using TwoTower.Model.Options;
using TwoTower.Node.Plots;

namespace TwoTower.Node.Reproductions;

/// <summary>Which optimizers stand staleness.</summary>
internal sealed class OptimizersUnderStaleness : IReproduction
{
    /// <summary>Epochs without staleness within which every optimizer reaches the target.</summary>
    private const int BaseEpochs = 3;

    /// <summary>Small beside the data, as in the paper: staleness is counted in batches, and a run has to be many times as long.</summary>
    private const int BatchSize = 128;

    private const int MostStale = 32;

    private static readonly OptimizerKind[] Robust = [OptimizerKind.Sgd, OptimizerKind.Adagrad];
    private static readonly OptimizerKind[] Sensitive = [OptimizerKind.Momentum, OptimizerKind.RmsProp, OptimizerKind.Adam];

    /// <inheritdoc />
    public string Name => "dai19";

    /// <inheritdoc />
    public string Source =>
        "Dai, Zhou, Dong, Zhang and Xing, Toward understanding the impact of staleness in distributed machine learning, ICLR 2019, section 4";

    /// <inheritdoc />
    public string Claim =>
        "Staleness raises the batches to a target: least for SGD and Adagrad, most for momentum, RMSProp and Adam, and more with more workers.";

    /// <inheritdoc />
    public ReproductionReport Run(ReproductionContext context)
    {
        var rows = new List<ReproductionRow>();
        var charts = new List<Chart>();
        var remarks = new List<string>
        {
            $"The paper has deep networks for the order of the optimizers, with an optimizer in every worker, and matrix factorisation of "
                + $"ratings; here both models learn BPR by batches of {BatchSize} examples (32 there), and the optimizer's state is the shard's.",
            $"Each optimizer has the rate with the least loss at the end of a run at s=0, of four that are a factor of 3 apart; the "
                + $"target is the loss that all of them have reached after {BaseEpochs} epochs.",
            "The order depends on the rate: an earlier version of this page took the quickest rate at s=0 and batches of 1,024, and there "
                + "SGD and momentum broke down alike under staleness. Our reading: the quickest rate is near the highest that is stable, "
                + "and staleness lowers that one.",
            "Where Adagrad suffers most it is not made good by the end of the run (below). Our reading: its rate only falls, so what is "
                + "wasted at the start, where rates are highest and gradients stale, stays wasted.",
        };
        var amplified = new List<double>();
        foreach (var normalise in new[] { false, true })
        {
            var model = normalise ? "two towers" : "matrix factorisation";
            var trial = new Trial(context, normalise);
            var series = trial.Slowdowns(2, context.Full ? [0, 4, 8, 16, MostStale] : [0, 8, MostStale]);
            var wide = trial.Slowdowns(8, [0, 8]);
            double Last(OptimizerKind kind) => series[kind][^1].Y;
            rows.Add(new ReproductionRow($"{model}: batches at s=32 over those at s=0, least over optimizers", "above 1",
                series.Values.Min(points => points[^1].Y), 1.02, double.PositiveInfinity));
            rows.Add(new ReproductionRow($"{model}: mean slowdown of SGD and Adagrad at s=32 over the median of the others", "below 1",
                Robust.Average(Last) / Sensitive.Select(Last).Order().ElementAt(1), 0, 0.99));
            rows.Add(new ReproductionRow($"{model}: momentum, RMSProp or Adam slows down most at s=32 (1 is yes)", "yes",
                Sensitive.Max(Last) > Robust.Max(Last) ? 1 : 0, 1, 1));
            amplified.AddRange(series.Keys.Select(kind => wide[kind][^1].Y / series[kind].First(point => point.X == 8).Y));
            charts.Add(new Chart(normalise ? "two-tower" : "plain", $"Slowdown by staleness: {model}, 2 workers",
                "s of uniform staleness 0 … s", "batches to the target over those at s=0",
                [.. series.Select(pair => new ChartSeries(pair.Key.ToString(), pair.Value))])
            {
                YFrom = 0,
                Reference = 1,
                Caption = trial.Limit
            });
            remarks.Add($"{model}: {trial.Summary}. Slowdown at s=32: {string.Join(", ", series.Select(pair => FormattableString.Invariant($"{pair.Key} {pair.Value[^1].Y:0.00}")))}. Loss at the end of a run at s=32 over that at s=0: {trial.Ends}. {trial.Limit}".TrimEnd());
        }

        rows.Add(new ReproductionRow("slowdown at s=8 of 8 workers over that of 2, median of 5 optimizers x 2 models", "above 1",
            amplified.Order().Skip(4).Take(2).Average(), 1.02, double.PositiveInfinity));
        return new ReproductionReport(rows, charts, remarks);
    }

    /// <summary>One model with every optimizer.</summary>
    private sealed class Trial
    {
        private readonly ReproductionContext _context;
        private readonly bool _normalise;
        private readonly SortedDictionary<OptimizerKind, double> _rates = [];
        private readonly SortedDictionary<OptimizerKind, IReadOnlyList<double>> _fresh = [];
        private readonly SortedDictionary<OptimizerKind, double> _ends = [];
        private readonly double _target;
        private readonly int _limit;
        private bool _limited;

        public Trial(ReproductionContext context, bool normalise)
        {
            _context = context;
            _normalise = normalise;
            _limit = (context.Full ? 6 : 3) * BaseEpochs;
            foreach (var kind in Robust.Concat(Sensitive))
            {
                var best = Grid(kind, normalise).Select(rate => (Rate: rate, Losses: Losses(kind, rate, 2, 0, 1)))
                    .MinBy(run => End(run.Losses));
                _rates[kind] = best.Rate;
                _fresh[kind] = best.Losses;
            }

            _target = _fresh.Values.Max(losses => losses[BaseEpochs - 1]);
        }

        public string Summary => FormattableString.Invariant($"target {_target:0.000}, rates ")
            + string.Join(", ", _rates.Select(pair => FormattableString.Invariant($"{pair.Key} {pair.Value:0.####}")));

        /// <summary>What staleness costs for good, by optimizer.</summary>
        public string Ends =>
            string.Join(", ", _ends.Select(pair => FormattableString.Invariant($"{pair.Key} {pair.Value / End(_fresh[pair.Key]):0.000}")));

        public string Limit => _limited
            ? $"A run that has not reached the target after {_limit} epochs counts as if it did then: its slowdown is a lower bound."
            : string.Empty;

        /// <summary>By optimizer: batches to the target over those at the first staleness, by staleness.</summary>
        public SortedDictionary<OptimizerKind, ChartPoint[]> Slowdowns(int workers, int[] staleness)
        {
            var all = new SortedDictionary<OptimizerKind, ChartPoint[]>();
            foreach (var (kind, rate) in _rates)
            {
                var epochs = staleness.Select(s => Enumerable.Range(1, _context.Full ? 3 : 1)
                    .Average(seed => Epochs(kind, rate, workers, s, seed))).ToArray();
                all[kind] = [.. staleness.Zip(epochs, (s, needed) => new ChartPoint(s, needed / epochs[0]))];
            }

            return all;
        }

        // shorter when it diverged
        private double End(IReadOnlyList<double> losses) => losses.Count < _limit ? double.PositiveInfinity : losses[^1];

        private static double[] Grid(OptimizerKind kind, bool normalise)
        {
            var middle = kind switch
            {
                OptimizerKind.Sgd => normalise ? 10 : 120,
                OptimizerKind.Momentum => normalise ? 1 : 12,
                OptimizerKind.Adagrad => 0.3,
                _ => 0.03,
            };
            return [middle / 9, middle / 3, middle, middle * 3];
        }

        private double Epochs(OptimizerKind kind, double rate, int workers, int staleness, int seed)
        {
            // the search has run that one
            var losses = (workers, staleness, seed) == (2, 0, 1) ? _fresh[kind] : Losses(kind, rate, workers, staleness, seed);
            if ((workers, staleness, seed) == (2, MostStale, 1))
            {
                _ends[kind] = End(losses);
            }

            var needed = BoundedDelay.EpochsTo(losses, _target);
            _limited |= double.IsInfinity(needed);
            return Math.Min(needed, _limit);
        }

        private IReadOnlyList<double> Losses(OptimizerKind kind, double rate, int workers, int staleness, int seed)
        {
            var options = new TrainingOptions
            {
                Model = new ModelOptions { Dim = 8, Normalise = _normalise },
                Loss = new LossOptions
                {
                    Kind = LossKind.Bpr,
                    Negatives = 1,
                    Sampling = NegativeSampling.Uniform,
                    Temperature = _normalise ? 0.2 : 1
                },
                Optimizer = new OptimizerOptions { Kind = kind, LearningRate = rate },
                Workers = workers,
                Shards = 2,
                // in lockstep, because the network is ideal and the machines are alike: staleness is what is injected
                Consistency = Consistency.Asp,
                StalenessInjection = staleness == 0 ? StalenessInjection.None : new StalenessInjection(InjectionKind.Uniform, staleness),
                BatchSize = BatchSize,
                Epochs = _limit,
                EvaluateEveryEpochs = 1000,
                Cutoffs = [10],
                Patience = 0,
                Seed = seed,
            };
            var world = new WorldOptions
            {
                Seed = seed,
                Network = NetworkOptions.Preset("ideal"),
                Compute = new() { EvaluatedUsersPerSecond = 0 },
                Checks = workers > 2, // once for every optimizer, not for the whole grid
            };
            var what = FormattableString.Invariant(
                $"{kind} {rate:0.####}{(_normalise ? " two towers" : string.Empty)}, {workers} workers, s={staleness}, seed {seed}");
            return _context.LossByEpoch(what, options, world);
        }
    }
}
