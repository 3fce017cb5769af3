using TwoTower.Actors.Ids;
using TwoTower.Actors.Simulation.Time;

namespace TwoTower.Actors.Simulation.Faults;

/// <summary>What goes wrong in a simulated run, and when. As text, one fault a line, <c>#</c> begins a comment, times in virtual seconds:
/// <code>
/// at 12.5 crash worker-3 restart 5                         # back 5 s later; without "restart" never
/// at 20 partition worker-0,worker-1 | shard-* for 30       # both ways; without "for" never healed
/// at 20 partition worker-0 > shard-0 for 3                 # only what worker-0 sends to shard-0 is lost
/// at 5 slow worker-2 by 10 for 60                          # ten times slower
/// at 7 lose-write shard-1                                  # its next write reports success and leaves nothing
/// at 3 leave server-1                                      # of a cluster: it hands its shards over and goes
/// at 5 join server-3                                       # of a cluster: one that has left, or that was never there
/// seeded:2                                                 # two a virtual minute at random: crash, partition or slow, of workers
/// seeded:0.5:crash,lose-write:shard-*:20                   # those kinds, those nodes, lasting 20 s on average
/// </code></summary>
/// <param name="faults">The faults, in any order of time.</param>
/// <param name="seeded">Faults to draw.</param>
public sealed class FaultPlan(IReadOnlyList<Fault> faults, IReadOnlyList<SeededFaults>? seeded = null)
{
    /// <summary>Nothing goes wrong.</summary>
    public static FaultPlan None { get; } = new([]);

    /// <summary>The faults that are certain.</summary>
    public IReadOnlyList<Fault> Faults => faults;

    /// <summary>Faults to draw.</summary>
    public IReadOnlyList<SeededFaults> Seeded => seeded ?? [];

    /// <summary>Whether nothing goes wrong.</summary>
    public bool IsEmpty => Faults.Count == 0 && Seeded.Count == 0;

    /// <summary>Reads a plan.</summary>
    /// <exception cref="WorldException">A line is none; the message has its number and what was expected.</exception>
    public static FaultPlan Parse(string text) => FaultPlanText.Parse(text);

    /// <summary>The nodes of a run.</summary>
    public static IReadOnlyList<NodeId> NodesOf(int workers, int shards) =>
        [NodeId.Trainer, .. Enumerable.Range(0, shards).Select(NodeId.Shard), .. Enumerable.Range(0, workers).Select(NodeId.Worker),
            NodeId.Evaluator];

    /// <summary>The nodes that a world begins with.</summary>
    public static IReadOnlyList<NodeId> NodesOf(Topology topology, int workers, int shards) => topology.IsCluster
        ? [NodeId.Trainer, NodeId.Evaluator, .. Enumerable.Range(0, topology.Servers).Select(NodeId.Server), .. Enumerable.Range(0, workers)
            .Select(NodeId.Worker)]
        : NodesOf(workers, shards);

    /// <summary>Refuses what cannot be.</summary>
    /// <param name="nodes">The nodes there are.</param>
    /// <exception cref="WorldException">A node does not exist, a time or factor is impossible, a node crashes while it is down, or no
    /// worker can ever reach trainer and shards again.</exception>
    public void Check(IEnumerable<NodeId> nodes) => FaultPlanCheck.Check(this, [.. nodes]);

    /// <summary>Virtual seconds at which the last fault is over, 0 when there is none. One that nothing
    /// heals is over when it has happened.</summary>
    /// <exception cref="WorldException">Faults are still to be drawn.</exception>
    public double LastSeconds => Seeded.Count > 0
        ? throw new WorldException("Faults that are drawn have no last one before they are drawn.")
        : Faults.Select(fault => fault switch
        {
            Fault.Crash crash => crash.At + (crash.RestartAfter ?? 0),
            Fault.Partition partition => partition.At + (partition.For ?? 0),
            Fault.Slow slow => slow.At + (slow.For ?? 0),
            _ => fault.At,
        }).DefaultIfEmpty(0).Max();

    /// <summary>How many of the faults that are certain come only after a moment. Those that are drawn go on for an hour,
    /// and nobody counts on one of them.</summary>
    /// <param name="seconds">Virtual seconds.</param>
    public int PlannedAfter(double seconds) => Faults.Count(fault => VirtualTime.TicksOf(fault.At) > VirtualTime.TicksOf(seconds));

    /// <summary>The same plan with what is seeded drawn.</summary>
    /// <param name="nodes">The nodes there are.</param>
    /// <param name="seed">The world's seed.</param>
    public FaultPlan Drawn(IEnumerable<NodeId> nodes, long seed)
    {
        NodeId[] known = [.. nodes];
        var all = Faults.ToList();
        for (var place = 0; place < Seeded.Count; place++)
        {
            all.AddRange(Seeded[place].Draw(known, seed, place, all.OfType<Fault.Crash>().ToArray()));
        }

        return new FaultPlan(all);
    }

    /// <summary>Checks the plan against a world whose actors are all started, and lets it happen.</summary>
    /// <exception cref="WorldException">The plan cannot be.</exception>
    internal void Schedule(IWorld world, VirtualTime time)
    {
        NodeId[] nodes = [.. world.Nodes];
        Check(nodes);
        var slow = new SortedDictionary<NodeId, List<double>>();
        var changes = new List<(long Ticks, bool Begins, Action Happens)>();
        void At(double seconds, bool begins, Action happens) => changes.Add((VirtualTime.TicksOf(seconds), begins, happens));
        void End(double at, double? length, Action happens)
        {
            if (length is { } seconds)
            {
                At(at + seconds, false, happens);
            }
        }

        foreach (var fault in Drawn(nodes, world.Seed).Faults)
        {
            switch (fault)
            {
                case Fault.Crash crash:
                    At(crash.At, true, () => world.Crash(crash.Node));
                    End(crash.At, crash.RestartAfter, () => world.Restart(crash.Node));
                    break;
                case Fault.Partition partition:
                    At(partition.At, true, () => world.Cut(partition.Cut));
                    End(partition.At, partition.For, () => world.Heal(partition.Cut));
                    break;
                case Fault.Slow slowed:
                    slow.TryAdd(slowed.Node, []);
                    var factors = slow[slowed.Node];
                    void Apply() => world.Slow(slowed.Node, factors.Aggregate(1.0, (product, factor) => product * factor));
                    At(slowed.At, true, () =>
                    {
                        factors.Add(slowed.Factor);
                        Apply();
                    });
                    End(slowed.At, slowed.For, () =>
                    {
                        factors.Remove(slowed.Factor);
                        Apply();
                    });
                    break;
                case Fault.Leave leave:
                    At(leave.At, true, () => world.Leave(leave.Node));
                    break;
                case Fault.Join join:
                    At(join.At, true, () => world.Restart(join.Node));
                    break;
                case Fault.LoseWrite write:
                    At(write.At, true, () => world.LoseNextWrite(write.Node));
                    break;
            }
        }

        // What ends at a moment ends before what begins then, and the rest keeps the plan's order (the sort is stable).
        foreach (var (ticks, _, happens) in changes.OrderBy(change => change.Ticks).ThenBy(change => change.Begins))
        {
            time.After(ticks - time.Ticks, new VirtualCall(happens));
        }
    }

    /// <inheritdoc />
    public override string ToString() =>
        string.Join('\n', Faults.Select(fault => fault.ToString()).Concat(Seeded.Select(drawn => drawn.ToString())));
}
