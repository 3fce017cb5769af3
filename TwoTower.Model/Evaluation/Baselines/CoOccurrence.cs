using TwoTower.Model.Data;

namespace TwoTower.Model.Evaluation.Baselines;

/// <summary>The binary train matrix X [users, items] both ways round, and its Gram matrix XᵀX a row at a time: how
/// many users have both of two items.</summary>
/// <remarks>Counts are whole numbers, so a row is the same whatever the order and the threads it was counted with.</remarks>
internal sealed class CoOccurrence
{
    /// <summary>Prepares the counting.</summary>
    /// <param name="train">Every user's train positives.</param>
    public CoOccurrence(InteractionMatrix train)
    {
        Train = train;
        var (users, items) = (new int[train.Count], new int[train.Count]);
        var next = 0;
        for (var user = 0; user < train.Users; user++)
        {
            foreach (var item in train.ItemsOf(user))
            {
                (users[next], items[next++]) = (user, item);
            }
        }

        UsersOfItem = InteractionMatrix.From(train.Items, train.Users, new InteractionLog(items, users, new long[next]));
    }

    /// <summary>Every user's train positives.</summary>
    public InteractionMatrix Train { get; }

    /// <summary>The train matrix turned round: every item's users.</summary>
    public InteractionMatrix UsersOfItem { get; }

    /// <summary>Catalogue size.</summary>
    public int Items => Train.Items;

    /// <summary>Users who have the item: the diagonal of the Gram matrix.</summary>
    public int Popularity(int item) => UsersOfItem.ItemsOf(item).Length;

    /// <summary>Writes a row of the Gram matrix.</summary>
    /// <param name="item">The row.</param>
    /// <param name="row">[<see cref="Items"/>]; overwritten. Floats hold whole numbers up to 2²⁴ exactly.</param>
    public void Row(int item, Span<float> row)
    {
        row.Clear();
        foreach (var user in UsersOfItem.ItemsOf(item))
        {
            foreach (var other in Train.ItemsOf(user))
            {
                row[other]++;
            }
        }
    }
}
