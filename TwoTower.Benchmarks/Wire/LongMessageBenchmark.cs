using System.Diagnostics;
using System.Globalization;
using Akka.Actor;
using TwoTower.Actors.Hosting.Endpoints;
using TwoTower.Actors.Ids;
using TwoTower.Actors.Protocol;

namespace TwoTower.Benchmarks.Wire;

/// <summary>One message of more than an array of bytes can hold, from one actor system to another of this process over loopback, compared
/// bit by bit where it arrives.</summary>
internal static class LongMessageBenchmark
{
    public static async Task RunAsync(double gibibytes)
    {
        var rows = GC.AllocateUninitializedArray<float>((int)(gibibytes * (1L << 30) / sizeof(float)));
        for (var n = 0; n < rows.Length; n++)
        {
            rows[n] = BitConverter.Int32BitsToSingle(n);
        }

        var arrived = new TaskCompletionSource<bool>();
        var (sender, receiver) = (WireBenchmark.StartSystem("sender", []), WireBenchmark.StartSystem("receiver", []));
        var there = receiver.ActorOf(EndpointActor.Props(new EndpointOptions(), _ => Props.Create(() => new Receiver(rows, arrived))
            .WithDispatcher(WireHosting.Dispatcher), "inner"), "there");
        var target = ((ExtendedActorSystem)sender)
            .Provider.ResolveActorRef(there.Path.ToSerializationFormatWithAddress(((ExtendedActorSystem)receiver).Provider.DefaultAddress));
        sender.EventStream.Subscribe(sender.ActorOf(Props.Create(() => new Listener(arrived))), typeof(Undeliverable));
        var before = Process.GetCurrentProcess().WorkingSet64;
        var start = Stopwatch.GetTimestamp();

        sender.ActorOf(EndpointActor.Props(new EndpointOptions(), endpoint => Props.Create(() => new Sender(endpoint.Link(target), rows))
            .WithDispatcher(WireHosting.Dispatcher), "inner"));
        var same = await arrived.Task;

        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        using var process = Process.GetCurrentProcess();
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{rows.Length * (double)sizeof(float) / (1L << 30):0.00} GiB {(same ? "arrived bit for bit" : "did not arrive as they were")} after {seconds:0.0} s, {rows.Length * (double)sizeof(float) / 1e6 / seconds:0} MB/s; memory {before / (double)(1L << 30):0.0} GiB before, {process.PeakWorkingSet64 / (double)(1L << 30):0.0} GiB at most"));
        await Task.WhenAll(sender.Terminate(), receiver.Terminate());
    }

    private sealed class Sender : ReceiveActor
    {
        public Sender(IActorRef target, float[] rows) => target.Tell(new SnapshotProtocol.Part(new ShardId(0), 1, 1, false, rows, []));
    }

    private sealed class Receiver : ReceiveActor
    {
        public Receiver(float[] rows, TaskCompletionSource<bool> arrived) => Receive<SnapshotProtocol.Part>(
            part => arrived.TrySetResult(System.Runtime.InteropServices.MemoryMarshal.Cast<float, int>(rows)
                .SequenceEqual(System.Runtime.InteropServices.MemoryMarshal.Cast<float, int>(part.Users))));
    }

    private sealed class Listener : ReceiveActor
    {
        public Listener(TaskCompletionSource<bool> arrived) =>
            Receive<Undeliverable>(undeliverable => arrived.TrySetException(new InvalidOperationException(undeliverable.Reason)));
    }
}
