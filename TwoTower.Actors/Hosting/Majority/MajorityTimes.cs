namespace TwoTower.Actors.Hosting.Majority;

/// <summary>How long a lease lasts, and how often it is renewed.</summary>
/// <param name="Lease">Seconds of a lease.</param>
/// <param name="Pulse">Seconds between two pulses to every member.</param>
internal sealed record MajorityTimes(double Lease, double Pulse)
{
    /// <summary>Two thirds of the time that passes between the removal of a member and the start of its singletons and shards elsewhere,
    /// which is the split-brain resolver's <c>stable-after</c> unless <c>down-removal-margin</c> is set; renewed
    /// eight times before it runs out.</summary>
    /// <remarks>In a clean split the other side waits for its failure detector (<c>acceptable-heartbeat-pause</c>) and for
    /// <c>stable-after</c> before it even removes a member, so a lease is over several seconds before it could matter. The bound without
    /// those is kept for links that fail in one direction only, where a member may be removed that still hears pulses until then.</remarks>
    /// <exception cref="ArgumentException">There is no such time: then nothing could be promised.</exception>
    public static MajorityTimes Within(TimeSpan removalMargin)
    {
        if (removalMargin <= TimeSpan.Zero)
        {
            throw new ArgumentException(
                "The majority's lease has to run out before anybody takes over: set akka.cluster.split-brain-resolver.stable-after "
                + "(cluster.hocon) to more than 0.", nameof(removalMargin));
        }

        var lease = removalMargin.TotalSeconds * 2 / 3;
        return new MajorityTimes(lease, lease / 8);
    }
}
