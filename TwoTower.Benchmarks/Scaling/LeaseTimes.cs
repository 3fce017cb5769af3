using System.Diagnostics;
using System.Globalization;
using TwoTower.Actors.Ids;
using TwoTower.Actors.Options;
using TwoTower.Actors.ParameterServer;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Training;
using TwoTower.Model;

namespace TwoTower.Benchmarks.Scaling;

/// <summary>Time that a trainer takes for a lease, and for the report that a batch is complete, against the number of workers:
/// <c>dotnet run -c Release --project TwoTower.Benchmarks -- leases [TURNS [SECONDS]]</c>.</summary>
/// <remarks>Every worker asks for a lease, completes its batch in an order that is drawn, and asks again. What waits is granted
/// when another batch is complete, so that a lease's time is in the report's under a bound.</remarks>
internal static class LeaseTimes
{
    private static readonly int[] _sizes = [10, 100, 1_000, 10_000];

    /// <param name="arguments">Turns (5), and seconds after which a turn is broken off (20).</param>
    public static void Run(string[] arguments)
    {
        var turns = arguments.Length > 0 ? int.Parse(arguments[0], CultureInfo.InvariantCulture) : 5;
        var seconds = arguments.Length > 1 ? double.Parse(arguments[1], CultureInfo.InvariantCulture) : 20;
        Console.WriteLine($"us a request and us a completed batch, medians of {turns} turns; '>': broken off after {seconds:0} s");
        var heads = _sizes.Select(workers => string.Create(CultureInfo.InvariantCulture, $"{workers:#,0} workers"));
        Console.WriteLine($"| | {string.Join(" | ", heads)} |");
        foreach (var consistency in new[] { Consistency.Bsp, Consistency.Ssp(4), Consistency.Asp })
        {
            var cells = _sizes.Select(workers => Cell(consistency, workers, turns, seconds));
            Console.WriteLine($"| {consistency} | {string.Join(" | ", cells)} |");
        }
    }

    private static string Cell(Consistency consistency, int workers, int turns, double seconds)
    {
        var rounds = Math.Max(4, 20_000 / workers);
        var times = new List<(double Request, double Completed)>();
        var whole = true;
        Turn(consistency, workers, Math.Min(rounds, 40), seconds / 10); // warms up
        for (var turn = 0; turn < turns && (whole || turn == 0); turn++)
        {
            var (request, completed, done) = Turn(consistency, workers, rounds, seconds);
            times.Add((request, completed));
            whole &= done;
        }

        var (one, other) = (
            times.Select(time => time.Request).Order().ElementAt(times.Count / 2),
            times.Select(time => time.Completed).Order().ElementAt(times.Count / 2));
        return string.Create(CultureInfo.InvariantCulture, $"{(whole ? string.Empty : "> ")}{one:0.00}, {other:0.00}");
    }

    private static (double Request, double Completed, bool Whole) Turn(Consistency consistency, int workers, int rounds, double seconds)
    {
        var options = new TrainingOptions
        {
            Workers = workers,
            Shards = 1,
            BatchSize = 1,
            Epochs = 1,
            Patience = 0,
            Consistency = consistency,
        };
        var layout = TableLayout.Create(PartitionerKind.Range, 1, new int[1]);
        var epochs = new EpochPlan((rounds + 2) * workers, options);
        var settings = new TrainerSettings(
            options, epochs, new ParameterLayout(layout, layout), 1, Saves: false, Ranks: false, LostReturn: true);
        var trainer = new TrainerState(settings, []);
        var random = new SeededRandom(5);
        var held = new List<LeaseProtocol.LeaseGranted>();
        var asked = new long[workers];
        var (now, requests, requestTicks, completions, completedTicks) = (0.0, 0L, 0L, 0L, 0L);

        long Decide(object input)
        {
            now += 1e-6;
            var start = Stopwatch.GetTimestamp();
            var decision = trainer.Decide(input, now);
            var ticks = Stopwatch.GetTimestamp() - start;
            held.AddRange(decision.Effects.OfType<TrainerEffect.ToWorker>()
                .Select(effect => effect.Message).OfType<LeaseProtocol.LeaseGranted>());
            return ticks;
        }

        void Ask(int worker)
        {
            requestTicks += Decide(new LeaseProtocol.LeaseRequest(new WorkerId(worker), 1, ++asked[worker]));
            requests++;
        }

        Decide(new TrainerInput.Tick());
        for (var worker = 0; worker < workers; worker++)
        {
            Decide(new LeaseProtocol.Join(new WorkerId(worker), 1));
        }

        var begun = Stopwatch.GetTimestamp();
        for (var worker = 0; worker < workers; worker++)
        {
            Ask(worker);
        }

        for (var n = 0L; n < (long)rounds * workers; n++)
        {
            if (Stopwatch.GetElapsedTime(begun).TotalSeconds > seconds)
            {
                break;
            }

            var at = random.NextInt(held.Count);
            var granted = held[at];
            held[at] = held[^1];
            held.RemoveAt(held.Count - 1);
            var report = new BatchReport(granted.Lease.Batch, default, 1, 0, 0, default);
            completedTicks += Decide(new LeaseProtocol.Completed(granted.Worker, 1, granted.Ordinal, report));
            completions++;
            Ask(granted.Worker.Value);
        }

        var whole = completions == (long)rounds * workers;
        return (Microseconds(requestTicks) / requests, Microseconds(completedTicks) / Math.Max(1, completions), whole);
    }

    private static double Microseconds(long ticks) => Stopwatch.GetElapsedTime(0, ticks).TotalMicroseconds;
}
