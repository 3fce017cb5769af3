using TwoTower.Actors.Ids;
using TwoTower.Actors.Simulation.Checking;
using TwoTower.Actors.Work;

namespace TwoTower.Actors.Simulation.Running;

/// <summary>Hashes everything that happens in a run, payloads included: one hash after every event.</summary>
internal class EventHash : IWorldObserver
{
    private RollingHash _hash;

    /// <summary>The hash of all events so far.</summary>
    public ulong Value => _hash.Value;

    /// <summary>Events so far.</summary>
    public long Events { get; private set; }

    /// <inheritdoc />
    public void Sent(double now, in Crossing crossing) => Note(1, now, crossing, string.Empty);

    /// <inheritdoc />
    public void Delivered(double now, in Crossing crossing) => Note(2, now, crossing, string.Empty);

    /// <inheritdoc />
    public void Dropped(double now, in Crossing crossing, string reason) => Note(3, now, crossing, reason);

    /// <inheritdoc />
    public void Working(double now, NodeId node, WorkKind kind, long size, double seconds)
    {
        _hash.Add(4UL);
        _hash.Add(now);
        _hash.Add(node);
        _hash.Add((long)kind);
        _hash.Add(size);
        _hash.Add(seconds);
        Hashed(now, null, $"{node} begins {kind} of {size}");
    }

    /// <inheritdoc />
    public void Fault(double now, NodeId? node, string what)
    {
        _hash.Add(5UL);
        _hash.Add(now);
        _hash.Add(node);
        _hash.Add(what);
        Hashed(now, null, $"{what} {node}");
    }

    /// <inheritdoc />
    public void Changed(double now, NodeId? node, string what) => Fault(now, node, what);

    /// <summary>An event has been hashed.</summary>
    /// <param name="now">When it happened.</param>
    /// <param name="number">The message's number, if it was one.</param>
    /// <param name="what">What it was.</param>
    private protected virtual void OnHashed(double now, long? number, FormattableString what)
    {
    }

    private void Note(ulong kind, double now, in Crossing crossing, string reason)
    {
        _hash.Add(kind);
        _hash.Add(now);
        _hash.Add(reason);
        _hash.Add(crossing);
        Hashed(now, crossing.Number,
            $"{(kind == 1 ? "sent" : kind == 2 ? "delivered" : "dropped")} {crossing.Message.GetType().Name} from {crossing.From} to {crossing.To}");
    }

    private void Hashed(double now, long? number, FormattableString what)
    {
        Events++;
        OnHashed(now, number, what);
    }
}

/// <summary>Invariant 8: the same seed and options lead to the same events with the same payloads, and the same parameters.</summary>
internal static class ReplayCheck
{
    private const string Invariant = "the same seed and options repeat the run";

    /// <summary>Runs twice, and holds the second run against the first event by event.</summary>
    /// <param name="seed">The world's seed, to name in a violation.</param>
    /// <param name="first">The run, given an observer to show everything to.</param>
    /// <param name="second">The run again.</param>
    /// <returns>The first run's outcome and its hash.</returns>
    /// <exception cref="ViolationException">They differ; the message has the first event that does.</exception>
    public static (SimulationOutcome Outcome, ulong Hash) Run(long seed, Func<IWorldObserver, SimulationOutcome> first,
        Func<IWorldObserver, SimulationOutcome> second)
    {
        var record = new Record();
        var one = first(record);
        var comparison = new Comparison(seed, record.Hashes);
        var other = second(comparison);
        if (comparison.Events != record.Events)
        {
            throw new ViolationException(Invariant, seed, other.VirtualSeconds, null,
                $"the second run ends after {comparison.Events} events", $"{record.Events}, as in the first");
        }

        return one.Training.ParametersSha256 == other.Training.ParametersSha256
            ? (one, record.Value)
            : throw new ViolationException(Invariant, seed, other.VirtualSeconds, null, $"parameters {other.Training.ParametersSha256}",
                one.Training.ParametersSha256);
    }

    private sealed class Record : EventHash
    {
        public List<ulong> Hashes { get; } = [];

        private protected override void OnHashed(double now, long? number, FormattableString what) => Hashes.Add(Value);
    }

    private sealed class Comparison(long seed, List<ulong> expected) : EventHash
    {
        private protected override void OnHashed(double now, long? number, FormattableString what)
        {
            var place = (int)Events - 1;
            if (place >= expected.Count || expected[place] != Value)
            {
                throw new ViolationException(
                    Invariant, seed, now, number, $"event {place} of the second run is: {FormattableString.Invariant(what)}",
                    place < expected.Count ? "another event, another payload or another moment, as in the first"
                        : "the end, as in the first");
            }
        }
    }
}
