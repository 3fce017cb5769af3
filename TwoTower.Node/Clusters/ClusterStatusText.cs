using System.Globalization;
using TwoTower.Actors.Protocol.Reports;
using TwoTower.Node.Display;

namespace TwoTower.Node.Clusters;

/// <summary>A cluster's status for a terminal.</summary>
internal static class ClusterStatusText
{
    private const string Indent = "  ";
    private const int MostLacking = 16;

    /// <summary>What takes longer than so many retries is no delay that mends itself by one.</summary>
    private const int RetriesWithoutBatch = 3;

    /// <summary>The lines, none longer than <see cref="Paragraph.Width"/> unless a single name is.</summary>
    public static IEnumerable<string> Lines(ClusterStatus status)
    {
        var up = status.Members.Count(member => member is { Status: "Up", Reachable: true });
        var widest = status.Members.Select(member => member.Address.Length).Append(16).Max();
        string[] lines =
        [
            $"Cluster as {status.Node} sees it: {Counted(status.Members.Count, "member")}, {up} up",
            .. Table([widest, 32], ["address", "roles", "state"], status.Members.Select(member =>
                new[] { member.Address, string.Join(", ", member.Roles),
                    member.Reachable ? member.Status : $"{member.Status}, unreachable" })),
            string.Empty,
            .. Shards(status, widest),
            .. Copies(status.Copies),
            .. status.Majority ? Array.Empty<string>()
                : ["No majority of the cluster is in sight from here: shards on this node take no pushes."],
            string.Empty,
            .. status.Training is { } training ? Training(training, status.Copies.Any(shard => shard is { Lacks: true, Waits: true }))
                : ["Training: the trainer does not answer."],
        ];
        return lines.SelectMany(line => Paragraph.Wrap(line, line.Length - line.TrimStart().Length + Indent.Length)
            .Split(Environment.NewLine));
    }

    private static IEnumerable<string> Shards(ClusterStatus status, int widest)
    {
        var shards = status.Shards;
        if (shards.Count == 0)
        {
            return [status.Copies.Count > 0 ? "Shards: where they are is not known at the moment." : "Shards: none is placed yet."];
        }

        var nodes = shards.GroupBy(shard => shard.Address, StringComparer.Ordinal)
            .OrderBy(node => node.Key, StringComparer.Ordinal).ToArray();
        return
        [
            $"Shards: {shards.Count} on {Counted(nodes.Length, "node")}",
            .. nodes.Select(node => $"{Indent}{node.Key.PadRight(widest)}  {string.Join(", ", node.Select(shard => shard.Shard).Order())}"),
        ];
    }

    private static IEnumerable<string> Copies(IReadOnlyList<ShardCopies> copies)
    {
        var lacking = copies.Where(shard => shard.Lacks).ToArray();
        if (lacking.Length == 0)
        {
            return copies.Count == 0
                ? [] : [$"Copies on other servers: {string.Join(", ", copies.Select(shard => shard.Wanted).Distinct().Order())} of each "
                + $"shard, as wanted"];
        }

        return
        [
            $"Copies on other servers: {lacking.Length} of {Counted(copies.Count, "shard")} lack{(lacking.Length == 1 ? "s" : string.Empty)} some",
            .. Table([7, 8, 11, 32], ["shard", "copies", "lacking", "because"], lacking.Take(MostLacking).Select(shard => new[]
            {
                Invariant($"{shard.Shard}"), Invariant($"{shard.There} of {shard.Wanted}"), Invariant($"{shard.LackingSeconds ?? 0:0.0} s"),
                Because(shard),
            })),
            .. lacking.Length > MostLacking ? [$"{Indent}and {lacking.Length - MostLacking} more"] : Array.Empty<string>(),
            .. lacking.Any(shard => shard.Waits) ? ["No push to these shards is acknowledged meanwhile (train.whenCopiesLack=wait)."]
                : Array.Empty<string>(),
            .. lacking.Any(shard => !shard.Waits && shard.Others < shard.Wanted)
                ? ["Pushes are acknowledged meanwhile: what is acknowledged now is lost if these shards' servers die "
                + "(train.whenCopiesLack=go-on)."] : Array.Empty<string>(),
        ];
    }

    private static string Because(ShardCopies shard) =>
        shard.Others == 0 ? "no other server is there"
        : shard.Others < shard.Wanted ? $"only {Counted(shard.Others, "other server")} there"
        : shard.ToSend > 0 ? Invariant($"on the way, {100.0 * shard.Sent / shard.ToSend:0} % of {shard.ToSend / 1e6:0.0} MB")
        : "on the way";

    private static IEnumerable<string> Training(TrainingStatus training, bool waits)
    {
        var share = training.TotalBatches == 0 ? 0 : 100.0 * training.Batches / training.TotalBatches;
        return
        [
            training.Phase switch
            {
                TrainingPhase.Waiting => $"Training waits for workers: {training.Workers.Count} of {training.WorkersNeeded} have joined",
                TrainingPhase.Ended => "Training has ended",
                _ when waits => "Training waits for copies of shards",
                _ when training.SecondsSinceBatch > RetriesWithoutBatch * training.RetrySeconds =>
                    Invariant($"Training waits: no batch has been completed for {training.SecondsSinceBatch:0} s"),
                TrainingPhase.Boundary => "Training pauses at a boundary",
                _ => "Training goes on",
            },
            Invariant($"{Indent}batch {training.Batches:#,0} of {training.TotalBatches:#,0} ({share:0.0} %), ")
                + Invariant($"epoch {training.Epoch} of {training.Epochs}"),
            Invariant($"{Indent}{training.ExamplesPerSecond:#,0} examples/s{(training.Loss is { } loss ? Invariant($", loss {loss:0.0000}") : string.Empty)}"),
            .. Table([8, 10, 10, 10, 32], ["worker", "clock", "applied", "silent", "leases"], training.Workers.Select(worker => new[]
            {
                Invariant($"{worker.Worker}"), Invariant($"{worker.Clock:#,0}"), Invariant($"{worker.Frontier:#,0}"),
                Invariant($"{worker.SecondsSilent:0.0} s"),
                worker.Fenced ? "being fenced off" : string.Join(", ", worker.Leases),
            })),
        ];
    }

    private static IEnumerable<string> Table(int[] widths, string[] head, IEnumerable<string[]> rows) =>
        rows.Prepend(head)
            .Select(row => (Indent + string.Join("  ", row.Select((cell, n) => n < widths.Length ? cell.PadRight(widths[n]) : cell)))
            .TrimEnd());

    private static string Counted(int count, string what) => Invariant($"{count} {what}{(count == 1 ? string.Empty : "s")}");

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
