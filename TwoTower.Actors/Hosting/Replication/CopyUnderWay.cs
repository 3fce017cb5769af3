namespace TwoTower.Actors.Hosting.Replication;

/// <summary>A copy of a shard on its way between two servers, as whoever waits for it knows it.
/// Synchronous; one thread at a time.</summary>
/// <remarks>A copy may be long, so no time says that it is lost. It is when the endpoints have nothing on its way any more and the other
/// side, asked after that, has not got it (or has not sent it): then it is begun anew, and not before. Endpoints give up by
/// themselves what makes no progress.</remarks>
internal sealed class CopyUnderWay(double since)
{
    private bool _asked;
    private bool _missing;

    /// <summary>What is to be done next.</summary>
    public enum Step
    {
        /// <summary>Nothing yet.</summary>
        Wait,

        /// <summary>The other side is to be asked whether it has the copy.</summary>
        Ask,

        /// <summary>It is lost; another is to be sent.</summary>
        Again,
    }

    /// <summary>Bytes confirmed by the receiver, as far as that is known.</summary>
    public long Sent { get; private set; }

    /// <summary>Bytes on their way.</summary>
    public long ToSend { get; private set; }

    /// <summary>Whether it has been on its way for so long that it is worth asking what has become of it.</summary>
    public bool IsDue(double now, double after) => now - since >= after;

    /// <summary>The endpoint says what is on its way.</summary>
    /// <param name="underWay">Whether anything is.</param>
    /// <param name="sent">Bytes confirmed.</param>
    /// <param name="toSend">Bytes on their way.</param>
    public Step OnTraffic(bool underWay, long sent = 0, long toSend = 0)
    {
        (Sent, ToSend) = (sent, toSend);
        if (underWay)
        {
            (_asked, _missing) = (false, false);
            return Step.Wait;
        }

        if (_missing)
        {
            return Step.Again;
        }

        _asked = true;
        return Step.Ask;
    }

    /// <summary>The other side says that it has not got the copy.</summary>
    /// <returns>Whether the endpoint is to be asked once more, because a short answer overtakes a long message.</returns>
    public bool OnMissing()
    {
        _missing |= _asked;
        return _missing;
    }
}
