using System.Globalization;
using TwoTower.Actors.Ids;
using TwoTower.Model;

namespace TwoTower.Actors.Simulation.Faults;

/// <summary>Kinds of faults that can be drawn at random.</summary>
public enum FaultKind
{
    /// <summary>A node crashes and comes back.</summary>
    Crash,

    /// <summary>A node is cut off from all others, or only its messages to them are, and then is not.</summary>
    Partition,

    /// <summary>A machine is slower for a while, by 2 to 10 times.</summary>
    Slow,

    /// <summary>A write to a disk is lost.</summary>
    LoseWrite,

    /// <summary>A node of a cluster leaves it, and joins again.</summary>
    Leave,
}

/// <summary>Faults drawn at random: a Poisson process, the kind and the node uniform over those named, the length
/// exponential. The same seed draws the same.</summary>
/// <param name="PerMinute">Faults per virtual minute, on average.</param>
/// <param name="Kinds">Which kinds.</param>
/// <param name="Nodes">Which nodes they befall.</param>
/// <param name="MeanSeconds">Mean length of a crash, partition or slowness, in virtual seconds.</param>
public sealed record SeededFaults(double PerMinute, IReadOnlyList<FaultKind> Kinds, NodeSet Nodes,
    double MeanSeconds = SeededFaults.DefaultMeanSeconds)
{
    /// <summary>Mean length when none is given.</summary>
    public const double DefaultMeanSeconds = 10;

    /// <summary>Virtual seconds from the beginning in which faults are drawn.</summary>
    public const double HorizonSeconds = 3600;

    /// <summary>Every fault that ends by itself and loses nothing that is not computed again.</summary>
    public static IReadOnlyList<FaultKind> DefaultKinds { get; } = [FaultKind.Crash, FaultKind.Partition, FaultKind.Slow];

    /// <summary>The nodes whose crash costs nothing but time.</summary>
    public static NodeSet DefaultNodes { get; } = new([new NodePattern(NodeRole.Worker, null)]);

    /// <summary>The word for a kind in a plan.</summary>
    public static string WordFor(FaultKind kind) => kind == FaultKind.LoseWrite ? "lose-write" : kind.ToString().ToLowerInvariant();

    /// <summary>Draws the faults.</summary>
    /// <param name="nodes">The nodes there are.</param>
    /// <param name="seed">The world's seed.</param>
    /// <param name="place">Which seeded line of the plan this is.</param>
    /// <param name="known">Crashes that are certain: no node crashes while it is down.</param>
    public IReadOnlyList<Fault> Draw(IEnumerable<NodeId> nodes, long seed, int place, IEnumerable<Fault.Crash> known)
    {
        var random = new SeededRandom(seed, 3, place);
        NodeId[] candidates = [.. nodes.Where(Nodes.Contains).Order()];
        var crashes = known.ToList();
        var drawn = new List<Fault>();
        for (var at = Exponential(ref random, 60 / PerMinute); at < HorizonSeconds; at += Exponential(ref random, 60 / PerMinute))
        {
            var kind = Kinds[random.NextInt(Kinds.Count)];
            var node = candidates[random.NextInt(candidates.Length)];
            var length = Math.Max(1e-3, Exponential(ref random, MeanSeconds));
            var aside = random.NextDouble();
            switch (kind)
            {
                case FaultKind.Crash when !crashes.Exists(crash => crash.Node == node && crash.At <= at + length && crash.Until >= at):
                    var crash = new Fault.Crash(at, node, length);
                    crashes.Add(crash);
                    drawn.Add(crash);
                    break;
                case FaultKind.Partition:
                    drawn.Add(new Fault.Partition(at, new NetworkCut(NodeSet.Of(node), NodeSet.All, OneWay: aside < 0.5), length));
                    break;
                case FaultKind.Slow:
                    drawn.Add(new Fault.Slow(at, node, 2 + (8 * aside), length));
                    break;
                case FaultKind.Leave when !crashes.Exists(crash => crash.Node == node && crash.At <= at + length && crash.Until >= at):
                    crashes.Add(new Fault.Crash(at, node, length)); // while it is away it cannot crash
                    drawn.Add(new Fault.Leave(at, node));
                    drawn.Add(new Fault.Join(at + length, node));
                    break;
                case FaultKind.LoseWrite:
                    drawn.Add(new Fault.LoseWrite(at, node));
                    break;
            }
        }

        return drawn;
    }

    /// <inheritdoc />
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"seeded:{PerMinute}:{string.Join(',', Kinds.Select(WordFor))}:{Nodes}:{MeanSeconds}");

    private static double Exponential(ref SeededRandom random, double mean) => -mean * Math.Log(1 - random.NextDouble());
}
