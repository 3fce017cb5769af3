using Akka.Actor;
using TwoTower.Actors.Protocol;

namespace TwoTower.Tests.Training;

/// <summary>Stands before an actor as a bad network: loses, doubles, delays and reorders what passes, in both directions.</summary>
internal sealed class LossyLink : ReceiveActor
{
    private readonly Dictionary<IActorRef, IActorRef> _waysBack = [];
    private readonly Random _random;
    private readonly List<(object Message, IActorRef Sender)> _held = [];

    public LossyLink(IActorRef target, int seed, double loss, double doubling, double holding, bool answers)
    {
        _random = new Random(seed);
        ReceiveAny(message =>
        {
            var sender = Sender;
            if (answers)
            {
                if (!_waysBack.TryGetValue(sender, out var back))
                {
                    var nextSeed = _random.Next();
                    back = Context.ActorOf(Props.Create(() => new LossyLink(sender, nextSeed, loss, doubling, holding, false)));
                    _waysBack.Add(sender, back);
                }

                sender = back;
            }

            if (_random.NextDouble() < loss)
            {
                return;
            }

            if (_random.NextDouble() < doubling)
            {
                _held.Add((message is IOwnsBuffers owner ? owner.Copy() : message, sender));
            }

            if (_random.NextDouble() < holding)
            {
                // Overtaken by later messages; a message with nothing behind it is as good as lost, and is sent again.
                _held.Add((message, sender));
                return;
            }

            target.Tell(message, sender);
            while (_held.Count > 0 && _random.NextDouble() < 0.5)
            {
                var at = _random.Next(_held.Count);
                var (late, from) = _held[at];
                _held.RemoveAt(at);
                target.Tell(late, from);
            }
        });
    }

    public static Props Before(IActorRef target, int seed, double loss, double doubling, double holding) =>
        Props.Create(() => new LossyLink(target, seed, loss, doubling, holding, true));
}
