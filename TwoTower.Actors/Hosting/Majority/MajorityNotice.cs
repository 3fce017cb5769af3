namespace TwoTower.Actors.Hosting.Majority;

/// <summary>Says for all shards on a node together that they wait for a majority of the cluster, and that they do so
/// no more. Any thread may tell it.</summary>
/// <param name="say">Is told what a person should know.</param>
internal sealed class MajorityNotice(Action<string> say)
{
    private int _waiting;

    /// <summary>A shard waits, or waits no longer.</summary>
    public void Tell(bool waits)
    {
        if (waits && Interlocked.Increment(ref _waiting) == 1)
        {
            say("There is no majority of the cluster in sight: until there is, the shards on this node take and acknowledge no push.");
        }
        else if (!waits && Interlocked.Decrement(ref _waiting) == 0)
        {
            say("A majority of the cluster is in sight again.");
        }
    }
}
