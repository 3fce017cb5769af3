using TwoTower.Actors.Protocol;

namespace TwoTower.Actors.Hosting.Nodes;

/// <summary>Decides who takes part, and numbers workers. Without actors.</summary>
/// <param name="own">The coordinator's own card: what every other has to agree with.</param>
/// <param name="firstWorker">The first id that no worker of an earlier coordinator had, as far as a journal knows.</param>
/// <param name="follows">Whether there may have been an earlier coordinator of which no journal knows.</param>
internal sealed class Admissions(NodeCard own, int firstWorker = 0, bool follows = false)
{
    private readonly SortedDictionary<string, (NodeCard Card, int[] Workers)> _nodes = new(StringComparer.Ordinal);
    /// <summary>Seconds in which a coordinator that follows another gives no new worker ids: nodes that
    /// hold some ask again within one.</summary>
    public const double Listening = 3;

    private readonly bool _follows = follows || firstWorker > 0;
    private int _next = firstWorker;

    /// <summary>Cards of all nodes that take part, by name.</summary>
    public IEnumerable<NodeCard> Nodes => _nodes.Values.Select(node => node.Card);

    /// <summary>Worker ids of the nodes at an address.</summary>
    public IEnumerable<int> WorkersAt(string address) => _nodes.Values.Where(node => node.Card.Address == address)
        .SelectMany(node => node.Workers);

    /// <summary>Answers a node as <see cref="Decide(NodeCard)"/> does, or not yet: null.</summary>
    /// <param name="card">The node's card.</param>
    /// <param name="seconds">Seconds since the coordinator began.</param>
    public object? Decide(NodeCard card, double seconds) =>
        _follows && seconds < Listening && card is { WorkerActors: > 0, Held.Length: 0 } && !_nodes.ContainsKey(card.Node)
            ? null : Decide(card);

    /// <summary>Answers a node: <see cref="AdmissionProtocol.Admitted"/> with the same ids however often it asks, or
    /// <see cref="AdmissionProtocol.Refused"/>.</summary>
    public object Decide(NodeCard card)
    {
        if (_nodes.TryGetValue(card.Node, out var known))
        {
            return new AdmissionProtocol.Admitted(card.Node, known.Workers);
        }

        if (Difference(card) is { } reason)
        {
            return new AdmissionProtocol.Refused(card.Node, reason);
        }

        if (card.Held.FirstOrDefault(held => _nodes.Values.Any(node => node.Workers.Contains(held)), -1) is >= 0 and var taken)
        {
            return new AdmissionProtocol.Refused(card.Node, $"worker-{taken} is another node's by now; started again it joins anew");
        }

        foreach (var held in card.Held)
        {
            _next = Math.Max(_next, held + 1);
        }

        var workers = card.Held.Length > 0 ? card.Held : [.. Enumerable.Range(_next, card.WorkerActors)];
        _next = Math.Max(_next, workers.Length == 0 ? 0 : workers[^1] + 1);
        _nodes.Add(card.Node, (card, workers));
        return new AdmissionProtocol.Admitted(card.Node, workers);
    }

    /// <summary>A node has left: its ids are never used again.</summary>
    public void Leave(string address)
    {
        foreach (var gone in _nodes.Where(node => node.Value.Card.Address == address).Select(node => node.Key).ToArray())
        {
            _nodes.Remove(gone);
        }
    }

    private string? Difference(NodeCard card)
    {
        if (card.Version != own.Version)
        {
            return $"it speaks version {card.Version} of the protocol, this run version {own.Version}; start the same build on every node";
        }

        if (card.Fingerprint != own.Fingerprint)
        {
            return $"its data has the fingerprint {Short(card.Fingerprint)}, the run's has {Short(own.Fingerprint)}; give every node the same data";
        }

        if (card.Node != own.Node && card.Roles.Contains(ClusterNode.Trainer)
            && !(card.Roles.Contains(NodeCard.Journal) && own.Roles.Contains(NodeCard.Journal)))
        {
            return $"it has role trainer, and {(own.Roles.Contains(NodeCard.Journal) ? "it" : "the run's trainer")} keeps no journal, so "
                + $"it could not go on where that one stops; give every node with role trainer the same --state, or leave out the role";
        }

        var theirs = card.Settings.ToHashSet(StringComparer.Ordinal);
        var missing = own.Settings.FirstOrDefault(setting => !theirs.Contains(setting));
        if (missing is null)
        {
            return card.Settings.Length == own.Settings.Length
                ? null : $"it has {card.Settings.Length} settings, the run {own.Settings.Length}";
        }

        var key = missing[..(missing.IndexOf('=', StringComparison.Ordinal) + 1)];
        return $"the run has {missing}, it "
            + $"has {card.Settings.FirstOrDefault(setting => setting.StartsWith(key, StringComparison.Ordinal)) ?? $"no {key.TrimEnd('=')}"}; give every node the same recipe and settings";
    }

    private static string Short(string fingerprint) => $"{fingerprint[..Math.Min(12, fingerprint.Length)]}…";
}
