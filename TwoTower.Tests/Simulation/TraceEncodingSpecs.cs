using CsCheck;
using TwoTower.Actors.Ids;
using TwoTower.Actors.Options;
using TwoTower.Actors.Simulation.Running;
using TwoTower.Actors.Simulation.Time;
using TwoTower.Actors.Simulation.Tracing;
using TwoTower.Actors.Simulation.Worlds;
using TwoTower.Actors.Training;
using TwoTower.Model.Optimizers;
using TwoTower.Model.Options;

namespace TwoTower.Tests.Simulation;

public class TraceEncodingSpecs
{
    private static readonly Gen<NodeId> s_node = Gen.OneOf(
        Gen.Const(NodeId.Trainer), Gen.Const(NodeId.Evaluator), Gen.Int[0, 10_000].Select(NodeId.Worker),
        Gen.Int[0, 1024].Select(NodeId.Shard));

    private static readonly Gen<(TraceKind Kind, int Code)> s_kind = Gen.OneOf(
        Gen.Select(Gen.Int[0, 2], Gen.Int[0, 25], (kind, message) => ((TraceKind)kind, message)),
        Gen.Int[0, 2].Select(work => (TraceKind.Work, work)),
        Gen.Int[0, 1].Select(of => (TraceKind.Fault, of)));

    private static readonly Gen<TraceEvent> s_event =
        from step in Gen.OneOf(Gen.Long[0, 3], Gen.Long[0, 1L << 40])
        from kind in s_kind
        from ends in Gen.Select(s_node, s_node)
        from numbers in Gen.Select(Gen.Long, Gen.Long[0, long.MaxValue], Gen.Long, Gen.Long)
        from text in Gen.String[0, 120]
        select Kept(new TraceEvent(step, kind.Kind, ends.Item1, ends.Item2, kind.Code, numbers.Item1, numbers.Item2, numbers.Item3,
            numbers.Item4, text));

    [Fact]
    public void What_is_written_is_read_back()
    {
        s_event.Array[0, 400].Sample(
            steps =>
            {
                var ticks = 0L;
                var events = steps.Select(step => step with { Ticks = ticks += step.Ticks }).ToArray();
                using var reader = new TraceReader(new MemoryStream(Encode(events)));
                var read = new List<TraceEvent>();
                while (reader.TryRead(out var traced))
                {
                    read.Add(traced);
                }

                Assert.Equal(events, read);
            },
            iter: 100);
    }

    [Fact]
    public void Bytes_that_are_no_events_are_refused_and_never_read_without_end()
    {
        Gen.Byte.Array[0, 300].Sample(
            bytes =>
            {
                using var reader = new TraceReader(new MemoryStream(bytes));
                try
                {
                    while (reader.TryRead(out _))
                    {
                        Assert.True(reader.Count <= bytes.Length);
                    }
                }
                catch (TraceException refused)
                {
                    Assert.Contains($"after event {reader.Count}", refused.Message, StringComparison.Ordinal);
                }
            },
            iter: 1000);
    }

    [Fact]
    public void A_message_event_of_a_small_world_takes_a_dozen_bytes()
    {
        var push = new TraceEvent(250, TraceKind.Sent, NodeId.Worker(3), NodeId.Shard(1), (int)TraceMessage.Push, 1000, 50_000, 120, 0,
            string.Empty);

        Assert.InRange(Encode([push]).Length, 5, 12);
    }

    [Theory]
    [InlineData(0, 'é', 400)]
    [InlineData(1, 'a', 1000)]
    public void A_text_that_is_too_long_is_cut_between_characters(int code, char letter, int length)
    {
        var fault = new TraceEvent(0, TraceKind.Fault, NodeId.Worker(1), NodeId.Worker(1), code, 0, 0, 0, 0, new string(letter, length));
        using var reader = new TraceReader(new MemoryStream(Encode([fault])));

        Assert.True(reader.TryRead(out var read));
        Assert.Equal(new string(letter, TraceEncoding.MaxText / System.Text.Encoding.UTF8.GetByteCount([letter])), read.Text);
    }

    [Fact]
    public void Every_message_of_the_training_has_a_number()
    {
        var seen = new Seen();
        var options = Training.InvariantSpecs.Options(LossKind.Bpr, OptimizerKind.Adagrad) with
        { Workers = 3, Consistency = Consistency.Ssp(1), LeaseSeconds = 2, RetrySeconds = 0.5 };
        var world = new WorldOptions { Compute = new() { ExamplesPerSecond = 1000 }, DetectionSeconds = 0.1 };
        SimulatedTraining.Run(new TrainingPlan(options, SmallData.Make()), world,
            (simulated, time) => time.After(1_000_000, new VirtualCall(() => simulated.Crash(NodeId.Worker(0)))), [seen]);

        Assert.DoesNotContain(TraceMessage.Other, seen.Messages);
        Assert.Superset(new HashSet<TraceMessage>([TraceMessage.Fence, TraceMessage.PushAck, TraceMessage.Evaluated, TraceMessage.Image]),
            seen.Messages);
    }

    internal static byte[] Encode(IEnumerable<TraceEvent> events)
    {
        var (bytes, ticks) = (new List<byte>(), 0L);
        var buffer = new byte[TraceEncoding.MaxEvent];
        foreach (var traced in events)
        {
            bytes.AddRange(buffer.AsSpan(0, TraceEncoding.Write(buffer, traced, ticks)));
            ticks = traced.Ticks;
        }

        return [.. bytes];
    }

    /// <summary>An event with only what its kind keeps.</summary>
    private static TraceEvent Kept(in TraceEvent any)
    {
        var details = any.IsMessage ? TracedMessage.DetailsOf(any.Message).Count : 0;
        return any with
        {
            To = any.IsMessage ? any.To : any.From,
            Key = any.IsMessage || any.Kind == TraceKind.Work ? any.Key : 0,
            Bytes = any.IsMessage || any.Kind == TraceKind.Work ? any.Bytes : 0,
            First = details > 0 ? any.First : 0,
            Second = details > 1 ? any.Second : 0,
            Text = any.HasText ? any.Text : string.Empty,
        };
    }

    private sealed class Seen() : TraceObserver("recall@10")
    {
        public HashSet<TraceMessage> Messages { get; } = [];

        protected override void Take(in TraceEvent traced)
        {
            if (traced.IsMessage)
            {
                Messages.Add(traced.Message);
            }
        }
    }
}
