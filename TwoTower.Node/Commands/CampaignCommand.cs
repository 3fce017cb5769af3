using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Simulation.Campaigns;
using TwoTower.Model.Data.Loading;
using TwoTower.Node.Campaigns;
using TwoTower.Node.Display;
using TwoTower.Node.Runs;
using TwoTower.Node.Settings;
using TwoTower.Node.Shell;

namespace TwoTower.Node.Commands;

/// <summary><c>twotower campaign</c>.</summary>
internal static class CampaignCommand
{
    private const string Stopping = "Finishing the plans that have begun; once more quits.";

    public static Command Create()
    {
        var plans = new Option<string>("--plans") { Description = "Simulated worlds to run", DefaultValueFactory = _ => "1000" };
        var from = new Option<string>("--from") { Description = "Seed of the first; the others follow it", DefaultValueFactory = _ => "1" };
        var minutes = new Option<string>("--minutes") { Description = "Minutes after which no plan is begun any more (default: none)" };
        var threads = new Option<string>("--threads") { Description = "Plans at once (default: one per core)" };
        var topology =
            new Option<string>("--topology")
            {
                Description =
            "actors: every actor has a node of its own; cluster: servers that share the shards, with copies, hand-off and majorities; "
            + "both: each seed draws one",
                DefaultValueFactory = _ => "both"
            };
        var json = new Option<bool>("--json")
        {
            Description =
            "Print what was found alone on standard output as JSON when it is over; progress goes to standard error"
        };
        var command = new Command("campaign", $"""
            Run thousands of tiny simulated worlds in which everything goes wrong, and say whether what is promised was kept.

            Every seed draws a world: which kinds of fault there are, how training is set up, what goes wrong and when. All invariants are checked, training has to end when the faults do, and from {Coverage.DemandedFrom:#,0} plans on
            every state that the protocols name has to have been reached. A plan that fails is made as small as possible; the command that runs it again is printed, and a test.

            The same seeds give the same lines.

            Exit code 0: nothing was found. 1: something was, a state was never reached, or --minutes ended it before every state was that has to be, or before a single plan was carried out. {ExitCode.Interrupted}: interrupted, whatever was found.

            With --json "clean" is true where nothing was found, false where something was, and null where a stop ("stopped", with "plansAsked" and "plans") came before that can be said.

            Examples:
              twotower campaign
              twotower campaign --plans 10000 --from 5001
              twotower campaign --topology cluster --plans 200
              twotower campaign --plans 1000000 --minutes 60 --json
            """) { plans, from, topology, minutes, threads, json };
        command.SetAction((parsed, _) =>
        {
            var count = Setting.Count("--plans", parsed.GetValue(plans)!, 1, 1_000_000_000);
            var first = Setting.Count("--from", parsed.GetValue(from)!, 0, 1_000_000_000);
            var atOnce = parsed.GetValue(threads) is { } wished ? Setting.Count("--threads", wished, 1, 1024) : Environment.ProcessorCount;
            var limit = parsed.GetValue(minutes) is { } text ? Minutes(text) : (TimeSpan?)null;
            var worlds = Enum.GetValues<CampaignWorlds>()
                .Where(known => CampaignReport.NameOf(known) == parsed.GetValue(topology)!.ToLowerInvariant()).Cast<CampaignWorlds?>()
                .FirstOrDefault()
                ?? throw Setting.Refused("--topology", parsed.GetValue(topology)!, "both, actors or cluster");
            if (parsed.GetValue(json))
            {
                ResultOutput.BeginJson();
            }

            return Task.FromResult(Run(first, count, worlds, atOnce, limit));
        });
        return command;
    }

    private static int Run(int from, int plans, CampaignWorlds worlds, int threads, TimeSpan? limit)
    {
        using var signals = StopSignals.Listen();
        signals.TrainingBegins(Console.Error.WriteLine, Stopping);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(signals.Stop);
        if (limit is { } time)
        {
            stop.CancelAfter(time);
        }

        var data = DataLoader.Load(CampaignPlan.Data);
        var report = new CampaignReport(from, plans, worlds, Console.Out);
        var start = Stopwatch.GetTimestamp();
        using var progress = new CampaignProgress(plans, start);
        var done = new Campaign(data, threads) { Worlds = worlds }.Run(from, plans, result =>
        {
            progress.Clear();
            report.Add(result);
            progress.Show(report.Plans, report.Violations);
        }, stop.Token);
        progress.Clear();
        report.Stopped = done == plans ? null : signals.Stop.IsCancellationRequested ? CampaignReport.InterruptedStop
            : CampaignReport.MinutesStop;
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        foreach (var failure in report.ToShrink.ToArray())
        {
            if (!signals.Stop.IsCancellationRequested)
            {
                report.Add(failure, new Shrinker(plan => signals.Stop.IsCancellationRequested ? NotTried(plan) : PlanRun.Of(plan, data))
                    .Shrink(failure));
            }
        }

        report.End();
        ResultOutput.Write(report.ToJson());
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{Counted.Of(done, "plan")} in {seconds:0.0} s on {Counted.Of(threads, "thread")}, {done / Math.Max(1e-9, seconds):0} a second"));
        return signals.Stop.IsCancellationRequested ? ExitCode.Interrupted : report.IsClean == true ? ExitCode.Success : ExitCode.Failure;
    }

    private static PlanResult NotTried(CampaignPlan plan) => new(plan, null, null, new HashSet<ProtocolState>(), null);

    private static TimeSpan Minutes(string text) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var minutes)
        && minutes is > 0 and <= 100_000
        ? TimeSpan.FromMinutes(minutes)
        : throw Setting.Refused("--minutes", text, "a number above 0");
}
