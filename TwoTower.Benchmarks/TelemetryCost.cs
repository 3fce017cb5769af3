using System.Diagnostics;
using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using TwoTower.Actors.Hosting;
using TwoTower.Actors.Training;
using TwoTower.Model.Data;
using TwoTower.Node.Engines;
using TwoTower.Node.Runs;
using TwoTower.Node.Settings;
using TwoTower.Node.Telemetry;

namespace TwoTower.Benchmarks;

/// <summary>What it costs a training to tell of itself: nobody listening and everybody listening, in turns in one process, on data of MovieLens-1M's size.</summary>
internal static class TelemetryCost
{
    /// <summary>Trains and prints.</summary>
    /// <param name="args">Turns of each kind; 7 when there is none.</param>
    public static async Task RunAsync(string[] args)
    {
        var turns = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 7;
        var data = DataLoader.Load(new DataOptions { Profile = "ml-1m", Seed = 1 });
        var options = new TrainingOptions { Epochs = 1, Patience = 0, Workers = 2, Shards = 4, BatchSize = 1024, EvaluateEveryEpochs = 100 };
        Console.WriteLine($"{data.Train.Count} train positives, B={options.BatchSize}, {options.Workers} workers, {options.Shards} shards; {Environment.ProcessorCount} cores");
        await using var collector = await CollectorAsync();
        Environment.SetEnvironmentVariable("OTEL_EXPORTER_OTLP_ENDPOINT", collector.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        Environment.SetEnvironmentVariable("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf");
        Environment.SetEnvironmentVariable("OTEL_METRIC_EXPORT_INTERVAL", "1000");
        var (off, on) = (new List<(double Speed, double Processor)>(), new List<(double Speed, double Processor)>());
        for (var turn = -1; turn < turns; turn++)
        {
            // Who goes first changes from turn to turn: a machine that warms up or slows down favours nobody.
            foreach (var tells in turn % 2 == 0 ? new[] { false, true } : [true, false])
            {
                var before = Process.GetCurrentProcess().TotalProcessorTime;
                var speed = tells ? await ToldAsync(options, data) : (await LocalTraining.RunAsync(new TrainingPlan(options, data))).ExamplesPerSecond;
                if (turn >= 0)
                {
                    (tells ? on : off).Add((speed, (Process.GetCurrentProcess().TotalProcessorTime - before).TotalSeconds));
                }
            }
        }

        foreach (var (what, format, value) in new (string, string, Func<(double Speed, double Processor), double>)[] { ("examples/s", "#,0", run => run.Speed), ("processor seconds, collector and looks included", "0.00", run => run.Processor) })
        {
            List<double> silent = [.. off.Select(value)], told = [.. on.Select(value)];
            Console.WriteLine(what);
            Row("  nobody listens", silent, format);
            Row("  events.jsonl, TensorBoard, OTLP and a look at /metrics every second, log", told, format);
            Row("  ratio, turn by turn", [.. told.Zip(silent, (a, b) => a / b)], "0.000");
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  ratio of medians: {Median(told) / Median(silent):0.000}"));
        }
    }

    private static async Task<double> ToldAsync(TrainingOptions options, RecommenderData data)
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
            double speed;
            await using (var events = RunEvents.Begin(folder, new LiveEngine(), new RunConfig(new ResolvedSettings("benchmark"), data.Fingerprint), data, new Baselines([]), 0, null, session.SinksFor(folder), Console.Error.WriteLine))
            {
                speed = (await LocalTraining.RunAsync(new TrainingPlan(options, data), events)).ExamplesPerSecond;
                events.End("finished");
            }

            await over.CancelAsync();
            await looking;
            return speed;
        }
        finally
        {
            Directory.Delete(path, recursive: true);
        }
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
        return application;
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    private static void Row(string name, List<double> values, string format) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}: median {Median(values).ToString(format, CultureInfo.InvariantCulture)} (min {values.Min().ToString(format, CultureInfo.InvariantCulture)}, max {values.Max().ToString(format, CultureInfo.InvariantCulture)}, {values.Count} turns)"));
}
