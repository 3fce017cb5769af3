using System.Globalization;
using TwoTower.Actors.Options;

namespace TwoTower.Benchmarks.Scaling;

/// <summary>Time of a batch on one shard against the rows that the shard holds:
/// <c>dotnet run -c Release --project TwoTower.Benchmarks -- step [TURNS [MOST_ROWS]]</c>.</summary>
/// <remarks>Shards of all sizes take turns, so that what else the machine does falls on all alike. With the same rows drawn whatever the
/// size, only work that goes over the table grows; with rows drawn from everywhere, the processor's caches tell too.</remarks>
internal static class StepTimes
{
    private const int Batches = 960;

    /// <param name="arguments">Turns (7) and the largest number of rows (10 million).</param>
    public static void Run(string[] arguments)
    {
        var turns = arguments.Length > 0 ? int.Parse(arguments[0], CultureInfo.InvariantCulture) : 7;
        var most = arguments.Length > 1 ? int.Parse(arguments[1], CultureInfo.InvariantCulture) : 10_000_000;
        int[] sizes = [.. new[] { 10_000, 100_000, 1_000_000, 10_000_000 }.Where(rows => rows <= most)];
        var layouts = sizes.Select(ShardUnderLoad.Layout).ToArray();
        (string Name, TrainingOptions Options)[] modes =
        [
            ("bsp", new() { Consistency = Consistency.Bsp }),
            ("asp", new() { Consistency = Consistency.Asp }),
            ("bsp, delayed by 2", new() { Consistency = Consistency.Bsp, StalenessInjection = Injection("constant:2") }),
            ("bsp, a record every 64 pushes", new() { Consistency = Consistency.Bsp, Durability = Durability.Checkpoint(64) }),
        ];
        Console.WriteLine($"us a batch (1,024 rows of 8, Adam), median of {turns} turns, and in brackets over that of {sizes[0]:#,0} rows");
        var heads = sizes.Select(rows => string.Create(CultureInfo.InvariantCulture, $"{rows:#,0}"));
        Console.WriteLine($"| | rows drawn | {string.Join(" | ", heads)} |");
        foreach (var (name, options) in modes)
        {
            var shards = layouts.Select(layout => new ShardUnderLoad(layout, options)).ToArray();
            foreach (var everywhere in new[] { false, true })
            {
                var times = Measure(shards, turns, everywhere);
                var cells = times.Select(time => string.Create(CultureInfo.InvariantCulture, $"{time:#,0} ({time / times[0]:0.00})"));
                Console.WriteLine($"| {name} | {(everywhere ? "everywhere" : "the same 4,096")} | {string.Join(" | ", cells)} |");
            }

            GC.Collect();
        }
    }

    private static double[] Measure(ShardUnderLoad[] shards, int turns, bool everywhere)
    {
        var times = shards.Select(_ => new List<double>()).ToArray();
        for (var turn = -1; turn < turns; turn++)
        {
            for (var n = 0; n < shards.Length; n++)
            {
                var time = shards[n].Run(Batches, everywhere);
                if (turn >= 0)
                {
                    times[n].Add(time);
                }
            }
        }

        return [.. times.Select(time => time.Order().ElementAt(turns / 2))];
    }

    private static StalenessInjection Injection(string text) =>
        StalenessInjection.TryParse(text, out var injection)
            ? injection
            : throw new ArgumentException($"'{text}' is no delay.", nameof(text));
}
