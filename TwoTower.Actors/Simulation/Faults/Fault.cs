using System.Globalization;
using TwoTower.Actors.Ids;

namespace TwoTower.Actors.Simulation.Faults;

/// <summary>What goes wrong at a moment of virtual time. Its text is a line of a fault plan (<see cref="FaultPlan"/>).</summary>
/// <param name="At">Virtual seconds.</param>
public abstract record Fault(double At)
{
    /// <summary>A node's actor is gone at once, with all it knew.</summary>
    /// <param name="At">Virtual seconds.</param>
    /// <param name="Node">The node.</param>
    /// <param name="RestartAfter">Seconds until it starts again; null is never.</param>
    public sealed record Crash(double At, NodeId Node, double? RestartAfter) : Fault(At)
    {
        /// <summary>When it is back.</summary>
        public double Until => RestartAfter is { } seconds ? At + seconds : double.PositiveInfinity;

        /// <inheritdoc />
        public override string ToString() => Text($"at {At} crash {Node}")
            + (RestartAfter is { } seconds ? Text($" restart {seconds}") : string.Empty);
    }

    /// <summary>Messages from some nodes to some others are lost.</summary>
    /// <param name="At">Virtual seconds.</param>
    /// <param name="Cut">Which links.</param>
    /// <param name="For">Seconds until it is healed; null is never.</param>
    public sealed record Partition(double At, NetworkCut Cut, double? For) : Fault(At)
    {
        /// <inheritdoc />
        public override string ToString() => Text($"at {At} partition {Cut}") + Lasting(For);
    }

    /// <summary>A machine works slower. Several at once multiply.</summary>
    /// <param name="At">Virtual seconds.</param>
    /// <param name="Node">The node.</param>
    /// <param name="Factor">How many times slower.</param>
    /// <param name="For">Seconds until it is as before; null is never.</param>
    public sealed record Slow(double At, NodeId Node, double Factor, double? For) : Fault(At)
    {
        /// <inheritdoc />
        public override string ToString() => Text($"at {At} slow {Node} by {Factor}") + Lasting(For);
    }

    /// <summary>The next write to a node's disk reports success and leaves nothing.</summary>
    /// <param name="At">Virtual seconds.</param>
    /// <param name="Node">The node.</param>
    public sealed record LoseWrite(double At, NodeId Node) : Fault(At)
    {
        /// <inheritdoc />
        public override string ToString() => Text($"at {At} lose-write {Node}");
    }

    /// <summary>A node of a cluster leaves it: what it has it hands over first.</summary>
    /// <param name="At">Virtual seconds.</param>
    /// <param name="Node">The node.</param>
    public sealed record Leave(double At, NodeId Node) : Fault(At)
    {
        /// <inheritdoc />
        public override string ToString() => Text($"at {At} leave {Node}");
    }

    /// <summary>A node joins a cluster: one that has left or was never there.</summary>
    /// <param name="At">Virtual seconds.</param>
    /// <param name="Node">The node.</param>
    public sealed record Join(double At, NodeId Node) : Fault(At)
    {
        /// <inheritdoc />
        public override string ToString() => Text($"at {At} join {Node}");
    }

    private static string Lasting(double? seconds) => seconds is { } length ? Text($" for {length}") : string.Empty;

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

/// <summary>Links that are cut: from every node of one set to every node of another, and back unless it is one-way.</summary>
/// <param name="From">One side.</param>
/// <param name="To">The other.</param>
/// <param name="OneWay">Whether only messages from <paramref name="From"/> to <paramref name="To"/> are lost.</param>
public sealed record NetworkCut(NodeSet From, NodeSet To, bool OneWay)
{
    /// <summary>Whether a message from one node to another is lost.</summary>
    public bool Severs(NodeId from, NodeId to) => (From.Contains(from) && To.Contains(to))
        || (!OneWay && From.Contains(to) && To.Contains(from));

    /// <inheritdoc />
    public override string ToString() => $"{From} {(OneWay ? '>' : '|')} {To}";
}
