namespace TwoTower.Model.Data;

/// <summary>A binary user × item matrix in compressed rows: for each user the distinct items, ascending.</summary>
public sealed class InteractionMatrix
{
    private readonly int[] _rowStart;
    private readonly int[] _items;

    private InteractionMatrix(int items, int[] rowStart, int[] columns)
    {
        Items = items;
        _rowStart = rowStart;
        _items = columns;
    }

    /// <summary>Number of rows.</summary>
    public int Users => _rowStart.Length - 1;

    /// <summary>Number of columns.</summary>
    public int Items { get; }

    /// <summary>Number of distinct (user, item) pairs.</summary>
    public int Count => _items.Length;

    /// <summary>The distinct items of a user, ascending.</summary>
    public ReadOnlySpan<int> ItemsOf(int user) => _items.AsSpan(_rowStart[user], _rowStart[user + 1] - _rowStart[user]);

    /// <summary>Whether the user has the item.</summary>
    public bool Contains(int user, int item) => ItemsOf(user).BinarySearch(item) >= 0;

    /// <summary>Builds the matrix from one or several logs; repeated pairs count once.</summary>
    public static InteractionMatrix From(int users, int items, params ReadOnlySpan<InteractionLog> logs)
    {
        var start = new int[users + 1];
        foreach (var log in logs)
        {
            foreach (var user in log.Users)
            {
                start[user + 1]++;
            }
        }

        for (var user = 0; user < users; user++)
        {
            start[user + 1] += start[user];
        }

        var columns = new int[start[users]];
        var next = start.AsSpan(0, users).ToArray();
        foreach (var log in logs)
        {
            for (var n = 0; n < log.Count; n++)
            {
                columns[next[log.Users[n]]++] = log.Items[n];
            }
        }

        var rowStart = new int[users + 1];
        var write = 0;
        for (var user = 0; user < users; user++)
        {
            var row = columns.AsSpan(start[user], start[user + 1] - start[user]);
            row.Sort();
            rowStart[user] = write;
            var previous = -1;
            foreach (var item in row)
            {
                if (item != previous)
                {
                    columns[write++] = item;
                    previous = item;
                }
            }
        }

        rowStart[users] = write;
        return new InteractionMatrix(items, rowStart, columns.AsSpan(0, write).ToArray());
    }
}
