using TwoTower.Actors.Protocol;
using TwoTower.Actors.Simulation;
using TwoTower.Actors.Simulation.Compute;
using TwoTower.Actors.Simulation.Faults;
using TwoTower.Actors.Simulation.Network;
using TwoTower.Actors.Simulation.Sizing;
using TwoTower.Actors.Simulation.Worlds;
using static TwoTower.Node.Settings.Setting;

namespace TwoTower.Node.Settings;

/// <summary>The settings of a simulated world. Only <c>simulate</c> takes them.</summary>
internal static class WorldSettings
{
    private const double Most = 1e15;
    private const long MostRows = 1_000_000_000_000;

    private static readonly HashSet<string> s_keys;

    static WorldSettings() => s_keys = [.. All.Select(setting => setting.Key)];

    /// <summary>The settings, in the order of <see cref="SettingCatalogue.All"/>.</summary>
    public static IReadOnlyList<Setting> All { get; } =
    [
        Choice("world.topology", [("actors", false), ("cluster", true)],
            "Whether every actor has a node of its own, or nodes are those of a cluster", s => s.World.Topology.IsCluster,
            (s, v) => s.World(w => w with { Topology = w.Topology with { IsCluster = v } })),
        Integer("world.servers", 1, Topology.MostServers, "Server nodes that a simulated cluster begins with",
            s => s.World.Topology.Servers, (s, v) => s.World(w => w with { Topology = w.Topology with { Servers = (int)v } })),
        Integer("world.seed", 0, int.MaxValue, "Seed of networks and machines", s => s.World.Seed,
            (s, v) => s.World(w => w with { Seed = v })),
        Number("world.timeLimit", 0, Most, "Virtual seconds after which the run is stopped; 0 is none", s => s.World.TimeLimitSeconds ?? 0,
            (s, v) => s.World(w => w with { TimeLimitSeconds = v > 0 ? v : null })),
        Integer("world.pieceBytes", Topology.LeastPieceBytes, EndpointProtocol.ChunkBytes,
            "Bytes of the longest message between nodes of a simulated cluster that goes in one piece", s => s.World.Topology.PieceBytes,
            (s, v) => s.World(w => w with { Topology = w.Topology with { PieceBytes = (int)v } })),
        Integer("world.condenseAfter", 1, 1_000_000_000, "Entries after which a simulated trainer's journal is written anew, condensed",
            s => s.World.CondenseAfter, (s, v) => s.World(w => w with { CondenseAfter = (int)v })),
        Number("world.detectionSeconds", 0, Most, "Virtual seconds until a crash is noticed", s => s.World.DetectionSeconds,
            (s, v) => s.World(w => w with { DetectionSeconds = v })),
        Number("world.stallSeconds", 1e-3, Most, "Virtual seconds without progress until the run is given up", s => s.World.StallSeconds,
            (s, v) => s.World(w => w with { StallSeconds = v })),
        Number("world.endWithin", 0, Most, "Virtual seconds after the last fault within which training has to end; 0 asks for no end",
            s => s.World.EndWithinSeconds ?? 0, (s, v) => s.World(w => w with { EndWithinSeconds = v > 0 ? v : null })),
        Flag("world.compareBits", "bsp: hold the run against one in which nothing goes wrong; both have to end with the same bits",
            s => s.World.ComparesBits, (s, v) => s.World(w => w with { ComparesBits = v })),
        Flag("world.checks", "Check the invariants during the run; a violation stops it", s => s.World.Checks,
            (s, v) => s.World(w => w with { Checks = v })),
        Choice("world.numerics", [("on", true), ("off", false)], "Whether gradients are computed, or messages are only counted",
            s => s.Numerics, (s, v) => s with { Numerics = v }),
        new("faults.plan",
            "at T crash NODE [restart S], at T partition NODES | NODES [for S], at T slow NODE by F [for S], at T lose-write NODE, at T "
            + "leave NODE, at T join NODE, seeded:RATE; with ; between", "What goes wrong, and when",
            s => s.World.Faults.ToString().Replace("\n", "; ", StringComparison.Ordinal),
            (s, text) => s.World(w => w with { Faults = Plan(text.Replace(';', '\n')) })),

        Drawn("network.latency", "Seconds of a message one way", s => s.World.Network.Latency,
            (s, v) => s.Network(n => n with { Latency = v })),
        Drawn("network.jitter", "Seconds added to a message's latency", s => s.World.Network.Jitter,
            (s, v) => s.Network(n => n with { Jitter = v })),
        Number("network.bytesPerSecond", 0, Most, "Bandwidth of a node, in and out; 0 is no limit", s => s.World.Network.BytesPerSecond,
            (s, v) => s.Network(n => n with { BytesPerSecond = v })),
        Number("network.loss", 0, 0.999999, "Share of messages lost", s => s.World.Network.Loss,
            (s, v) => s.Network(n => n with { Loss = v })),
        Number("network.duplication", 0, 0.999999, "Share of messages that arrive twice", s => s.World.Network.Duplication,
            (s, v) => s.Network(n => n with { Duplication = v })),
        Number("network.reordering", 0, 0.999999, "Share of messages that may overtake others", s => s.World.Network.Reordering,
            (s, v) => s.Network(n => n with { Reordering = v })),
        Number("network.calmAfter", 0, Most, "Virtual seconds after which no message is lost, doubled or reordered; 0 is never",
            s => s.World.Network.CalmAfterSeconds, (s, v) => s.Network(n => n with { CalmAfterSeconds = v })),

        Number("compute.examplesPerSecond", 1e-6, Most, "Examples per second of a worker at factor 1",
            s => s.World.Compute.ExamplesPerSecond, (s, v) => s.Compute(c => c with { ExamplesPerSecond = v })),
        Drawn("compute.factor", "What the time of each batch is multiplied by", s => s.World.Compute.Factor,
            (s, v) => s.Compute(c => c with { Factor = v })),
        Integer("compute.slowWorkers", 0, 10_000, "Workers, from the last, that are always slow", s => s.World.Compute.SlowWorkers,
            (s, v) => s.Compute(c => c with { SlowWorkers = (int)v })),
        Number("compute.slowBy", 1e-6, Most, "How many times slower they are", s => s.World.Compute.SlowBy,
            (s, v) => s.Compute(c => c with { SlowBy = v })),
        Number("compute.pauseEvery", 0, Most, "Mean seconds between two pauses of a worker; 0 is none",
            s => s.World.Compute.PauseEverySeconds, (s, v) => s.Compute(c => c with { PauseEverySeconds = v })),
        Drawn("compute.pause", "Seconds of a pause", s => s.World.Compute.Pause, (s, v) => s.Compute(c => c with { Pause = v })),
        Number("compute.shardBytesPerSecond", 0, Most, "Bytes of rows per second that a shard reads out or applies; 0 is no limit",
            s => s.World.Compute.ShardBytesPerSecond, (s, v) => s.Compute(c => c with { ShardBytesPerSecond = v })),
        Number("compute.evaluatedUsersPerSecond", 0, Most, "Users per second that the evaluator scores; 0 is no limit",
            s => s.World.Compute.EvaluatedUsersPerSecond, (s, v) => s.Compute(c => c with { EvaluatedUsersPerSecond = v })),
        Number("compute.diskBytesPerSecond", 0, Most, "Bytes per second of a disk; 0 is no limit", s => s.World.Compute.DiskBytesPerSecond,
            (s, v) => s.Compute(c => c with { DiskBytesPerSecond = v })),

        Integer("sizing.users", 1, MostRows, "Numerics off: rows of the user table", s => s.Sizing.Users,
            (s, v) => s.Sizing(m => m with { Users = v })),
        Integer("sizing.items", 1, MostRows, "Numerics off: rows of the item table", s => s.Sizing.Items,
            (s, v) => s.Sizing(m => m with { Items = v })),
        Integer("sizing.examples", 1, int.MaxValue, "Numerics off: train positives per epoch", s => s.Sizing.Examples,
            (s, v) => s.Sizing(m => m with { Examples = (int)v })),
        Number("sizing.userSkew", 0, 10, "Numerics off: exponent of Zipf's law over users", s => s.Sizing.UserSkew,
            (s, v) => s.Sizing(m => m with { UserSkew = v })),
        Number("sizing.itemSkew", 0, 10, "Numerics off: exponent of Zipf's law over items", s => s.Sizing.ItemSkew,
            (s, v) => s.Sizing(m => m with { ItemSkew = v })),
    ];

    /// <summary>Whether a setting is one of these.</summary>
    public static bool Has(string key) => s_keys.Contains(key);

    /// <summary>Sets the network as <c>--network</c> says: a preset, values for single keys, or a preset and then values.</summary>
    /// <param name="settings">What to change.</param>
    /// <param name="text"><c>PRESET[,key=value…]</c> with keys of <c>network.*</c>.</param>
    /// <exception cref="SettingException">There is no such preset or key, or it does not take the value.</exception>
    public static void SetNetwork(ResolvedSettings settings, string text) => SetGroup(settings, text, "network", preset =>
    {
        if (!NetworkOptions.Presets.Contains(preset, StringComparer.OrdinalIgnoreCase))
        {
            throw Refused("--network", text, $"{string.Join(", ", NetworkOptions.Presets)}, and then key=value after commas");
        }

        var meant = settings.Values.Network(_ => NetworkOptions.Preset(preset));
        foreach (var setting in All.Where(setting => setting.Key.StartsWith("network.", StringComparison.Ordinal)))
        {
            settings.Set(setting.Key, setting.Read(meant), "--network");
        }
    });

    /// <summary>Sets the machines as <c>--compute</c> says: the distribution of <c>compute.factor</c> or <c>calibrated</c>,
    /// values for single keys, or both.</summary>
    /// <param name="settings">What to change.</param>
    /// <param name="text"><c>[DISTRIBUTION|calibrated][,key=value…]</c> with keys of <c>compute.*</c>.</param>
    /// <exception cref="SettingException">There is no such distribution or key, or it does not take the value.</exception>
    public static void SetCompute(ResolvedSettings settings, string text) => SetGroup(settings, text, "compute", factor =>
    {
        if (factor.Equals("calibrated", StringComparison.OrdinalIgnoreCase))
        {
            settings.Calibrates = true;
        }
        else
        {
            settings.Set("compute.factor", factor, "--compute");
        }
    });

    /// <summary>Sets the faults as <c>--faults</c> says: the path of a plan, or the plan itself with <c>;</c> between faults.</summary>
    /// <exception cref="SettingException">It is no plan, or cannot be read.</exception>
    public static void SetFaults(ResolvedSettings settings, string text)
    {
        string plan;
        if (IsPath(text) && !File.Exists(text))
        {
            throw new SettingException(
                $"There is no file '{text}' (--faults); it takes the path of a fault plan, or faults with ; between: 'at 2 crash worker-3 "
                + $"restart 5; seeded:1'.");
        }

        try
        {
            plan = File.Exists(text) ? File.ReadAllText(text) : text.Replace(';', '\n');
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new SettingException($"The fault plan '{text}' cannot be read ({failure.Message}).");
        }

        settings.Set("faults.plan", Plan(plan).ToString(), "--faults");
    }

    /// <summary>Every fault has several words but those that are drawn; whatever else is one word can only be a path.</summary>
    private static bool IsPath(string text) => text.Trim() is { Length: > 0 } word
        && !word.StartsWith("seeded:", StringComparison.OrdinalIgnoreCase) && !word.StartsWith('#')
        && !word.Any(letter => char.IsWhiteSpace(letter) || letter == ';');

    private static FaultPlan Plan(string text)
    {
        try
        {
            return FaultPlan.Parse(text);
        }
        catch (WorldException impossible)
        {
            throw new SettingException($"faults.plan: {impossible.Message}");
        }
    }

    private static void SetGroup(ResolvedSettings settings, string text, string group, Action<string> setFirst)
    {
        var parts = text.Split(',', StringSplitOptions.TrimEntries);
        for (var n = 0; n < parts.Length; n++)
        {
            var at = parts[n].IndexOf('=', StringComparison.Ordinal);
            if (at > 0)
            {
                settings.Set($"{group}.{parts[n][..at]}", parts[n][(at + 1)..], $"--{group}");
            }
            else if (n == 0)
            {
                setFirst(parts[n]);
            }
            else
            {
                throw new SettingException($"--{group} takes key=value after the first comma, not '{parts[n]}'.");
            }
        }
    }

    private static RunSettings World(this RunSettings s, Func<WorldOptions, WorldOptions> change) => s with { World = change(s.World) };

    private static RunSettings Sizing(this RunSettings s, Func<SizedModel, SizedModel> change) => s with { Sizing = change(s.Sizing) };

    private static RunSettings Network(this RunSettings s, Func<NetworkOptions, NetworkOptions> change) =>
        s.World(w => w with { Network = change(w.Network) });

    private static RunSettings Compute(this RunSettings s, Func<ComputeOptions, ComputeOptions> change) =>
        s.World(w => w with { Compute = change(w.Compute) });
}
