using Akka.Actor;

namespace TwoTower.Actors.Work;

/// <summary>A machine that is slower at gradients than this one: each takes so much longer, in which nothing is computed. So a straggler is
/// had where all machines are alike, and what it learns is what it would have learned.</summary>
/// <param name="delay">How much longer each takes.</param>
internal sealed class SlowedWork(TimeSpan delay) : ITimedWork
{
    /// <inheritdoc />
    public void Run(IActorRef to, WorkKind kind, long size, Func<object> work)
    {
        if (kind == WorkKind.Gradient)
        {
            var result = RealTimeWork.Result(work);
            Task.Delay(delay).PipeTo(to, success: () => result);
            return;
        }

        RealTimeWork.Instance.Run(to, kind, size, work);
    }
}
