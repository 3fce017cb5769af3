using System.Globalization;
using TwoTower.Model;
using TwoTower.Model.Data;
using TwoTower.Model.Data.Synthetic;

namespace TwoTower.Node.Reproductions.Worlds;

/// <summary>How the default world was found: a seeded search over a world's parameters for the figures of MovieLens-1M.</summary>
/// <remarks>A walk: the best so far is moved a little, and what is nearer to the target is the best from then on. Candidates are judged on
/// worlds of their own seeds, which no figure of the default world comes from. One whose shape alone is clearly worse than the best's is
/// dropped before anything is ranked.</remarks>
internal sealed class WorldSearch : IReproduction
{
    private const int FullSteps = 20;
    private const int SmallSteps = 2;
    private const double FirstStep = 0.2;
    private const double LastStep = 0.05;
    private const double Shrink = 0.985;
    private const double WorseShape = 0.015;
    private static readonly long[] s_seeds = [101, 102];

    /// <summary>Where the search begins: by hand, after some forty worlds that were looked at one by one.</summary>
    internal static SyntheticProfile Start { get; } = new("start", 4_000, 2_000, 400_000, 730, 8, 2)
    {
        PopularitySpread = 1.75,
        ActivitySpread = 1.1,
        FewestRatings = 8,
        GenreTaste = 1.35,
        NicheTaste = 0.45,
        LastingShare = 0.85,
        OldShare = 0.95,
        Wander = 0.25,
        WanderDays = 800,
        Return = new ReturnLaw(0.5, 0.4, 0.25, 30, 0.95, 0.85, 1, 0.85),
    };

    /// <inheritdoc/>
    public string Name => "world-fit";

    /// <inheritdoc/>
    public string Source => "MovieLens-1M's positives under a global split by time (docs/world.md)";

    /// <inheritdoc/>
    public string Claim => "The parameters of the default synthetic world are what a seeded search for the figures of MovieLens-1M finds.";

    /// <inheritdoc/>
    public bool GoesOn => true;

    /// <inheritdoc/>
    public ReproductionReport Run(ReproductionContext context)
    {
        var folder = Directory.CreateDirectory(context.Folder ?? Path.Combine("ablations", $"{Name}-{(context.Full ? "full" : "small")}"))
            .FullName;
        var target = WorldTargets.MovieLens1M;
        var steps = context.Full ? FullSteps : SmallSteps;
        var start = context.Full ? Start : Start with { Users = 800, Items = 500, Ratings = 60_000 };
        var random = new SeededRandom(1);
        var best = (Profile: start, Distance: Judge(start, 0), Shape: ShapeDistance(start));
        var first = best;
        for (var step = 1; step <= steps; step++)
        {
            context.Stop.ThrowIfCancellationRequested();
            var candidate = WorldParameter.Moved(best.Profile, Math.Max(LastStep, FirstStep * Math.Pow(Shrink, step)), ref random);
            var shape = ShapeDistance(candidate);
            if (shape > best.Shape + WorseShape)
            {
                continue;
            }

            var distance = Judge(candidate, step);
            if (distance < best.Distance)
            {
                best = (candidate, distance, shape);
                context.Say(string.Create(CultureInfo.InvariantCulture,
                    $"  step {step}: distance {distance:0.0000} (shape {shape:0.0000}): {WorldParameter.Text(candidate)}"));
            }
        }

        context.Say($"  found: {WorldParameter.Text(best.Profile)}");
        var rows = new List<ReproductionRow> { new("distance of the world found, over that of the start", "at most 1",
            best.Distance / first.Distance, 0, 1) };
        if (context.Full)
        {
            rows.AddRange(WorldParameter.All.Select(parameter => new ReproductionRow(
                $"{parameter.Name}: found, minus the default world's", "0", parameter.Read(best.Profile)
                    - parameter.Read(SyntheticProfile.Small), -1e-9, 1e-9)));
        }

        return new ReproductionReport(rows, [],
            [string.Create(CultureInfo.InvariantCulture,
            $"Distance {first.Distance:0.0000} at the start, {best.Distance:0.0000} at the end, after {steps} steps; 0.01 is a tenth off.")]);

        double Judge(SyntheticProfile profile, int step)
        {
            var judged = s_seeds.Take(context.Full ? s_seeds.Length : 1).Select(seed => MeasuredWorld.Of(
                Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"step-{step}_seed-{seed}.json")),
                $"{WorldParameter.Text(profile)};{seed}", () => MeasuredWorld.Load(profile, seed), quick: true, context));
            return target.Distance(WorldTargets.Of([.. judged]));
        }

        double ShapeDistance(SyntheticProfile profile) => target.ShapeDistance(DataShape.Of(MeasuredWorld.Load(profile, s_seeds[0]).Data)
            .Figures.ToDictionary(figure => figure.Name, figure => figure.Value, StringComparer.Ordinal));
    }
}
