using System.Globalization;
using TwoTower.Actors.Protocol.Reports;

namespace TwoTower.Node.Telemetry;

/// <summary>Says when shards lack copies on other servers, and when they have them again, from looks at them now and then.</summary>
/// <remarks>A shard lacks copies from the last look at which it had them; so the time without any host, when its server has died, counts
/// too. What lasts less than <see cref="WorthSaying"/> (a shard moves, a cluster starts) is not spoken of.</remarks>
internal sealed class CopyNotices
{
    /// <summary>Seconds without copies that are worth a word.</summary>
    public const double WorthSaying = 1;

    private const int MostNames = 8;
    private readonly SortedDictionary<int, double> _whole = [];
    private readonly SortedDictionary<int, double> _lackingSince = [];
    private double? _saidSince;

    /// <summary>Takes a look in.</summary>
    /// <param name="shards">Shards whose hosts have told of their copies.</param>
    /// <param name="now">Seconds.</param>
    /// <returns>What there is to say.</returns>
    public IReadOnlyList<TrainingEvent.Notice> Look(IReadOnlyList<ShardCopies> shards, double now)
    {
        foreach (var shard in shards)
        {
            if (shard.Lacks)
            {
                var since = now - (shard.LackingSeconds ?? 0);
                _lackingSince.TryAdd(shard.Shard, _whole.TryGetValue(shard.Shard, out var whole) ? Math.Min(whole, since) : since);
            }
            else
            {
                _whole[shard.Shard] = now;
                _lackingSince.Remove(shard.Shard);
            }
        }

        foreach (var gone in _whole.Keys.Except(shards.Select(shard => shard.Shard)))
        {
            _lackingSince.TryAdd(gone, _whole[gone]);
        }

        var due = shards.Where(shard => shard.Lacks && now - _lackingSince[shard.Shard] >= WorthSaying).ToArray();
        if (_saidSince is null && due.Length > 0)
        {
            _saidSince = due.Min(shard => _lackingSince[shard.Shard]);
            return [.. due.GroupBy(shard => (shard.There, shard.Wanted, shard.Others, shard.Waits))
                .Select(alike => Notice(Lacking(alike.First(), [.. alike.Select(shard => shard.Shard)])))];
        }

        if (_saidSince is { } first && _lackingSince.Count == 0)
        {
            _saidSince = null;
            return [Notice(string.Create(CultureInfo.InvariantCulture,
                $"Every shard has its copies on other servers again, after {now - first:0.0} s."))];
        }

        return [];
    }

    /// <summary>Names of shards at the beginning of a sentence.</summary>
    public static string NamesOf(IReadOnlyList<int> shards) =>
        shards.Count == 1 ? $"shard-{shards[0]}"
            : $"Shards {string.Join(", ", shards.Take(MostNames))}{(shards.Count > MostNames ? $" and {shards.Count - MostNames} more" : string.Empty)}";

    private static string Lacking(ShardCopies like, int[] shards)
    {
        var (what, have) = (NamesOf(shards), shards.Length == 1 ? "has" : "have");
        var fewer = like.Others < like.Wanted;
        var why = !fewer ? "what lacks is on its way" : like.Others == 0 ? "no other server is there"
            : $"only {like.Others} other server{(like.Others == 1 ? " is" : "s are")} there";
        var then = like.Waits ? "No push is acknowledged until there are enough: training waits (train.whenCopiesLack=wait)."
            : !fewer ? "No push is acknowledged until it has come."
            : $"Training goes on, and what is acknowledged "
                + $"meanwhile {(like.There == 0 ? "is lost if that server dies too" : $"survives the death of {like.There} only")} (train.whenCopiesLack=go-on).";
        return $"{what} {have} {like.There} of {like.Wanted} copies: {why}. {then}";
    }

    private static TrainingEvent.Notice Notice(string text) => new(text, NoticeKind.Copies);
}
