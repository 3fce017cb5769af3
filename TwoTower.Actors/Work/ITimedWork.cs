using Akka.Actor;

namespace TwoTower.Actors.Work;

/// <summary>What kind of work takes time.</summary>
public enum WorkKind
{
    /// <summary>The gradient of a batch; its size is in examples.</summary>
    Gradient,

    /// <summary>Scoring a snapshot; its size is in users.</summary>
    Evaluation,

    /// <summary>Writing to disk; its size is in bytes.</summary>
    DiskWrite,
}

/// <summary>Runs what takes time besides messages, and tells an actor the result when the time has
/// passed. Every node has its own.</summary>
internal interface ITimedWork
{
    /// <summary>Runs <paramref name="work"/> and tells <paramref name="to"/> what it returns, or
    /// <see cref="Status.Failure"/> with what it threw.</summary>
    /// <param name="to">The actor that asks; it must not start another gradient before it is told.</param>
    /// <param name="kind">What it is.</param>
    /// <param name="size">How much, in the kind's unit.</param>
    /// <param name="work">The work. A gradient and an evaluation run before this method returns.</param>
    void Run(IActorRef to, WorkKind kind, long size, Func<object> work);
}

/// <summary>Work takes the time it takes. A gradient and an evaluation run on the caller's dispatcher, a
/// write to disk on the thread pool.</summary>
internal sealed class RealTimeWork : ITimedWork
{
    /// <summary>It has no state.</summary>
    public static RealTimeWork Instance { get; } = new();

    /// <inheritdoc />
    public void Run(IActorRef to, WorkKind kind, long size, Func<object> work)
    {
        if (kind == WorkKind.DiskWrite)
        {
            Task.Run(work).PipeTo(to);
            return;
        }

        to.Tell(Result(work), to);
    }

    /// <summary>What the work returns, or its failure as a message.</summary>
    public static object Result(Func<object> work)
    {
        try
        {
            return work();
        }
        catch (Exception failure)
        {
            return new Status.Failure(failure);
        }
    }
}
