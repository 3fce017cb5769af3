using System.Globalization;
using TwoTower.Actors.Simulation.Network;

namespace TwoTower.Benchmarks.Simulator;

/// <summary>How fast the simulator is: <c>dotnet run -c Release --project TwoTower.Benchmarks -- simulator [events | cost | memory WORKERS
/// BATCH | sizes WORKERS SHARDS ROWS]</c>.</summary>
internal static class SimulatorBenchmark
{
    private const int Turns = 5;

    /// <summary>Runs the named parts, or all.</summary>
    public static void Run(IReadOnlyList<string> parts)
    {
        if (parts is ["memory", var workers, var batchSize])
        {
            ManyWorkers.Run(int.Parse(workers, CultureInfo.InvariantCulture), 64, int.Parse(batchSize, CultureInfo.InvariantCulture), 1);
            return;
        }

        if (parts is ["sizes", var many, var shards, var rows])
        {
            Costs.Sizes(int.Parse(many, CultureInfo.InvariantCulture), int.Parse(shards, CultureInfo.InvariantCulture),
                long.Parse(rows, CultureInfo.InvariantCulture));
            return;
        }

        bool Asked(string part) => parts.Count == 0 || parts.Contains(part, StringComparer.Ordinal);
        if (Asked("events"))
        {
            Events("timers by the scheduler", timers: false);
            Events("timers by IWithTimers", timers: true);
            Events("timers by IWithTimers, messages over lan links", timers: true, NetworkOptions.Preset("lan"));
        }

        if (Asked("cost"))
        {
            Costs.OverGradients(16, 8, Turns);
        }
    }

    private static void Events(string name, bool timers, NetworkOptions? network = null)
    {
        var rates = new List<double>();
        EventCoreResult result = null!;
        for (var turn = -1; turn < Turns; turn++)
        {
            result = EventCore.Run(1000, 1000, timers, network);
            if (turn >= 0)
            {
                rates.Add((result.Timers + result.Messages) / result.Seconds);
            }
        }

        rates.Sort();
        Console.WriteLine(FormattableString.Invariant(
            $"event core, 1,000 actors x 1,000 rounds through one server, {name}: {rates[Turns / 2]:#,0} events/s (min {rates[0]:#,0}, ")
                + FormattableString.Invariant(
                $"max {rates[^1]:#,0}); {(double)result.Timers / (result.Timers + result.Messages) * rates[Turns / 2]:#,0} rounds/s of a ")
                + FormattableString.Invariant(
                $"timer, a request and an answer; {(double)result.Bytes / (result.Timers + result.Messages):0} bytes an event; ")
                + FormattableString.Invariant($"order {result.Hash:x16}"));
    }
}
