using TwoTower.Actors.Ids;
using TwoTower.Actors.ParameterServer;
using TwoTower.Actors.Protocol;
using static TwoTower.Actors.Protocol.ReplicaProtocol;

namespace TwoTower.Actors.Hosting.Replication;

/// <summary>What one server node holds of a shard that lives on another: a copy that does what the shard does, one operation behind the
/// other. Synchronous; one thread at a time.</summary>
/// <param name="id">Which shard.</param>
/// <param name="blueprint">What it is made from.</param>
/// <param name="server">Name of the node.</param>
internal sealed class StandbyShard(ShardId id, ShardBlueprint blueprint, string server)
{
    /// <summary>Operations kept at most that have overtaken others; the rest is sent again.</summary>
    public const int MostAhead = 4096;

    private readonly SortedDictionary<long, Operation> _ahead = [];
    private ShardState? _state;

    /// <summary>The highest term heard of. Anything lower is refused.</summary>
    public Term Promised { get; private set; }

    /// <summary>The term of the copy; <see cref="Term.None"/> when there is none.</summary>
    public Term Term { get; private set; }

    /// <summary>The last operation done.</summary>
    public long Sequence { get; private set; }

    /// <summary>Does what a host asks and returns the answer, or null when none is due. Takes over the buffers of an operation.</summary>
    public object? Receive(IWithShardId message) => message switch
    {
        Recall recall => Promise(recall.Term)
            ? new Held(id, recall.Term, server, Term, Sequence, recall.WithRecord ? _state?.Save(unacknowledged: true) : null) : Refuse(),
        Install install => Promise(install.Term) ? Take(install) : Refuse(),
        Operation operation => Follow(operation),
        // one of the same term was given after the release was sent, and has overtaken it
        Release release when Promise(release.Term) && Term < release.Term => Drop(),
        _ => null,
    };

    private bool Promise(Term term)
    {
        if (term < Promised && !blueprint.Probe.Plants(PlantedFault.TermNotCompared))
        {
            return false;
        }

        Promised = term;
        return true;
    }

    private Refused Refuse() => new(id, Promised, server);

    private Installed Take(Install install)
    {
        if (_state is not null && Term == install.Term && Sequence >= install.Sequence)
        {
            blueprint.Probe.Reached(ProtocolState.InstallThatCameLate);
        }

        // One that comes late must not set the copy back.
        if (_state is null || Term != install.Term || Sequence < install.Sequence)
        {
            if (Term != install.Term)
            {
                ForgetAhead();
            }

            _state = new ShardState(id, blueprint);
            if (install.Record is { } record)
            {
                _state.Restore(record);
            }

            (Term, Sequence) = (install.Term, install.Sequence);
            CatchUp();
        }

        return new Installed(id, Term, server, Sequence);
    }

    private object? Follow(Operation operation)
    {
        if (operation.Term < Promised && !blueprint.Probe.Plants(PlantedFault.TermNotCompared))
        {
            operation.Return();
            return Refuse();
        }

        if (_state is null || operation.Term != Term)
        {
            operation.Return();
            return new Absent(id, operation.Term, server);
        }

        Note(operation);
        if (operation.Sequence <= Sequence || _ahead.Count >= MostAhead || !_ahead.TryAdd(operation.Sequence, operation))
        {
            operation.Return();
        }

        CatchUp();
        return new OperationAck(id, Term, server, Sequence);
    }

    private void Note(Operation operation)
    {
        if (operation.Sequence != Sequence + 1)
        {
            blueprint.Probe.Reached(operation.Sequence <= Sequence ? ProtocolState.OperationDoubled : ProtocolState.OperationOvertook);
        }
    }

    private void CatchUp()
    {
        while (_ahead.Count > 0 && _ahead.First() is var (sequence, operation)
            && (sequence <= Sequence + 1 || blueprint.Probe.Plants(PlantedFault.GapsNotAwaited)))
        {
            _ahead.Remove(sequence);
            if (sequence <= Sequence)
            {
                operation.Return();
                continue;
            }

            _state!.Follow(operation.Request);
            Sequence = sequence;
        }
    }

    private object? Drop()
    {
        ForgetAhead();
        (_state, Term, Sequence) = (null, Term.None, 0);
        return null;
    }

    private void ForgetAhead()
    {
        foreach (var operation in _ahead.Values)
        {
            operation.Return();
        }

        _ahead.Clear();
    }
}
