using Akka.Actor;
using TwoTower.Actors.Protocol;

namespace TwoTower.Actors.Training;

// A worker that cannot go on says so until it is heard, and stops.
public sealed partial class WorkerActor
{
    private LeaseProtocol.Failed? _failure;

    private void Fail(WorkerFailure kind, string reason)
    {
        if (_failure is null)
        {
            _failure = new LeaseProtocol.Failed(_id, _birth, kind, reason);
            Drop();
            _blueprint.Trainer.Tell(_failure);
        }
    }

    private void OnFailureRecorded(LeaseProtocol.FailureRecorded recorded)
    {
        if (recorded.Birth == _failure?.Birth)
        {
            Context.Stop(Self);
        }
    }
}
