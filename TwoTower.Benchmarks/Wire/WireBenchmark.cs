using System.Diagnostics;
using System.Globalization;
using Akka.Actor;
using Akka.Configuration;
using TwoTower.Actors.Hosting.Endpoints;
using TwoTower.Actors.Ids;
using TwoTower.Actors.Protocol;

namespace TwoTower.Benchmarks.Wire;

/// <summary>Row blocks from one process to another over loopback, endpoint to endpoint, with small messages beside them: MB of rows per
/// second, and round trips of the small ones.</summary>
internal static class WireBenchmark
{
    private const int Width = 128;
    private const int Rows = 8000;

    public static async Task RunAsync(string[] args)
    {
        if (args is ["receive", ..])
        {
            await ReceiveAsync(args[1..]);
            return;
        }

        if (args is ["long", ..])
        {
            await LongMessageBenchmark.RunAsync(Number(args, "--gib", 1.3));
            return;
        }

        var seconds = Number(args, "--seconds", 10);
        using var receiver = Start(args);
        try
        {
            var port = (await receiver.StandardOutput.ReadLineAsync())!;
            var system = StartSystem("sender", args);
            var target = ((ExtendedActorSystem)system).Provider.ResolveActorRef($"akka.tcp://receiver@127.0.0.1:{port}/user/there");
            foreach (var (blocks, pings) in new[] { (0, true), (2, false), (2, true) })
            {
                var done = new TaskCompletionSource<string>();
                system.ActorOf(EndpointActor.Props(
                    Options(args), endpoint => Props.Create(() => new Sender(endpoint.Link(target), blocks, pings, seconds, done))
                        .WithDispatcher(WireHosting.Dispatcher), "sender"));
                Console.WriteLine(await done.Task);
            }

            var cpu = Process.GetCurrentProcess().TotalProcessorTime.TotalSeconds;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"CPU seconds: sender {cpu:0.0}, receiver {receiver.TotalProcessorTime.TotalSeconds:0.0}; window {Options(args).Window} pieces; {Environment.ProcessorCount} cores"));
            await system.Terminate();
        }
        finally
        {
            receiver.Kill();
        }
    }

    private static Process Start(string[] args) => Process.Start(new ProcessStartInfo(
        Environment.ProcessPath!,
        [.. Environment.ProcessPath!.EndsWith("dotnet", StringComparison.Ordinal) ? [typeof(WireBenchmark).Assembly.Location]
        : Array.Empty<string>(), "wire", "receive", .. args])
    {
        RedirectStandardOutput = true,
        RedirectStandardInput = true,
    })!;

    private static async Task ReceiveAsync(string[] args)
    {
        var system = StartSystem("receiver", args);
        system.ActorOf(EndpointActor.Props(Options(args), _ => Props.Create(() => new Receiver()).WithDispatcher(WireHosting.Dispatcher),
            "receiver"), "there");
        Console.WriteLine(((ExtendedActorSystem)system).Provider.DefaultAddress.Port);
        await Console.In.ReadToEndAsync(); // the end of the parent is the end of this
    }

    internal static ActorSystem StartSystem(string name, string[] args) =>
        ActorSystem.Create(name, ConfigurationFactory.ParseString(Text(args, "--hocon", string.Empty)).WithFallback(
            ConfigurationFactory.ParseString(
                "akka { actor.provider = remote, loglevel = WARNING, remote.dot-netty.tcp { hostname = 127.0.0.1, port = 0 } }"))
            .WithFallback(ConfigurationFactory.ParseString(File.ReadAllText(Settings()))).WithFallback(WireHosting.Configuration));

    private static string Settings()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var file = Path.Combine(folder.FullName, "cluster.hocon");
            if (File.Exists(file))
            {
                return file;
            }
        }

        throw new FileNotFoundException("cluster.hocon stands at the root of the repository, and this program is not below it.");
    }

    private static EndpointOptions Options(string[] args) => new EndpointOptions() is var options
        ? options with { Window = (int)Number(args, "--window", options.Window) } : options;

    private static double Number(string[] args, string name, double otherwise) =>
        double.Parse(Text(args, name, otherwise.ToString(CultureInfo.InvariantCulture)), CultureInfo.InvariantCulture);

    private static string Text(string[] args, string name, string otherwise) => Array.IndexOf(args, name) is >= 0 and var at
        ? args[at + 1] : otherwise;

    private static ParameterProtocol.Rows Block(long ticket)
    {
        var keys = RowKeys.Rent(Rows);
        var block = RowBlock.Rent(keys, Width);
        keys.Array.AsSpan(0, Rows).Clear();
        block.Versions.AsSpan(0, Rows).Clear();
        block.Values.AsSpan(0, Rows * Width).Fill(0.5f);
        return new ParameterProtocol.Rows(new ShardId(0), new WorkerId(0), ticket, 0, block, RowBlock.Rent(RowKeys.Rent(0), Width));
    }

    private sealed class Receiver : ReceiveActor
    {
        public Receiver()
        {
            Receive<ParameterProtocol.Rows>(rows =>
            {
                Sender.Tell(new SnapshotProtocol.Taken(rows.Users.Bytes));
                rows.Return();
            });
            Receive<ParameterProtocol.Fence>(fence => Sender.Tell(fence));
        }
    }

    private sealed class Sender : ReceiveActor
    {
        private readonly List<double> _roundTrips = [];
        private readonly IActorRef _self = Context.Self;
        private Timer? _timer;
        private long _bytes, _tickets;

        public Sender(IActorRef target, int blocks, bool pings, double seconds, TaskCompletionSource<string> done)
        {
            // The first two seconds are for the compiler.
            var (start, warm) = (Stopwatch.GetTimestamp(), 2.0);
            Receive<SnapshotProtocol.Taken>(taken =>
            {
                _bytes += Stopwatch.GetElapsedTime(start).TotalSeconds > warm ? taken.Step : 0;
                target.Tell(Block(_tickets++));
            });
            Receive<ParameterProtocol.Fence>(fence =>
            {
                if (Stopwatch.GetElapsedTime(start).TotalSeconds > warm)
                {
                    _roundTrips.Add(Stopwatch.GetElapsedTime(fence.Birth).TotalMilliseconds);
                }
            });
            Receive<string>(_ =>
            {
                if (pings)
                {
                    target.Tell(new ParameterProtocol.Fence(new ShardId(0), new WorkerId(0), Stopwatch.GetTimestamp()));
                }

                if (Stopwatch.GetElapsedTime(start).TotalSeconds >= warm + seconds)
                {
                    _roundTrips.Sort();
                    var parts = new List<string>();
                    if (blocks > 0)
                    {
                        parts.Add(string.Create(CultureInfo.InvariantCulture, $"{_bytes / 1e6 / seconds:0} MB/s of rows"));
                    }

                    if (pings)
                    {
                        parts.Add(string.Create(CultureInfo.InvariantCulture,
                            $"{_roundTrips.Count} pings, p50 {At(0.5):0.0} ms, p99 {At(0.99):0.0} ms, longest {_roundTrips[^1]:0.0} ms"));
                    }

                    done.TrySetResult(string.Join("; ", parts));
                    Context.Stop(Self);
                }
            });
            for (var n = 0; n < blocks; n++)
            {
                target.Tell(Block(_tickets++));
            }
        }

        /// <summary>A timer of its own: Akka's scheduler ticks every 10 ms.</summary>
        protected override void PreStart() => _timer = new Timer(_ => _self.Tell("tick"), null, 5, 5);

        protected override void PostStop() => _timer?.Dispose();

        private double At(double quantile) => _roundTrips[Math.Min(_roundTrips.Count - 1, (int)(quantile * _roundTrips.Count))];
    }
}
