using TwoTower.Model.Data;

namespace TwoTower.Model.Evaluation;

/// <summary>A ranking task from files of held-out positives and of seen items, by the rules that a split's own parts are judged by.</summary>
/// <param name="Task">What is ranked.</param>
/// <param name="Misses">Held-out positives outside the catalogue that count as misses.</param>
/// <param name="Dropped">Held-out positives that are left out.</param>
/// <param name="BelowThreshold">Rows of all files whose rating is under the threshold.</param>
/// <param name="Notes">What became of them, and what was odd about the files, one sentence each.</param>
public sealed record FileTask(RankingTask Task, int Misses, int Dropped, int BelowThreshold, IReadOnlyList<string> Notes)
{
    /// <summary>Reads the files.</summary>
    /// <param name="positives">Files of held-out positives.</param>
    /// <param name="seen">Files of what users had before; may be empty.</param>
    /// <param name="users">Users of the embeddings.</param>
    /// <param name="items">Items of the embeddings.</param>
    /// <param name="options">Columns, threshold and whether bad lines are skipped.</param>
    /// <exception cref="DataException">A file cannot be used, or nothing is left to judge.</exception>
    public static FileTask Of(IReadOnlyList<string> positives, IReadOnlyList<string> seen, IdCatalogue users, IdCatalogue items, DataOptions options)
    {
        var notes = new List<string>();
        var held = Pairs.Of(positives, users, items, options, notes);
        var before = Pairs.Of(seen, users, items, options, notes);
        var mask = before.Matrix(users.Count, items.Count, Enumerable.Range(0, before.Rows.Count));
        var part = HeldOutPart.Of("held-out", held.Rows.Select((row, n) => (n, row.User, row.Item)), mask, mask, "the --seen files", 0);
        var below = held.BelowThreshold + before.BelowThreshold;
        if (part.Rows.Count == 0)
        {
            throw new DataException(held.BelowThreshold > 0 && held.Rows.Count == 0
                ? FormattableString.Invariant($"The --positives files hold no positive: {(held.BelowThreshold == 1 ? "the only rating is" : $"all {held.BelowThreshold} ratings are")} under {options.PositiveThreshold}.")
                : $"There is nothing to judge in the --positives files: {part.WhyEmpty()}.");
        }

        if (below > 0)
        {
            notes.Add(FormattableString.Invariant($"Left out {below} rows whose rating is under {options.PositiveThreshold} ({held.BelowThreshold} held-out, {before.BelowThreshold} seen)."));
        }

        notes.AddRange(part.Warnings());
        return new FileTask(new RankingTask(held.Matrix(users.Count, items.Count, part.Rows), mask, part.Unreachable), part.Misses, part.DroppedCount, below, notes);
    }

    /// <summary>Distinct positive pairs of some files; -1 stands for what is not in the catalogue.</summary>
    private sealed record Pairs(List<(int User, int Item, long Time)> Rows, int BelowThreshold)
    {
        public static Pairs Of(IReadOnlyList<string> files, IdCatalogue users, IdCatalogue items, DataOptions options, List<string> notes)
        {
            var latest = new Dictionary<(string User, string Item), (long Time, float Rating)>();
            foreach (var file in files)
            {
                var table = RatingSource.ReadPart(file, options);
                notes.AddRange(table.Warnings);
                for (var row = 0; row < table.Count; row++)
                {
                    // As in a split: of a pair that was rated again in the same part, be that one file or several, the latest rating counts, of one time the highest.
                    var pair = (table.Users.RawIds[table.UserAt(row)], table.Items.RawIds[table.ItemAt(row)]);
                    var rating = (table.TimestampAt(row), table.RatingAt(row));
                    if (!latest.TryGetValue(pair, out var other) || rating.CompareTo(other) > 0)
                    {
                        latest[pair] = rating;
                    }
                }
            }

            var rows = new List<(int User, int Item, long Time)>(latest.Count);
            var below = 0;
            foreach (var ((user, item), (time, rating)) in latest)
            {
                if (rating < (float)options.PositiveThreshold)
                {
                    below++;
                }
                else
                {
                    rows.Add((users.TryGetIndex(user, out var u) ? u : -1, items.TryGetIndex(item, out var i) ? i : -1, time));
                }
            }

            return new Pairs(rows, below);
        }

        public InteractionMatrix Matrix(int users, int items, IEnumerable<int> rows)
        {
            var inside = rows.Select(row => Rows[row]).Where(row => row is { User: >= 0, Item: >= 0 }).ToArray();
            return InteractionMatrix.From(users, items, new InteractionLog([.. inside.Select(row => row.User)], [.. inside.Select(row => row.Item)], [.. inside.Select(row => row.Time)]));
        }
    }
}
