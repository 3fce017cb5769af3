using System.Globalization;
using TwoTower.Actors.Ids;

namespace TwoTower.Actors.Simulation.Faults;

/// <summary>Reads the text of a fault plan.</summary>
internal static class FaultPlanText
{
    public static FaultPlan Parse(string text)
    {
        var faults = new List<Fault>();
        var seeded = new List<SeededFaults>();
        var number = 0;
        foreach (var raw in text.Split('\n'))
        {
            number++;
            var line = raw.Split('#')[0].Replace("|", " | ", StringComparison.Ordinal).Replace(">", " > ", StringComparison.Ordinal);
            var words = new Words(number, line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
            if (words.AtEnd)
            {
                continue;
            }

            if (words.Next.StartsWith("seeded:", StringComparison.OrdinalIgnoreCase))
            {
                seeded.Add(SeededIn(words));
            }
            else
            {
                faults.Add(FaultIn(words));
            }

            words.ExpectEnd();
        }

        return new FaultPlan(faults, seeded);
    }

    private static Fault FaultIn(Words words)
    {
        words.Expect("at", "'at SECONDS …' or 'seeded:RATE'");
        var at = words.Number("the moment in virtual seconds");
        var kind = words.Take("a fault: crash, partition, slow, lose-write, leave or join");
        switch (kind.ToLowerInvariant())
        {
            case "crash":
                return new Fault.Crash(at, words.Node(), words.Has("restart") ? words.Number("the seconds until it restarts") : null);
            case "partition":
                var from = words.Nodes();
                var oneWay = words.Take("'|' (both ways) or '>' (one way)") switch
                {
                    "|" => false,
                    ">" => true,
                    var other => throw words.Wrong("'|' (both ways) or '>' (one way)", other),
                };
                return new Fault.Partition(at, new NetworkCut(from, words.Nodes(), oneWay), words.Lasting());
            case "slow":
                var node = words.Node();
                words.Expect("by", "'by FACTOR'");
                return new Fault.Slow(at, node, words.Number("how many times slower"), words.Lasting());
            case "lose-write":
                return new Fault.LoseWrite(at, words.Node());
            case "leave":
                return new Fault.Leave(at, words.Node());
            case "join":
                return new Fault.Join(at, words.Node());
            default:
                throw words.Wrong("a fault: crash, partition, slow, lose-write, leave or join", kind);
        }
    }

    private static SeededFaults SeededIn(Words words)
    {
        var parts = words.Take("seeded:RATE").Split(':');
        if (parts.Length > 5)
        {
            throw words.Wrong("seeded:RATE, seeded:RATE:KINDS, seeded:RATE:KINDS:NODES or seeded:RATE:KINDS:NODES:SECONDS",
                string.Join(':', parts));
        }

        var rate = words.NumberIn(parts[1], "the faults per virtual minute");
        var kinds = parts.Length > 2 ? parts[2].Split(',').Select(word => KindIn(words, word)).ToArray() : SeededFaults.DefaultKinds;
        var nodes = parts.Length > 3 ? words.NodesIn(parts[3]) : SeededFaults.DefaultNodes;
        return new SeededFaults(rate, kinds, nodes, parts.Length > 4 ? words.NumberIn(parts[4], "the mean seconds of a fault")
            : SeededFaults.DefaultMeanSeconds);
    }

    private static FaultKind KindIn(Words words, string word)
    {
        foreach (var kind in Enum.GetValues<FaultKind>())
        {
            if (word.Equals(SeededFaults.WordFor(kind), StringComparison.OrdinalIgnoreCase))
            {
                return kind;
            }
        }

        throw words.Wrong(
            $"kinds of faults ({string.Join(", ", Enum.GetValues<FaultKind>().Select(SeededFaults.WordFor))}) with commas between", word);
    }

    /// <summary>The words of one line, taken one after the other.</summary>
    private sealed class Words(int line, string[] words)
    {
        private int _at;

        public bool AtEnd => _at == words.Length;

        public string Next => words[_at];

        public string Take(string expected) => AtEnd ? throw Wrong(expected, null) : words[_at++];

        public bool Has(string word)
        {
            var has = !AtEnd && Next.Equals(word, StringComparison.OrdinalIgnoreCase);
            _at += has ? 1 : 0;
            return has;
        }

        public void Expect(string word, string expected)
        {
            if (!Has(word))
            {
                throw Wrong(expected, AtEnd ? null : Next);
            }
        }

        public void ExpectEnd()
        {
            if (!AtEnd)
            {
                throw Wrong("the end of the line", Next);
            }
        }

        public double Number(string expected) => NumberIn(Take(expected), expected);

        public double NumberIn(string word, string expected) =>
            double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value)
                ? value : throw Wrong($"{expected} (a number)", word);

        public double? Lasting() => Has("for") ? Number("the seconds it lasts") : null;

        public NodeId Node()
        {
            var word = Take("a node");
            return NodeId.TryParse(word, out var node)
                ? node : throw Wrong("a node (trainer, evaluator, worker-N, shard-N or, of a cluster, server-N)", word);
        }

        public NodeSet Nodes() => NodesIn(Take("nodes"));

        public NodeSet NodesIn(string word) => NodeSet.TryParse(word, out var nodes, out var offender)
            ? nodes
            : throw Wrong(
                "nodes (trainer, evaluator, worker-N, shard-N, server-N, worker-*, shard-*, server-*, *) with commas and no spaces between",
                offender.Length > 0 ? offender : word);

        public WorldException Wrong(string expected, string? found) =>
            new($"Fault plan, line {line}: expected {expected}, found {(found is null ? "the end of the line" : $"'{found}'")}.");
    }
}
