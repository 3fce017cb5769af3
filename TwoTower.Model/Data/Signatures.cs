namespace TwoTower.Model.Data;

/// <summary>What users and items are told apart by without their names: who did what when. Equal for those that
/// nothing but a name distinguishes.</summary>
/// <remarks>Colour refinement (Weisfeiler and Leman 1968) on the graph of interactions: a node's colour is a hash of the labels of its
/// interactions and of the colours at their other ends, refined until no further nodes come apart. Hashes are summed, so neither the order
/// of rows nor the numbers of users and items have a part in them.</remarks>
/// <param name="Users">By user.</param>
/// <param name="Items">By item.</param>
internal sealed record Signatures(ulong[] Users, ulong[] Items)
{
    private const int MostRounds = 8;

    /// <summary>Tells users and items of a log apart.</summary>
    /// <param name="users">Number of users.</param>
    /// <param name="items">Number of items.</param>
    /// <param name="logs">Their interactions, each log labelled by its place.</param>
    public static Signatures Of(int users, int items, params InteractionLog[] logs)
    {
        return Of(users, items, Visit);

        void Visit(Action<int, int, ulong> visit)
        {
            for (var part = 0; part < logs.Length; part++)
            {
                for (var n = 0; n < logs[part].Count; n++)
                {
                    visit(logs[part].Users[n], logs[part].Items[n], Mix((ulong)logs[part].Timestamps[n] + ((ulong)part << 56)));
                }
            }
        }
    }

    /// <summary>Tells users and items of a table apart, some rows left out.</summary>
    /// <param name="table">The ratings.</param>
    /// <param name="isIn">Whether a row counts.</param>
    public static Signatures Of(RatingTable table, Func<int, bool> isIn)
    {
        return Of(table.Users.Count, table.Items.Count, Visit);

        void Visit(Action<int, int, ulong> visit)
        {
            for (var row = 0; row < table.Count; row++)
            {
                if (isIn(row))
                {
                    visit(table.UserAt(row), table.ItemAt(row),
                        Mix((ulong)table.TimestampAt(row)) + BitConverter.SingleToUInt32Bits(table.RatingAt(row)));
                }
            }
        }
    }

    /// <summary>Places in the order of signatures; those that only a name distinguishes stand in the order of their names, so that each has
    /// a place, and a random draw, of its own: whichever of them has which, what comes of it is the same but for names.</summary>
    public static int[] Places(ulong[] signatures)
    {
        var places = new int[signatures.Length];
        var next = 0;
        foreach (var one in Enumerable.Range(0, signatures.Length).OrderBy(n => signatures[n]))
        {
            places[one] = next++;
        }

        return places;
    }

    private static Signatures Of(int users, int items, Action<Action<int, int, ulong>> visitAll)
    {
        var (ofUsers, ofItems) = (new ulong[users], new ulong[items]);
        var classes = 0;
        for (var round = 0; round < MostRounds; round++)
        {
            var (nextUsers, nextItems) = (new ulong[users], new ulong[items]);
            visitAll((user, item, label) =>
            {
                nextUsers[user] += Mix(label ^ Mix(ofItems[item] + 1));
                nextItems[item] += Mix(label ^ Mix(ofUsers[user] + 2));
            });
            Fold(ofUsers, nextUsers);
            Fold(ofItems, nextItems);
            var now = Distinct(ofUsers) + Distinct(ofItems);
            if (now == classes || now == users + items)
            {
                break;
            }

            classes = now;
        }

        return new Signatures(ofUsers, ofItems);
    }

    private static void Fold(ulong[] colours, ulong[] sums)
    {
        for (var n = 0; n < colours.Length; n++)
        {
            colours[n] = Mix(Mix(colours[n]) ^ sums[n]);
        }
    }

    private static int Distinct(ulong[] colours)
    {
        var sorted = (ulong[])colours.Clone();
        Array.Sort(sorted);
        var count = 0;
        for (var n = 0; n < sorted.Length; n++)
        {
            count += n == 0 || sorted[n] != sorted[n - 1] ? 1 : 0;
        }

        return count;
    }

    // The finalizer of SplitMix64 (Steele, Lea and Flood 2014).
    private static ulong Mix(ulong value)
    {
        value += 0x9E3779B97F4A7C15UL;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9UL;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EBUL;
        return value ^ (value >> 31);
    }
}
