using Akka.Actor;
using TwoTower.Actors.Protocol;

namespace TwoTower.Actors.Hosting.Replication;

/// <summary>Answers for a server node which copies its shards have.</summary>
internal sealed class CopiesActor : ReceiveActor
{
    /// <summary>Name of every server node's.</summary>
    public const string Name = "copies";

    /// <summary>An actor that reads a board.</summary>
    public CopiesActor(CopyBoard board)
    {
        var scheduler = Context.System.Scheduler;
        Receive<CopiesProtocol.Describe>(_ => Sender.Tell(new CopiesProtocol.Described(board.At(scheduler.MonotonicClock.TotalSeconds))));
    }

    /// <summary>Props of the actor.</summary>
    public static Props Props(CopyBoard board) => Akka.Actor.Props.Create(() => new CopiesActor(board));
}
