using System.Globalization;
using System.Text.Json.Nodes;
using TwoTower.Actors.Ids;
using TwoTower.Actors.Simulation.Sizing;
using TwoTower.Node.Display;

namespace TwoTower.Node.Sizing;

/// <summary>What a run with numerics off found, without what differs from one run to the next.</summary>
/// <param name="ExamplesPerSecond">Examples per virtual second.</param>
/// <param name="VirtualSeconds">Virtual seconds of training.</param>
/// <param name="WorkersComputing">Share of the time that workers compute.</param>
/// <param name="Sending">Busiest interface outwards, and the share of the time that it is busy.</param>
/// <param name="Receiving">Busiest interface inwards.</param>
/// <param name="ShardService">Busiest shard's reading and applying of rows.</param>
/// <param name="TrainerMessagesPerSecond">Messages per virtual second that the trainer handles; its time for them is not modelled.</param>
/// <param name="Events">Events of the simulation.</param>
internal sealed record SizedReport(
    double ExamplesPerSecond, double VirtualSeconds, double WorkersComputing, (NodeId? Node, double Share) Sending,
    (NodeId? Node, double Share) Receiving,
    (NodeId? Node, double Share) ShardService, double TrainerMessagesPerSecond, long Events)
{
    /// <summary>From this share of the time on a resource counts as saturated.</summary>
    public const double Saturated = 0.8;

    /// <summary>The report of a run that has ended.</summary>
    public static SizedReport Of(Saturation saturation, long events) => new(
        saturation.ExamplesPerSecond, saturation.Seconds, saturation.WorkerCompute, saturation.Sending, saturation.Receiving,
        saturation.ShardService,
        saturation.TrainerMessagesPerSecond, events);

    /// <summary>What limits the throughput: whatever is busiest, if it is busy enough, or nothing but waiting.</summary>
    public string Limit
    {
        get
        {
            (string What, double Share)[] resources =
            [
                ("the workers' computing", WorkersComputing), ($"the interface of {Sending.Node}, sending", Sending.Share),
                ($"the interface of {Receiving.Node}, receiving", Receiving.Share),
                ($"the rows of {ShardService.Node}", ShardService.Share),
            ];
            var (what, share) = resources.MaxBy(resource => resource.Share);
            return share >= Saturated
                ? string.Create(CultureInfo.InvariantCulture, $"{what} ({share:0.0%} of the time)")
                : string.Create(CultureInfo.InvariantCulture,
                    $"nothing: workers wait for answers and for each other (most is {what}, {share:0.0%})");
        }
    }

    /// <summary>Prints it, at 80 columns.</summary>
    /// <param name="to">Where to.</param>
    /// <param name="wallSeconds">Seconds that the simulation took.</param>
    public void Write(TextWriter to, double wallSeconds)
    {
        void Line(FormattableString text) => to.WriteLine(Paragraph.Wrap(text.ToString(CultureInfo.InvariantCulture), 2));
        Line($"Throughput {ExamplesPerSecond:#,0} examples per virtual s");
        Line($"  workers compute {WorkersComputing:0.0%} of the time");
        Line($"  busiest interface: out {Name(Sending)}, in {Name(Receiving)}");
        if (ShardService.Node is not null)
        {
            Line($"  busiest shard, reading and applying rows: {Name(ShardService)}");
        }

        Line($"  trainer: {TrainerMessagesPerSecond:#,0} messages per virtual s (its own time is not modelled)");
        Line($"What saturates: {Limit}");
        Line($"World: {VirtualSeconds:0.000} virtual s in {wallSeconds:0.0} s; {Events:#,0} events");
        Line($"No run folder: nothing was trained.");
    }

    /// <summary>The same for programs.</summary>
    /// <param name="wallSeconds">Seconds that the simulation took.</param>
    public JsonObject ToJson(double wallSeconds) => new()
    {
        ["examplesPerSecond"] = ExamplesPerSecond,
        ["virtualSeconds"] = VirtualSeconds,
        ["workersComputing"] = WorkersComputing,
        ["busiestInterface"] = new JsonObject { ["out"] = Shape(Sending), ["in"] = Shape(Receiving) },
        ["busiestShard"] = Shape(ShardService),
        ["trainerMessagesPerSecond"] = TrainerMessagesPerSecond,
        ["saturates"] = Limit,
        ["events"] = Events,
        ["wallSeconds"] = wallSeconds,
    };

    private static string Name((NodeId? Node, double Share) busiest) =>
        busiest.Node is { } node ? string.Create(CultureInfo.InvariantCulture, $"{node} {busiest.Share:0.0%}") : "none (no limit)";

    private static JsonObject? Shape((NodeId? Node, double Share) busiest) =>
        busiest.Node is { } node ? new JsonObject { ["node"] = node.ToString(), ["share"] = busiest.Share } : null;
}
