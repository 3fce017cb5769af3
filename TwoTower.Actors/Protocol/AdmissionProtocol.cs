using TwoTower.Actors.Protocol.Declarations;

namespace TwoTower.Actors.Protocol;

/// <summary>Node ↔ coordinator: may this node take part, as whom, and is the run over.</summary>
internal static class AdmissionProtocol
{
    /// <summary>Version of all conversations between nodes. Nodes of different versions do not train together.</summary>
    public const int Version = 6;

    /// <summary>"May I take part?" Repeated for as long as the node lives: a coordinator that was started again learns of it,
    /// and the node learns of the end.</summary>
    [Manifest("a.apply.2")]
    public sealed record Apply(NodeCard Card);

    /// <summary>The answer to a node that takes part.</summary>
    /// <param name="Node">The node's own name for itself, from its card.</param>
    /// <param name="Workers">Ids for its worker actors, none of which any other node has had.</param>
    [Manifest("a.admitted.2")]
    public sealed record Admitted(string Node, int[] Workers);

    /// <summary>The answer to a node that must not take part.</summary>
    [Manifest("a.refused.1")]
    public sealed record Refused(string Node, string Reason);

    /// <summary>The run is over.</summary>
    /// <param name="Node">The node that is told.</param>
    /// <param name="Failure">Why it could not be finished, or empty.</param>
    [Manifest("a.ended.1")]
    public sealed record Ended(string Node, string Failure);

    /// <summary>"I know that the run is over."</summary>
    [Manifest("a.known.1")]
    public sealed record EndKnown(string Node);

    /// <summary>"I cannot do what I am there for, and shall not be able to: nobody should wait for it."
    /// Repeated until the run is over.</summary>
    /// <param name="Node">Who says so.</param>
    /// <param name="Reason">Why, in a sentence.</param>
    [Manifest("a.unable.1")]
    public sealed record Unable(string Node, string Reason);

    /// <summary>Coordinator → agent: everybody knows that the run is over, so nobody misses a node that is gone. One that goes before may
    /// leave others without a majority while they still wait to be told.</summary>
    [Manifest("a.dismissed.1")]
    public sealed record Dismissed(string Node);
}

/// <summary>What a node says of itself.</summary>
/// <param name="Version">Version of the conversations that it speaks.</param>
/// <param name="Node">A name that no other node and no other life of it has.</param>
/// <param name="Address">Where it is, "host:port".</param>
/// <param name="Roles">What it is there for.</param>
/// <param name="WorkerActors">Worker actors it wants to run.</param>
/// <param name="Fingerprint">Fingerprint of its data.</param>
/// <param name="Settings">Everything that decides the run, as "key=value".</param>
/// <param name="Held">Worker ids that an earlier coordinator has given it.</param>
internal sealed record NodeCard(int Version, string Node, string Address, string[] Roles, int WorkerActors, string Fingerprint,
    string[] Settings, int[] Held)
    : IWireChecked
{
    /// <summary>More settings or roles than any node has, more worker actors than any runs, and more ids than any run gives.</summary>
    private const int MostTexts = 1024, MostWorkers = 1 << 16, MostIds = 1 << 24;

    /// <summary>Stands among the roles of a node that keeps what a trainer after it goes on from.</summary>
    public const string Journal = "journal";

    string? IWireChecked.Fault =>
        Roles.Length > MostTexts || Settings.Length > MostTexts ? $"A node may have {MostTexts} roles and settings at most."
        : WorkerActors is < 0 or > MostWorkers || Held.Length > MostWorkers ? $"A node may have {MostWorkers} workers at most."
        : Held.Any(held => held is < 0 or >= MostIds) ? "A worker id is out of range."
        : null;
}
