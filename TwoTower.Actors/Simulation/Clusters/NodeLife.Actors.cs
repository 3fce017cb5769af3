using Akka.Actor;
using TwoTower.Actors.Hosting.Nodes;

namespace TwoTower.Actors.Simulation.Clusters;

// A node's own actors: its root, and those that see it out.
internal sealed partial class NodeLife
{
    /// <summary>The node's root: everything on it is below.</summary>
    private sealed class RootActor : ReceiveActor
    {
        public RootActor(NodeLife life, Action begin)
        {
            life._context = Context;
            life._undertaker = Context.ActorOf(Akka.Actor.Props.Create(() => new UndertakerActor(life)), "undertaker");
            begin();
        }

        protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Stop);
    }

    /// <summary>Sees actors of the node end, for watchers elsewhere.</summary>
    private sealed class UndertakerActor : ReceiveActor
    {
        public UndertakerActor(NodeLife life)
        {
            Receive<IActorRef>(target => Context.Watch(target));
            Receive<Terminated>(gone => life._world.Ended(life, gone.ActorRef));
        }
    }

    private sealed class LeaverActor : ReceiveActor
    {
        public LeaverActor(NodeLife life)
        {
            Receive<NodeAgent.Drained>(_ => LeaveRegion());
            Receive<ReceiveTimeout>(_ => LeaveRegion()); // batches that workers did not finish go to others
            Receive<RegionMessages.Left>(_ => LeaveCluster());
            SetReceiveTimeout(TimeSpan.FromSeconds(25));
            if (life.Find(NodeActors.Agent) is { } agent)
            {
                agent.Tell(NodeAgent.Drain.Instance, Self);
            }
            else
            {
                LeaveRegion();
            }

            void LeaveRegion()
            {
                if (!life.Peer.Has(ClusterNode.Server) || life.Find(RegionActor.Name) is not { } region)
                {
                    LeaveCluster();
                    return;
                }

                Become(() =>
                {
                    Receive<RegionMessages.Left>(_ => LeaveCluster());
                    Receive<ReceiveTimeout>(_ => LeaveCluster());
                    ReceiveAny(_ => { });
                });
                region.Tell(RegionMessages.Leave.Instance, Self);
            }

            void LeaveCluster()
            {
                SetReceiveTimeout(null);
                life.LeaveMembership();
                Context.Stop(Self);
            }
        }
    }

    private sealed class ExiterActor : ReceiveActor
    {
        public ExiterActor(NodeLife life, IReadOnlyList<IActorRef> singletons)
        {
            var awaited = singletons.Count;
            Receive<SingletonManagerActor.Exited>(_ =>
            {
                if (--awaited == 0)
                {
                    life.ConfirmExit();
                }
            });
            foreach (var singleton in singletons)
            {
                singleton.Tell(SingletonManagerActor.Exit.Instance, Self);
            }

            if (awaited == 0)
            {
                life.ConfirmExit();
            }
        }
    }
}
