using System.Security.Cryptography;
using TwoTower.Actors.Options;
using TwoTower.Actors.Simulation.Network;
using TwoTower.Actors.Simulation.Running;
using TwoTower.Actors.Simulation.Tracing;
using TwoTower.Actors.Simulation.Worlds;
using TwoTower.Actors.Training;
using TwoTower.Model.Optimizers;
using TwoTower.Model.Options;
using TwoTower.Tests.Training;

namespace TwoTower.Tests.Simulation;

/// <summary>One seed, one trace; another seed, another.</summary>
public class TraceSpecs
{
    private static readonly TrainingOptions s_options = InvariantSpecs.Options(LossKind.Bpr, OptimizerKind.Adagrad) with
    { Workers = 5, Consistency = Consistency.Asp, RetrySeconds = 0.5 };

    private static readonly WorldOptions s_world =
        new() { Network = NetworkOptions.Preset("wan") with { Loss = 0.02, Duplication = 0.05, Reordering = 0.1 } };

    [Fact]
    public void Two_runs_of_one_seed_have_one_hash_whether_it_is_written_or_not()
    {
        var (bytes, hash) = Trace(s_options, s_world);
        using var unwritten = new TraceWriter(s_options.Metric, null);
        SimulatedTraining.Run(new TrainingPlan(s_options, SmallData.Make()), s_world, [unwritten]);

        Assert.Equal(hash, unwritten.Sha256);
        Assert.Equal(hash, Convert.ToHexStringLower(SHA256.HashData(bytes.AsSpan(0, bytes.Length - 32))));
        Assert.Equal(hash, Convert.ToHexStringLower(bytes.AsSpan(bytes.Length - 32)));
        Assert.NotEqual(hash, Trace(s_options, s_world with { Seed = 2 }).Hash);
        Assert.NotEqual(hash, Trace(s_options with { Seed = 2 }, s_world).Hash);
    }

    [Fact]
    public void A_run_that_is_held_against_its_own_trace_is_the_same_to_the_end()
    {
        using var reader = new TraceReader(new MemoryStream(Trace(s_options, s_world).Bytes));
        var comparison = new TraceComparison(s_options.Metric, reader);

        SimulatedTraining.Run(new TrainingPlan(s_options, SmallData.Make()), s_world, [comparison]);
        comparison.Close();

        Assert.True(comparison.ReachedEnd);
        Assert.Null(comparison.Divergence);
        Assert.Equal(reader.Count, comparison.Same);
        reader.CheckHash();
    }

    [Fact]
    public void A_run_that_does_something_else_ends_at_the_first_event_that_differs()
    {
        var events = Read(Trace(s_options, s_world).Bytes);
        var at = events.FindIndex(events.Count / 2, traced => traced.Kind == TraceKind.Delivered);
        var original = events[at];
        events[at] = original with { Bytes = original.Bytes + 1 };
        using var reader = new TraceReader(new MemoryStream(TraceEncodingSpecs.Encode(events)));
        var comparison = new TraceComparison(s_options.Metric, reader);

        Assert.ThrowsAny<Exception>(() => SimulatedTraining.Run(new TrainingPlan(s_options, SmallData.Make()), s_world, [comparison]));

        Assert.Equal(new TraceDivergence(at + 1, events[at], original), comparison.Divergence);
        Assert.Equal(at, comparison.Same);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void A_trace_that_was_cut_off_is_held_against_as_far_as_it_goes(int into)
    {
        var events = Read(Trace(s_options, s_world).Bytes);
        var whole = TraceEncodingSpecs.Encode(events.Take(1000)).Length;
        using var reader = new TraceReader(new MemoryStream(TraceEncodingSpecs.Encode(events)[..(whole + into)]));
        var comparison = new TraceComparison(s_options.Metric, reader);

        Assert.ThrowsAny<Exception>(() => SimulatedTraining.Run(new TrainingPlan(s_options, SmallData.Make()), s_world, [comparison]));
        comparison.Close();

        Assert.Equal((1000, true, into == 1), (comparison.Same, comparison.BrokeOff, comparison.Damage is not null));
        Assert.Null(comparison.Divergence);
    }

    [Fact]
    public void A_trace_whose_bytes_are_not_those_of_its_hash_is_refused()
    {
        var bytes = Trace(s_options, s_world).Bytes;
        bytes[^1] ^= 1;
        using var reader = new TraceReader(new MemoryStream(bytes));
        while (reader.TryRead(out _))
        {
        }

        Assert.Throws<TraceException>(() => reader.CheckHash());
    }

    [Fact]
    public void Acknowledgements_and_evaluations_carry_what_the_run_reports()
    {
        using var stream = new MemoryStream();
        using var trace = new TraceWriter(s_options.Metric, stream);
        var run = SimulatedTraining.Run(new TrainingPlan(s_options, SmallData.Make()),
            new WorldOptions { Network = NetworkOptions.Preset("lan") }, [trace]).Training;
        var events = Read(stream.ToArray());

        var metrics = events.Where(traced => traced is { Kind: TraceKind.Delivered, Message: TraceMessage.Evaluated })
            .Select(traced => BitConverter.Int64BitsToDouble(traced.First));
        Assert.Equal(run.Evaluations.Select(report => report.Masked.Mean(s_options.Metric)), metrics);
        var acknowledged = events.Where(traced => traced is { Kind: TraceKind.Sent, Message: TraceMessage.PushAck }).ToArray();
        Assert.Equal(run.Staleness.Mean, (double)acknowledged.Sum(ack => ack.Second) / acknowledged.Sum(ack => ack.First), 1e-9);
        Assert.Equal(run.ParametersSha256, events[^1].Text);
    }

    internal static (byte[] Bytes, string Hash) Trace(TrainingOptions options, WorldOptions world)
    {
        using var stream = new MemoryStream();
        using var trace = new TraceWriter(options.Metric, stream);
        SimulatedTraining.Run(new TrainingPlan(options, SmallData.Make()), world, [trace]);
        return (stream.ToArray(), trace.Sha256!);
    }

    internal static List<TraceEvent> Read(byte[] bytes)
    {
        using var reader = new TraceReader(new MemoryStream(bytes));
        var events = new List<TraceEvent>();
        while (reader.TryRead(out var traced))
        {
            events.Add(traced);
        }

        return events;
    }
}
