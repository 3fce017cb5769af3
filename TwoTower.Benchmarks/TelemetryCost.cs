using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using TwoTower.Actors.Hosting;
using TwoTower.Actors.Options;
using TwoTower.Actors.Protocol.Reports;
using TwoTower.Actors.Training;
using TwoTower.Model;
using TwoTower.Model.Data;
using TwoTower.Model.Data.Loading;
using TwoTower.Model.Evaluation;
using TwoTower.Node.Engines;
using TwoTower.Node.Runs;
using TwoTower.Node.Settings;
using TwoTower.Node.Telemetry;

namespace TwoTower.Benchmarks;

/// <summary>What it costs a training to tell of itself: nobody listening and everybody listening, in turns in one process,
/// on data of MovieLens-1M's size.</summary>
internal static class TelemetryCost
{
    /// <summary>Trains and prints.</summary>
    /// <param name="args">Turns of each kind (7 when there is none) and epochs of each turn (3), or
    /// <c>parts</c> for the listeners alone.</param>
    public static async Task RunAsync(string[] args)
    {
        if (args is ["parts"])
        {
            await using var alone = await CollectorAsync();
            await PartsAsync();
            return;
        }

        var turns = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 7;
        var data = DataLoader.Load(new DataOptions { Profile = "ml-1m", Seed = 1 });
        var epochs = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 3;
        var options = new TrainingOptions
        {
            Epochs = epochs,
            Patience = 0,
            Workers = 2,
            Shards = 4,
            BatchSize = 1024,
            EvaluateEveryEpochs = 100
        };
        Console.WriteLine(
            $"{data.Train.Count} train positives, "
            + $"B={options.BatchSize}, {options.Workers} workers, {options.Shards} shards; {Environment.ProcessorCount} cores");
        await using var collector = await CollectorAsync();
        var (off, on) = (new List<(double Speed, double Processor)>(), new List<(double Speed, double Processor)>());
        for (var turn = -1; turn < turns; turn++)
        {
            // Who goes first changes from turn to turn: a machine that warms up or slows down favours nobody.
            foreach (var tells in turn % 2 == 0 ? new[] { false, true } : [true, false])
            {
                var measured = tells ? await ToldAsync(options, data) : await MeasuredAsync(options, data, null);
                if (turn >= 0)
                {
                    (tells ? on : off).Add(measured);
                }
            }
        }

        foreach (var (what, format, value) in new (string, string, Func<(double Speed, double Processor), double>)[] {
            ("examples/s", "#,0", run => run.Speed), ("processor seconds, collector and looks included", "0.00", run => run.Processor) })
        {
            List<double> silent = [.. off.Select(value)], told = [.. on.Select(value)];
            Console.WriteLine(what);
            Row("  nobody listens", silent, format);
            Row("  events.jsonl, TensorBoard, OTLP and a look at /metrics every second, log", told, format);
            var ratios = told.Zip(silent, (a, b) => a / b).ToList();
            Row("  ratio, turn by turn", ratios, "0.000");
            var (mean, median) = (Bootstrap.Mean([.. ratios.Select(ratio => Math.Log(ratio))]), MedianOf(ratios));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"  their median {median.Value:0.000} [{median.Low:0.000}, {median.High:0.000}], geometric mean {Math.Exp(mean.Value):0.000} [{Math.Exp(mean.Low):0.000}, {Math.Exp(mean.High):0.000}], ratio of medians {Median(told) / Median(silent):0.000}"));
        }

        await PartsAsync();
    }

    /// <summary>Trains; the processor seconds are those of the whole process meanwhile.</summary>
    private static async Task<(double Speed, double Processor)> MeasuredAsync(TrainingOptions options, RecommenderData data,
        IProgress<TrainingEvent>? progress)
    {
        var before = Environment.CpuUsage.TotalTime;
        var outcome = await LocalTraining.RunAsync(new TrainingPlan(options, data), progress);
        return (outcome.ExamplesPerSecond, (Environment.CpuUsage.TotalTime - before).TotalSeconds);
    }

    private static async Task<(double Speed, double Processor)> ToldAsync(TrainingOptions options, RecommenderData data)
    {
        var path = Directory.CreateTempSubdirectory("twotower-telemetry-").FullName;
        try
        {
            using var folder = RunFolder.Create(Path.Combine(path, "run"), "benchmark");
            folder.Begin();
            var all = new TelemetryOptions { TensorBoard = true, Otlp = true, MetricsPort = 0, LogJson = Path.Combine(path, "log.json") };
            var said = new StringWriter();
            await using var session = await TelemetrySession.StartAsync(all, folder.Path, said);
            using var over = new CancellationTokenSource();
            var looking = LookAsync(new Uri(said.ToString().Split(' ')[1].Trim()), over.Token);
            (double Speed, double Processor) measured;
            await using (var events = RunEvents.Begin(folder, new LiveEngine(),
                new RunConfig(new ResolvedSettings("benchmark"), data.Fingerprint), data, new Baselines([]), 0, null,
                session.SinksFor(folder), Console.Error.WriteLine))
            {
                measured = await MeasuredAsync(options, data, events);
                events.End("finished");
            }

            await over.CancelAsync();
            await looking;
            return measured;
        }
        finally
        {
            Directory.Delete(path, recursive: true);
        }
    }

    /// <summary>What each listener takes of a processor for a second of training: five events of progress and one of staleness, an export
    /// and a look. On a busy machine this tells more than the throughput, whose turns differ by more than the whole of it.</summary>
    private static async Task PartsAsync()
    {
        var path = Directory.CreateTempSubdirectory("twotower-telemetry-").FullName;
        try
        {
            RunEvent progress = new RunEvent.Progress
            {
                Wall = 12.345,
                Batches = 1234,
                Examples = 1263616,
                Loss = 6.54321,
                ExamplesPerSecond = 123456.7,
                MeanStaleness = 0.3456789,
                Time = new[] { "pull", "gather", "gemm", "softmax", "gradient", "push", "apply", "wait" }.ToDictionary(part => part,
                    part => part.Length * 1.2345),
                Workers = [new(0, 617, 616, "computing"), new(1, 618, 618, "waiting")],
                Shards = [.. Enumerable.Range(0, 4).Select(shard => new RunEvent.Shard(shard, 1240, 1234, 123456789))],
            };
            RunEvent staleness = new RunEvent.Staleness
            {
                Wall = 12.345,
                Batches = 1234,
                Histograms = new[] { "user", "item" }.SelectMany(table => PopularityBuckets.Names.Select(bucket => $"{table}/{bucket}"))
                    .ToDictionary(bucket => bucket, _ => Enumerable.Range(0, 12).Select(tau => 100_000L >> tau).ToArray()),
            };
            Console.WriteLine("milliseconds of a processor for a second of training");
            using var log = RunLog.Open(Path.Combine(path, "log.json"));
            using var metrics = new RunMetrics();
            foreach (var sink in new IRunEventSink[] { RunEventFile.Append(Path.Combine(path, RunEventFile.Name)),
                TensorBoardLog.Create(path), metrics, new RunLog(log, path) })
            {
                Part(sink.ToString()!, await ProcessorAsync(() =>
                {
                    for (var n = 0; n < 5; n++)
                    {
                        sink.Write(progress);
                    }

                    sink.Write(staleness);
                    return Task.CompletedTask;
                }));
                if (sink != metrics)
                {
                    sink.Dispose();
                }
            }

            using var provider = Sdk.CreateMeterProviderBuilder().AddMeter(RunMetrics.Name).AddOtlpExporter().Build();
            Part("an export by OTLP, collector included", await ProcessorAsync(() => Task.FromResult(provider.ForceFlush())));
            var (server, url) = await MetricsEndpoint.ServeAsync(0);
            await using var serving = server;
            using var client = new HttpClient();
            Part("a look at /metrics, looker included", await ProcessorAsync(() => client.GetStringAsync(url)));
        }
        finally
        {
            Directory.Delete(path, recursive: true);
        }

        static void Part(string what, double milliseconds) =>
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {what,-40} {milliseconds:0.000}"));
    }

    private static async Task<double> ProcessorAsync(Func<Task> act)
    {
        const int Times = 300;
        for (var n = 0; n < Times; n++)
        {
            await act(); // compiled by then
        }

        var before = Environment.CpuUsage.TotalTime;
        for (var n = 0; n < Times; n++)
        {
            await act();
        }

        return (Environment.CpuUsage.TotalTime - before).TotalMilliseconds / Times;
    }

    private static async Task LookAsync(Uri metrics, CancellationToken stop)
    {
        using var client = new HttpClient();
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
        try
        {
            while (await timer.WaitForNextTickAsync(stop))
            {
                await client.GetStringAsync(metrics, stop);
            }
        }
        catch (OperationCanceledException)
        {
            // The run is over.
        }
    }

    private static async Task<WebApplication> CollectorAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var application = builder.Build();
        application.Run(context =>
        {
            context.Response.ContentType = "application/x-protobuf";
            return context.Request.Body.CopyToAsync(Stream.Null);
        });
        await application.StartAsync();
        Environment.SetEnvironmentVariable("OTEL_EXPORTER_OTLP_ENDPOINT", application.Services.GetRequiredService<IServer>()
            .Features.Get<IServerAddressesFeature>()!.Addresses.First());
        Environment.SetEnvironmentVariable("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf");
        Environment.SetEnvironmentVariable("OTEL_METRIC_EXPORT_INTERVAL", "1000");
        return application;
    }

    /// <summary>With its 95 % bootstrap interval over turns: unlike a mean it minds no turn in which the machine was taken away.</summary>
    private static Interval MedianOf(List<double> values)
    {
        var random = new SeededRandom(1);
        var medians = Enumerable.Range(0, Bootstrap.Draws)
            .Select(_ => Median([.. values.Select(_ => values[random.NextInt(values.Count)])])).Order().ToArray();
        return new Interval(Median(values), medians[(int)(0.025 * medians.Length)], medians[(int)(0.975 * medians.Length)]);
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    private static void Row(string name, List<double> values, string format) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{name}: median {Median(values).ToString(format, CultureInfo.InvariantCulture)} (min {values.Min().ToString(format, CultureInfo.InvariantCulture)}, max {values.Max().ToString(format, CultureInfo.InvariantCulture)}, {values.Count} turns)"));
}
