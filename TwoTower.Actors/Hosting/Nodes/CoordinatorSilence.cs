namespace TwoTower.Actors.Hosting.Nodes;

/// <summary>How long a node has had no answer from the coordinator, and what follows. Synchronous; one thread at a time.</summary>
/// <param name="began">When the node began to ask, in seconds by its monotonic clock.</param>
internal sealed class CoordinatorSilence(double began)
{
    /// <summary>Seconds without an answer after which a person is told. A trainer that is started again needs less.</summary>
    public const double WorthSaying = 60;

    /// <summary>Seconds without an answer after which a node that had one gives up. One that never had one waits for
    /// its run for as long as it takes.</summary>
    public const double TooLong = 1800;

    private double _last = began;
    private bool _heard;
    private bool _said;

    /// <summary>What a node does about it.</summary>
    public enum Verdict
    {
        /// <summary>Goes on asking.</summary>
        Wait,

        /// <summary>Says so, once in every silence, and goes on asking.</summary>
        Say,

        /// <summary>Ends.</summary>
        GiveUp,
    }

    /// <summary>The coordinator has answered.</summary>
    /// <returns>Whether a person has been told that it does not.</returns>
    public bool Hear(double now)
    {
        var said = _said;
        (_last, _heard, _said) = (now, true, false);
        return said;
    }

    /// <summary>Looks at the clock.</summary>
    public Verdict Look(double now)
    {
        if (_heard && now - _last >= TooLong)
        {
            return Verdict.GiveUp;
        }

        if (_said || now - _last < WorthSaying)
        {
            return Verdict.Wait;
        }

        _said = true;
        return Verdict.Say;
    }
}
