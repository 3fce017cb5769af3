using TwoTower.Actors.Cluster;
using TwoTower.Actors.Protocol.Reports;

namespace TwoTower.Node.Telemetry;

/// <summary>Looks now and then at who is in the cluster, where shards are and whether they have their
/// copies, and tells what has changed.</summary>
/// <param name="progress">Is told.</param>
internal sealed class MemberWatch(IProgress<TrainingEvent> progress)
{
    private const int LooksPerMembers = 4;
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(0.5);
    private readonly CopyNotices _notices = new();
    private IReadOnlyList<ShardPlace> _shards = [];
    private IReadOnlyList<ShardCopies> _copies = [];
    private IReadOnlyList<ClusterMember> _members = [];
    private string _known = string.Empty;

    /// <summary>Looks until it is cancelled.</summary>
    /// <param name="view">The cluster as this node sees it.</param>
    /// <param name="stop">Ends it.</param>
    public async Task WatchAsync(ClusterView view, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(s_interval);
        try
        {
            var looks = 0;
            do
            {
                await LookAsync(view, members: looks++ % LooksPerMembers == 0).ConfigureAwait(false);
            }
            while (view.Alive && await timer.WaitForNextTickAsync(stop).ConfigureAwait(false));
        }
        catch (OperationCanceledException)
        {
            // The run is over.
        }
    }

    private async Task LookAsync(ClusterView view, bool members)
    {
        try
        {
            Note(await view.CopiesAsync().ConfigureAwait(false), view.Seconds);
            if (members)
            {
                var (who, shards) = await view.MembersAsync().ConfigureAwait(false);
                Note(who, shards);
            }
        }
        catch (Exception unanswered) when (unanswered is not OutOfMemoryException)
        {
            // A node that is shutting down answers in many ways. Nothing of the run depends on what it says; the next look is another.
        }
    }

    /// <summary>Takes a look at copies in.</summary>
    /// <param name="copies">Those of shards whose nodes said.</param>
    /// <param name="now">Seconds.</param>
    public void Note(IReadOnlyList<ShardCopies> copies, double now)
    {
        foreach (var notice in _notices.Look(copies, now))
        {
            progress.Report(notice);
        }

        _copies = copies;
        TellIfNew();
    }

    /// <summary>Takes a look at members in.</summary>
    /// <param name="members">Who is there.</param>
    /// <param name="shards">Where shards are; empty when nobody said.</param>
    public void Note(IReadOnlyList<ClusterMember> members, IReadOnlyList<ShardPlace> shards)
    {
        var before = _shards.ToDictionary(place => place.Shard, place => place.Address);
        foreach (var moved in shards.Where(place => before.TryGetValue(place.Shard, out var from) && from != place.Address)
            .GroupBy(place => (From: before[place.Shard], To: place.Address)))
        {
            int[] which = [.. moved.Select(place => place.Shard)];
            progress.Report(
                new TrainingEvent.Notice(
                $"{CopyNotices.NamesOf(which)} {(which.Length == 1 ? "has" : "have")} moved from {moved.Key.From} to {moved.Key.To}.",
                NoticeKind.HandOff));
        }

        foreach (var place in shards)
        {
            before[place.Shard] = place.Address; // one that is on its way is where it was until it is somewhere
        }

        _shards = [.. before.OrderBy(place => place.Key).Select(place => new ShardPlace(place.Key, place.Value))];
        _members = members;
        TellIfNew();
    }

    private void TellIfNew()
    {
        var now = string.Join('|', [
            .. _members.Select(member => $"{member.Address} {string.Join(',', member.Roles)} {member.Status} {member.Reachable}"),
            .. _shards.Select(place => $"{place.Shard} {place.Address}"),
            .. _copies.Select(shard => $"{shard.Shard} {shard.There}/{shard.Wanted}")]);
        if (_members.Count > 0 && now != _known)
        {
            _known = now;
            progress.Report(new TrainingEvent.MembersChanged(_members, _shards) { Copies = _copies });
        }
    }
}
