using TwoTower.Model.Data;
using TwoTower.Model.Data.Reading;
using TwoTower.Model.Data.Splitting;

namespace TwoTower.Model.Evaluation;

/// <summary>A ranking task from files of held-out positives and of seen items, by the rules that a
/// split's own parts are judged by.</summary>
/// <param name="Task">What is ranked.</param>
/// <param name="Misses">Held-out positives outside the catalogue that count as misses.</param>
/// <param name="Dropped">Held-out positives that are left out.</param>
/// <param name="BelowThreshold">Rows of all files whose rating is under the threshold.</param>
/// <param name="Notes">What became of them, and what was odd about the files, one sentence each.</param>
internal sealed record FileTask(RankingTask Task, int Misses, int Dropped, int BelowThreshold, IReadOnlyList<string> Notes)
{
    /// <summary>Reads the files.</summary>
    /// <param name="positives">Files of held-out positives.</param>
    /// <param name="seen">Files of what users had before; may be empty.</param>
    /// <param name="users">Users of the embeddings.</param>
    /// <param name="items">Items of the embeddings.</param>
    /// <param name="options">Columns, threshold and whether bad lines are skipped.</param>
    /// <exception cref="DataException">A file cannot be used, or nothing is left to judge.</exception>
    public static FileTask Of(IReadOnlyList<string> positives, IReadOnlyList<string> seen, IdCatalogue users, IdCatalogue items,
        DataOptions options)
    {
        var notes = new List<string>();
        var held = Pairs.Of(positives, "the --positives files", users, items, options, notes);
        var before = Pairs.Of(seen, "the --seen files", users, items, options, notes);
        var mask = before.Matrix(users.Count, items.Count, Enumerable.Range(0, before.Rows.Count));
        var part = HeldOutPart.Of("held-out", held.Rows.Select((row, n) => (n, row.User, row.Item)), mask, mask, "the --seen files", 0);
        var below = held.BelowThreshold + before.BelowThreshold;
        if (part.Rows.Count == 0)
        {
            throw new DataException(held.BelowThreshold > 0 && held.Rows.Count == 0
                ? FormattableString.Invariant(
                    $"The --positives files hold no ")
                    + FormattableString.Invariant(
                    $"positive: {(held.BelowThreshold == 1 ? "the only rating is" : $"all {held.BelowThreshold} ratings are")} under {options.PositiveThreshold}.")
                : $"There is nothing to judge in the --positives files: {part.WhyEmpty()}.");
        }

        if (below > 0)
        {
            notes.Add(FormattableString.Invariant(
                $"Left out {below} rows whose rating is ")
                + FormattableString.Invariant(
                $"under {options.PositiveThreshold} ({held.BelowThreshold} held-out, {before.BelowThreshold} seen)."));
        }

        notes.AddRange(part.Warnings());
        if (seen.Count > 0)
        {
            VerifyMask(before, held, part, mask, notes);
        }

        return new FileTask(new RankingTask(held.Matrix(users.Count, items.Count, part.Rows), mask, part.Unreachable), part.Misses,
            part.DroppedCount, below, notes);
    }

    /// <summary>Counts the rows that mask nothing; where none masks anything, there is no mask.</summary>
    private static void VerifyMask(Pairs before, Pairs held, HeldOutPart part, InteractionMatrix mask, List<string> notes)
    {
        var idle = before.Rows.Count(row => row.User < 0 || row.Item < 0);
        if (idle == before.Rows.Count)
        {
            throw new DataException(
                (idle == 0 ? "The --seen files hold no positive"
                : FormattableString.Invariant(
                $"None of the {idle:#,0} rows of the --seen files has both a user and an item of the embeddings"))
                    + ", so nothing is masked: name the train positives, or leave --seen out and rank without a mask (--protocol raw).");
        }

        if (idle > 0)
        {
            notes.Add(FormattableString.Invariant(
                $"{idle:#,0} of {before.Rows.Count:#,0} rows of the --seen files mask nothing: the embeddings lack the user or the item."));
        }

        int[] judged = [.. part.Rows.Select(row => held.Rows[row].User).Distinct()];
        if (judged.Count(user => mask.ItemsOf(user).Length == 0) is var bare and > 0)
        {
            notes.Add(FormattableString.Invariant(
                $"{bare:#,0} of {judged.Length:#,0} judged users have no row in the --seen files: nothing is masked for them."));
        }
    }

    /// <summary>Distinct positive pairs of some files; -1 stands for what is not in the catalogue.</summary>
    private sealed record Pairs(List<(int User, int Item, long Time)> Rows, int BelowThreshold)
    {
        public static Pairs Of(IReadOnlyList<string> files, string where, IdCatalogue users, IdCatalogue items, DataOptions options,
            List<string> notes)
        {
            var latest = new Dictionary<(string User, string Item), (long Time, float Rating)>();
            foreach (var file in files)
            {
                var table = RatingSource.ReadPart(file, options);
                notes.AddRange(table.Warnings);
                for (var row = 0; row < table.Count; row++)
                {
                    // As in a split: of a pair that was rated again in the same part, be that one file or several, the
                    // latest rating counts, of one time the highest.
                    var pair = (table.Users.RawIds[table.UserAt(row)], table.Items.RawIds[table.ItemAt(row)]);
                    var rating = (table.TimestampAt(row), table.RatingAt(row));
                    if (!latest.TryGetValue(pair, out var other) || rating.CompareTo(other) > 0)
                    {
                        latest[pair] = rating;
                    }
                }
            }

            var (ofUsers, ofItems) = (new IdMatch("user", where, users, "the embeddings' users"),
                new IdMatch("item", where, items, "the embeddings' items"));
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
                    rows.Add((ofUsers.IndexOf(user), ofItems.IndexOf(item), time));
                }
            }

            ofUsers.RefuseNone();
            ofItems.RefuseNone();
            return new Pairs(rows, below);
        }

        public InteractionMatrix Matrix(int users, int items, IEnumerable<int> rows)
        {
            var inside = rows.Select(row => Rows[row]).Where(row => row is { User: >= 0, Item: >= 0 }).ToArray();
            return InteractionMatrix.From(users, items,
                new InteractionLog([.. inside.Select(row => row.User)], [.. inside.Select(row => row.Item)],
                [.. inside.Select(row => row.Time)]));
        }
    }
}
