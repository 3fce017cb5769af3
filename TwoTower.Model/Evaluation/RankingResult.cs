namespace TwoTower.Model.Evaluation;

/// <summary>Metrics of one ranking under one protocol, kept per user so that two rankings can be compared in pairs.</summary>
/// <remarks>Metric names are <c>recall@K</c>, <c>ndcg@K</c>, <c>hitrate@K</c>, <c>mrr@K</c>.</remarks>
public sealed class RankingResult
{
    private readonly Dictionary<string, double[]> _perUser;

    /// <summary>Wraps per-user metric columns.</summary>
    /// <param name="protocol">The protocol they were made under.</param>
    /// <param name="users">User indices, one a row of each column.</param>
    /// <param name="perUser">Metric name → one value per user.</param>
    /// <param name="coverage">K → share of the catalogue that appears in at least one user's top K.</param>
    /// <param name="tiedUsers">K → users whose top K is not determined, because scores tie at its end; null where nobody counted.</param>
    public RankingResult(
        RankingProtocol protocol, int[] users, IReadOnlyDictionary<string, double[]> perUser, IReadOnlyDictionary<int, double> coverage,
        IReadOnlyDictionary<int, int>? tiedUsers = null)
    {
        TiedUsers = tiedUsers ?? new Dictionary<int, int>();
        Protocol = protocol;
        Users = users;
        _perUser = new Dictionary<string, double[]>(perUser, StringComparer.Ordinal);
        Coverage = coverage;
    }

    /// <summary>The protocol.</summary>
    public RankingProtocol Protocol { get; }

    /// <summary>User indices in the order of the per-user values.</summary>
    public int[] Users { get; }

    /// <summary>K → expected share of the catalogue recommended to anybody in the top K.</summary>
    public IReadOnlyDictionary<int, double> Coverage { get; }

    /// <summary>K → users whose candidates of ranks K and K + 1 have equal scores.</summary>
    public IReadOnlyDictionary<int, int> TiedUsers { get; }

    /// <summary>The metric names.</summary>
    public IEnumerable<string> Metrics => _perUser.Keys;

    /// <summary>Mean over users, whatever their order; 0 when nobody is evaluated.</summary>
    /// <exception cref="KeyNotFoundException">No such metric.</exception>
    public double Mean(string metric) => ExactSum.MeanOf(_perUser[metric]);

    /// <summary>One value per user, in the order of <see cref="Users"/>.</summary>
    /// <exception cref="KeyNotFoundException">No such metric.</exception>
    public double[] PerUser(string metric) => _perUser[metric];
}
