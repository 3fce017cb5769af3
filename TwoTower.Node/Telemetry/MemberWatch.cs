using TwoTower.Actors.Cluster;
using TwoTower.Actors.Training;

namespace TwoTower.Node.Telemetry;

/// <summary>Looks now and then at who is in the cluster and where shards are, and tells what has changed.</summary>
/// <param name="progress">Is told.</param>
public sealed class MemberWatch(IProgress<TrainingEvent> progress)
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(2);
    private IReadOnlyList<ShardPlace> _shards = [];
    private string _known = string.Empty;

    /// <summary>Looks until it is cancelled.</summary>
    /// <param name="view">The cluster as this node sees it.</param>
    /// <param name="stop">Ends it.</param>
    public async Task WatchAsync(ClusterView view, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(s_interval);
        try
        {
            do
            {
                await LookAsync(view).ConfigureAwait(false);
            }
            while (view.Alive && await timer.WaitForNextTickAsync(stop).ConfigureAwait(false));
        }
        catch (OperationCanceledException)
        {
            // The run is over.
        }
    }

    private async Task LookAsync(ClusterView view)
    {
        try
        {
            var (members, shards) = await view.MembersAsync().ConfigureAwait(false);
            Note(members, shards);
        }
        catch (Exception unanswered) when (unanswered is not OutOfMemoryException)
        {
            // A node that is shutting down answers in many ways. Nothing of the run depends on what it says; the next look is another.
        }
    }

    /// <summary>Takes a look in.</summary>
    /// <param name="members">Who is there.</param>
    /// <param name="shards">Where shards are; empty when nobody said.</param>
    public void Note(IReadOnlyList<ClusterMember> members, IReadOnlyList<ShardPlace> shards)
    {
        var before = _shards.ToDictionary(place => place.Shard, place => place.Address);
        foreach (var place in shards)
        {
            if (before.TryGetValue(place.Shard, out var from) && from != place.Address)
            {
                progress.Report(new TrainingEvent.Notice($"shard-{place.Shard} has moved from {from} to {place.Address}.", NoticeKind.HandOff));
            }

            before[place.Shard] = place.Address; // one that is on its way is where it was until it is somewhere
        }

        _shards = [.. before.OrderBy(place => place.Key).Select(place => new ShardPlace(place.Key, place.Value))];
        var now = string.Join('|', [.. members.Select(member => $"{member.Address} {string.Join(',', member.Roles)} {member.Status} {member.Reachable}"), .. _shards.Select(place => $"{place.Shard} {place.Address}")]);
        if (now != _known)
        {
            _known = now;
            progress.Report(new TrainingEvent.MembersChanged(members, _shards));
        }
    }
}
