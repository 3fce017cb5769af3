using TwoTower.Model.Data;
using TwoTower.Model.Options;

namespace TwoTower.Model.Towers;

/// <summary>What every example, and every user, has for a history. Immutable, so all workers share one.</summary>
/// <remarks>A session is a run of one user's positives with no gap above <see cref="HistoryOptions.SessionGap"/>. The examples of a session
/// have one history: the last positives before it. So nothing of an example's own session, and nothing later, is in
/// what its user vector is made from.</remarks>
internal sealed class UserHistories
{
    private readonly HistoryWeights _weights;
    private readonly int[] _start; // [users + 1]: where a user's positives begin among all, which stand user by user in time order
    private readonly int[] _items;
    private readonly long[] _times;
    private readonly int[] _sessionOf; // by example
    private readonly int[] _sessionStart;
    private readonly int[] _sessionUser;

    /// <summary>The histories of some positives.</summary>
    /// <param name="options">Length, weights and sessions.</param>
    /// <param name="users">Rows of the user table.</param>
    /// <param name="train">The examples, in time order.</param>
    /// <param name="shown">Positives of other users, who are no examples but have vectors, in time order; or null.</param>
    public UserHistories(HistoryOptions options, int users, InteractionLog train, InteractionLog? shown = null)
    {
        _weights = new HistoryWeights(options);
        var count = train.Count + (shown?.Count ?? 0);
        (_start, _items, _times, _sessionOf) = (new int[users + 1], new int[count], new long[count], new int[train.Count]);
        foreach (var log in Logs(train, shown))
        {
            foreach (var user in log.Users)
            {
                _start[user + 1]++;
            }
        }

        for (var user = 0; user < users; user++)
        {
            _start[user + 1] += _start[user];
        }

        var (next, exampleAt) = (_start[..users], new int[count]);
        foreach (var log in Logs(train, shown))
        {
            for (var n = 0; n < log.Count; n++)
            {
                var at = next[log.Users[n]]++;
                (_items[at], _times[at], exampleAt[at]) = (log.Items[n], log.Timestamps[n], ReferenceEquals(log, train) ? n : -1);
            }
        }

        (_sessionStart, _sessionUser) = SessionsBy(options.SessionGap, exampleAt);
        MostItems = Math.Max(1, Math.Max(
            Enumerable.Range(0, users).Select(user => Longest(_start[user], _start[user + 1])).DefaultIfEmpty().Max(),
            Enumerable.Range(0, _sessionStart.Length).Select(session => Longest(_start[_sessionUser[session]], _sessionStart[session]))
                .DefaultIfEmpty().Max()));
    }

    /// <summary>Sessions of all users.</summary>
    public int Sessions => _sessionStart.Length;

    /// <summary>Positives of the longest history.</summary>
    public int MostItems { get; }

    /// <summary>The histories of a model's examples and users, or null when its users are ids alone. Users who were left
    /// out of train have histories too.</summary>
    public static UserHistories? Of(ModelOptions model, RecommenderData data) =>
        model.UserTower.Input == UserInput.Id ? null : new UserHistories(model.History, data.Users.Count, data.Train, data.Cold?.Train);

    /// <summary>The session of an example.</summary>
    /// <param name="example">Position in the train positives.</param>
    public int SessionOf(int example) => _sessionOf[example];

    /// <summary>The user of a session.</summary>
    public int UserOf(int session) => _sessionUser[session];

    /// <summary>Writes the history of a session's examples.</summary>
    /// <param name="session">The session.</param>
    /// <param name="items">At least <see cref="MostItems"/>, overwritten: items, the oldest first.</param>
    /// <param name="weights">As many, overwritten: their weights, which sum to 1.</param>
    /// <returns>How many there are; 0 in a user's first session.</returns>
    public int BeforeSession(int session, Span<int> items, Span<float> weights) =>
        Write(_start[_sessionUser[session]], _sessionStart[session], items, weights);

    /// <summary>Writes the history of a user after all of train: what their vector is made from when they are served.</summary>
    /// <param name="user">The user.</param>
    /// <param name="items">At least <see cref="MostItems"/>, overwritten.</param>
    /// <param name="weights">As many, overwritten.</param>
    /// <returns>How many there are.</returns>
    public int Latest(int user, Span<int> items, Span<float> weights) => Write(_start[user], _start[user + 1], items, weights);

    /// <summary>In how many examples' histories every item is.</summary>
    /// <param name="catalogue">Items.</param>
    public int[] Occurrences(int catalogue)
    {
        var examples = new int[_sessionStart.Length];
        foreach (var session in _sessionOf)
        {
            examples[session]++;
        }

        var counts = new long[catalogue];
        var (items, weights) = (new int[MostItems], new float[MostItems]);
        for (var session = 0; session < examples.Length; session++)
        {
            foreach (var item in items.AsSpan(0, BeforeSession(session, items, weights)))
            {
                counts[item] += examples[session];
            }
        }

        return Array.ConvertAll(counts, count => (int)Math.Min(count, int.MaxValue));
    }

    /// <summary>Examples that have a history.</summary>
    public int ExamplesWithHistory() => _sessionOf.Count(session => _sessionStart[session] > _start[_sessionUser[session]]);

    private static InteractionLog[] Logs(InteractionLog train, InteractionLog? shown) => shown is null ? [train] : [train, shown];

    private int Longest(int begin, int end) => end - begin - _weights.FirstOf(_times.AsSpan(begin, end - begin));

    private int Write(int begin, int end, Span<int> items, Span<float> weights)
    {
        var times = _times.AsSpan(begin, end - begin);
        var first = _weights.FirstOf(times);
        var count = times.Length - first;
        if (count > 0)
        {
            _items.AsSpan(begin + first, count).CopyTo(items);
            _weights.Fill(times[first..], weights);
        }

        return count;
    }

    private (int[] Start, int[] User) SessionsBy(double gap, int[] exampleAt)
    {
        var (starts, ofUser) = (new List<int>(), new List<int>());
        for (var user = 0; user < _start.Length - 1; user++)
        {
            for (var at = _start[user]; at < _start[user + 1] && exampleAt[at] >= 0; at++)
            {
                if (at == _start[user] || _times[at] - _times[at - 1] > gap)
                {
                    starts.Add(at);
                    ofUser.Add(user);
                }

                _sessionOf[exampleAt[at]] = starts.Count - 1;
            }
        }

        return ([.. starts], [.. ofUser]);
    }
}
