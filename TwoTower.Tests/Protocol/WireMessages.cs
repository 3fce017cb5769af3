using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Text;
using CsCheck;
using TwoTower.Actors.Ids;
using TwoTower.Actors.Options;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Protocol.Reports;
using TwoTower.Model.Evaluation;
using TwoTower.Model.Losses;

namespace TwoTower.Tests.Protocol;

/// <summary>Random messages of every kind, and what is in them as text.</summary>
internal static class WireMessages
{
    private static readonly Gen<WorkerId> s_worker = Gen.Int.Select(value => new WorkerId(value));
    private static readonly Gen<ShardId> s_shard = Gen.Int.Select(value => new ShardId(value));
    private static readonly Gen<float[]> s_floats = Gen.Float.Array[0, 40];
    private static readonly Gen<Lease> s_lease = Gen.Select(Gen.Long, Gen.Int, Gen.Int, Gen.Int, Gen.Long, Gen.Long, Gen.Int, Gen.Int,
        (batch, epoch, first, count, clock, step, rank, round) =>
            new Lease(new BatchId(batch), epoch, first, count, clock, step, rank, round));

    private static readonly Gen<RowKeys> s_keys = Gen.Int.Array[0, 30].Select(rows =>
    {
        var keys = RowKeys.Rent(rows.Length);
        rows.CopyTo(keys.Array, 0);
        return keys;
    });

    private static readonly Gen<RowBlock> s_block = Gen.Select(s_keys, Gen.Int[1, 9]).SelectMany((keys, width) =>
        Gen.Select(Gen.Int.Array[keys.Count], Gen.Float.Array[keys.Count * width]).Select((versions, values) =>
        {
            var block = RowBlock.Rent(keys, width);
            versions.CopyTo(block.Versions, 0);
            values.CopyTo(block.Values, 0);
            return block;
        })).SelectMany(block => Gen.Enum<RowPrecision>().Select(precision => block.Copy().Rounded(precision)));

    private static readonly Gen<BatchReport> s_report = Gen.Select(
        Gen.Select(Gen.Long, Gen.Double, Gen.Long, Gen.Long), Gen.Select(Gen.Int, Gen.Long, Gen.Long), Gen.Long.Array[6],
        (loss, stale, times) => new BatchReport(new BatchId(loss.Item1), new BatchLoss(loss.Item2, loss.Item3, loss.Item4), stale.Item1,
            stale.Item2, stale.Item3,
            new WorkerTimes(times[0], times[1], times[2], times[3], times[4], times[5])));

    private static readonly Gen<RankingResult> s_ranking = Gen.Select(Gen.Bool, Gen.Int.Array[0, 20], Gen.Int[0, 5], Gen.Int[0, 3])
        .SelectMany((masked, users, metrics, cutoffs) =>
            Gen.Select(Gen.Double.Array[users.Length].Array[metrics], Gen.Double.Array[cutoffs], Gen.Int[0, 99].Array[cutoffs],
                (columns, shares, tied) => new RankingResult(
                    masked ? RankingProtocol.Masked : RankingProtocol.Raw, users,
                    Enumerable.Range(0, metrics).ToDictionary(n => $"metric@{n}é", n => columns[n]), Enumerable.Range(0, cutoffs)
                        .ToDictionary(n => n * 10, n => shares[n]),
                    Enumerable.Range(0, cutoffs).ToDictionary(n => n * 10, n => tied[n]))));

    private static readonly Gen<TableImage> s_table = Gen.Select(Gen.Int[0, 20], Gen.Int[0, 3]).SelectMany((count, slots) =>
        Gen.Select(Gen.Float.Array[count], Gen.Float.Array[0, 20].Array[slots], Gen.Int.Array[0, 9], (values, moments, steps) =>
            new TableImage(values, moments, steps)));

    private static readonly Gen<StalenessCounts> s_staleness =
        Gen.Select(Gen.Long.Array[8], Gen.Select(Gen.Int[0, 8], Gen.Int[0, StalenessCounts.Cap], Gen.Long).Array[0, 12],
            (sums, counts) =>
            {
                var staleness = new StalenessCounts
                {
                    Sum = sums[0],
                    Rows = sums[1],
                    Max = sums[2],
                    Pushes = sums[3],
                    VersionSum = sums[4],
                    MaxClocks = sums[5],
                    BoundViolations = sums[6],
                    Dropped = sums[7],
                };
                foreach (var (histogram, tau, count) in counts)
                {
                    (histogram == 8 ? staleness.Versions : staleness.Histograms[histogram / 4][histogram % 4])[tau] = count;
                }

                return staleness;
            });

    private static readonly Gen<Term> s_term = Gen.Select(Gen.Long, Gen.Long, (number, life) => new Term(number, life));

    private static readonly Gen<TableRecord> s_rows = Gen.Select(s_table, Gen.Int.Array[0, 9], Gen.Int.Array[0, 5], s_floats,
        (state, versions, before, values) => new TableRecord(state, versions, before, values));

    private static readonly Gen<ParameterProtocol.Push> s_push = Gen.Select(s_shard, s_worker, Gen.Long, s_lease, Gen.Long,
        s_block, s_block,
        (shard, worker, birth, lease, version, users, items) =>
            new ParameterProtocol.Push(shard, worker, birth, lease, version, users, items));

    /// <summary>Records of shards.</summary>
    public static Gen<ShardRecord> Records { get; } = Gen.Select(
        Gen.Select(s_shard, Gen.Long.Array[4], Gen.Long.Array[0, 9]), s_rows, s_rows, Gen.Select(Gen.Int, Gen.Long).Array[0, 5],
        Gen.Long.Array[6], s_staleness, s_push.Array[0, 3].Array[2],
        (at, users, items, fences, counters, staleness, pushes) => new ShardRecord(
            at.Item1, users, items, at.Item2[0], at.Item2[1], at.Item3, at.Item2[2], fences, at.Item2[3],
            new ShardCounters(counters[0], counters[1], counters[2], counters[3], counters[4], counters[5]), staleness)
        {
            Waiting = [.. pushes[0].Select(push => push with { Shard = at.Item1 })],
            Round = [.. pushes[1].Select(push => push with { Shard = at.Item1 })],
        });

    private static readonly Gen<IWithShardId> s_request = Gen.OneOf(
        s_push.Select(push => (IWithShardId)push),
        Gen.Select(s_shard, s_worker, s_keys, s_keys, (shard, worker, users, items) => (IWithShardId)new ParameterProtocol.Pull(shard,
            worker, 3, 4, users, items)),
        Gen.Select(s_shard, s_worker, Gen.Long, (shard, worker, birth) => (IWithShardId)new ParameterProtocol.Fence(shard, worker, birth)),
        Gen.Select(s_shard, Gen.Long, (shard, step) => (IWithShardId)new SnapshotProtocol.Read(shard, step)),
        Gen.Select(s_shard, Gen.Long, (shard, step) => (IWithShardId)new StateProtocol.Export(shard, step)));

    /// <summary>One generator per kind of message.</summary>
    public static IReadOnlyList<Gen<object>> Kinds { get; } =
    [
        Of(Gen.Select(Gen.Select(Gen.Int, Gen.String[0, 40], Gen.String[0, 40]), Gen.String[0, 20].Array[0, 20], Gen.Int[0, 1000],
            Gen.String[0, 70], Gen.Int[0, 9999].Array[0, 9],
            (name, texts, count, fingerprint, held) =>
                new AdmissionProtocol.Apply(new NodeCard(name.Item1, name.Item2, name.Item3, texts, count, fingerprint,
                [.. texts, "k=v"], held)))),
        Of(Gen.Select(Gen.String[0, 40], Gen.Int.Array[0, 9], (node, workers) => new AdmissionProtocol.Admitted(node, workers))),
        Of(Gen.Select(Gen.String[0, 40], Gen.String[0, 300], (node, reason) => new AdmissionProtocol.Refused(node, reason))),
        Of(Gen.Select(Gen.String[0, 40], Gen.String[0, 300], (node, failure) => new AdmissionProtocol.Ended(node, failure))),
        Of(Gen.Select(Gen.String[0, 40], Gen.String[0, 300], (node, reason) => new AdmissionProtocol.Unable(node, reason))),
        Of(Gen.String[0, 40].Select(node => new AdmissionProtocol.EndKnown(node))),
        Of(Gen.String[0, 40].Select(node => new AdmissionProtocol.Dismissed(node))),
        Of(Gen.Const(CopiesProtocol.Describe.Instance)),
        Of(Gen.Select(Gen.Int[0, 1023], Gen.Int[0, 9], Gen.Int[0, 9], Gen.Long[0, 1L << 40], Gen.Double[0, 1e6].Nullable(), Gen.Bool,
            (shard, wanted, there, bytes, seconds, waits) =>
                new ShardCopies(shard, wanted, there, wanted, bytes / 2, bytes, waits) { LackingSeconds = seconds }).Array[0, 9].Select(
                    shards => new CopiesProtocol.Described(shards))),
        Of(Gen.Select(Gen.String[0, 40], Gen.Double[0, 1e9], Gen.Double[0, 1e9], Gen.Double[0, MajorityProtocol.LongestLease],
            (node, sent, heard, seconds) => new MajorityProtocol.Pulse(node, sent, heard, seconds))),
        Of(Gen.Select(Gen.String[0, 40], Gen.Double[0, 1e9], Gen.Double[0, 1e9], (node, heard, sent) =>
            new MajorityProtocol.Echo(node, heard, sent))),
        Of(Gen.Select(s_shard, Gen.Int, Gen.Long, Gen.String[0, 20], Gen.Select(Gen.OneOf(Gen.Long[0, 3], Gen.Long[100_000, 500_000]),
            Gen.Int[1, 3 * EndpointProtocol.ChunkBytes]), (shard, lane, stream, manifest, place) =>
            {
                var (before, rest) = place;
                var bytes = new byte[Math.Min(rest, EndpointProtocol.ChunkBytes)];
                new Random(rest).NextBytes(bytes);
                return new EndpointProtocol.Chunk(shard, lane, stream, manifest, before * EndpointProtocol.ChunkBytes,
                    (before * EndpointProtocol.ChunkBytes) + rest, bytes);
            })),
        Of(Gen.Select(Gen.Int, Gen.Long, Gen.Long[0, 1L << 40], (lane, stream, received) => new EndpointProtocol.Credit(lane, stream,
            received))),
        Of(Gen.Select(Gen.Int, Gen.Long, Gen.String[0, 300], Gen.Bool, (lane, stream, reason, lasting) =>
            new EndpointProtocol.Broken(lane, stream, reason, lasting))),
        Of(Gen.Select(s_worker, Gen.Long, (worker, birth) => new LeaseProtocol.Join(worker, birth))),
        Of(Gen.Select(s_worker, Gen.Long, (worker, birth) => new LeaseProtocol.Welcome(worker, birth))),
        Of(Gen.Select(s_worker, Gen.Long, Gen.Long, (worker, birth, ordinal) => new LeaseProtocol.LeaseRequest(worker, birth, ordinal))),
        Of(Gen.Select(s_worker, Gen.Long, Gen.Long, s_lease, (worker, birth, ordinal, lease) =>
            new LeaseProtocol.LeaseGranted(worker, birth, ordinal, lease))),
        Of(Gen.Select(s_worker, Gen.Long, Gen.Long, (worker, birth, ordinal) => new LeaseProtocol.Offer(worker, birth, ordinal))),
        Of(Gen.Select(s_worker, Gen.Long, Gen.Long, s_lease, (worker, birth, ordinal, lease) =>
            new LeaseProtocol.OfferAccepted(worker, birth, ordinal, lease))),
        Of(Gen.Select(s_worker, Gen.Long, Gen.Long, (worker, birth, ordinal) => new LeaseProtocol.OfferDeclined(worker, birth, ordinal))),
        Of(Gen.Select(s_worker, Gen.Long, Gen.Long, s_report, (worker, birth, ordinal, report) => new LeaseProtocol.Completed(worker, birth,
            ordinal, report))),
        Of(Gen.Select(s_worker, Gen.Long, Gen.Long, (worker, birth, ordinal) => new LeaseProtocol.CompletionRecorded(worker,
            birth, ordinal))),
        Of(Gen.Select(s_worker, Gen.Long, (worker, birth) => new LeaseProtocol.Unknown(worker, birth))),
        Of(Gen.Select(s_worker, Gen.Long, (worker, birth) => new LeaseProtocol.Leave(worker, birth))),
        Of(Gen.Select(s_worker, Gen.Long, Gen.Long, (worker, birth, known) => new LeaseProtocol.RankingRequest(worker, birth, known))),
        Of(Gen.Select(s_worker, Gen.Long, Gen.Long, Gen.Long, Gen.Int[1, 9], Gen.Int.Array[0, 40],
            (worker, birth, step, until, depth, items) => new LeaseProtocol.RankingGiven(worker, birth, step, until, depth,
                items[..(items.Length / depth * depth)]))),
        Of(Gen.Select(s_worker, Gen.Long, Gen.Enum<WorkerFailure>(), Gen.String[0, 300], (worker, birth, kind, reason) =>
            new LeaseProtocol.Failed(worker, birth, kind, reason))),
        Of(Gen.Select(s_worker, Gen.Long, (worker, birth) => new LeaseProtocol.FailureRecorded(worker, birth))),
        Of(Gen.Select(s_shard, s_worker, Gen.Long, Gen.Long, s_keys, s_keys, (shard, worker, ticket, clock, users, items) =>
            new ParameterProtocol.Pull(shard, worker, ticket, clock, users, items))),
        Of(Gen.Select(s_shard, s_worker, Gen.Long, Gen.Long, s_block, s_block, (shard, worker, ticket, version, users, items) =>
            new ParameterProtocol.Rows(shard, worker, ticket, version, users, items))),
        Of(Gen.Select(s_shard, s_worker, Gen.Long, s_lease, Gen.Long, s_block, s_block,
            (shard, worker, birth, lease, version, users, items) =>
                new ParameterProtocol.Push(shard, worker, birth, lease, version, users, items))),
        Of(Gen.Select(s_shard, s_worker, Gen.Long, Gen.Long, Gen.Long, Gen.Long, (shard, worker, batch, rows, sum, version) =>
            new ParameterProtocol.PushAck(shard, worker, new BatchId(batch), rows, sum, version))),
        Of(Gen.Select(s_shard, s_worker, Gen.Long, (shard, worker, birth) => new ParameterProtocol.Fence(shard, worker, birth))),
        Of(Gen.Select(s_shard, s_worker, Gen.Long, Gen.Long, (shard, worker, birth, clock) => new ParameterProtocol.Fenced(shard, worker,
            birth, clock))),
        Of(Gen.Select(s_shard, s_worker, Gen.String[0, 300], (shard, worker, reason) => new ParameterProtocol.Nack(shard, worker, reason))),
        Of(Gen.Select(s_shard, s_term, Gen.Bool, (shard, term, record) => new ReplicaProtocol.Recall(shard, term, record))),
        Of(Gen.Select(s_shard, s_term, s_term, Gen.String[0, 300], Gen.Long, Records.Null(),
            (shard, asked, term, server, sequence, record) => new ReplicaProtocol.Held(shard, asked, server, term, sequence, record))),
        Of(Gen.Select(s_shard, s_term, Gen.Long, Records.Null(), (shard, term, sequence, record) => new ReplicaProtocol.Install(shard, term,
            sequence, record))),
        Of(Gen.Select(s_shard, s_term, Gen.String[0, 300], Gen.Long, (shard, term, server, sequence) =>
            new ReplicaProtocol.Installed(shard, term, server, sequence))),
        Of(Gen.Select(s_shard, s_term, Gen.Long, s_request, (shard, term, sequence, request) => new ReplicaProtocol.Operation(shard, term,
            sequence, request))),
        Of(Gen.Select(s_shard, s_term, Gen.String[0, 300], Gen.Long, (shard, term, server, sequence) =>
            new ReplicaProtocol.OperationAck(shard, term, server, sequence))),
        Of(Gen.Select(s_shard, s_term, Gen.String[0, 300], (shard, term, server) => new ReplicaProtocol.Absent(shard, term, server))),
        Of(Gen.Select(s_shard, s_term, Gen.String[0, 300], (shard, term, server) => new ReplicaProtocol.Refused(shard, term, server))),
        Of(Gen.Select(s_shard, s_term, (shard, term) => new ReplicaProtocol.Release(shard, term))),
        Of(Gen.Select(Gen.Long, Gen.Double, (step, epoch) => new SnapshotProtocol.Evaluate(step, epoch))),
        Of(Gen.Select(s_shard, Gen.Long, (shard, step) => new SnapshotProtocol.Read(shard, step))),
        Of(Gen.Select(s_shard, Gen.Long, Gen.Long, Gen.Bool, s_floats, s_floats, (shard, step, applied, inFlight, users, items) =>
            new SnapshotProtocol.Part(shard, step, applied, inFlight, users, items))),
        Of(Gen.Long.Select(step => new SnapshotProtocol.Taken(step))),
        Of(Gen.Select(Gen.Select(Gen.Double, Gen.Long, Gen.Double), s_ranking, s_ranking, Gen.Long, s_floats, s_floats,
            (report, masked, raw, step, users, items) =>
                new SnapshotProtocol.Evaluated(new EvaluationReport(report.Item1, report.Item2, masked, raw, report.Item3),
                    new ModelSnapshot(step, users, items)))),
        Of(Gen.Select(Gen.Long, Gen.String[0, 300], (step, reason) => new SnapshotProtocol.Failed(step, reason))),
        Of(Gen.Select(s_shard, Gen.Long, (shard, step) => new StateProtocol.Export(shard, step))),
        Of(Gen.Select(s_shard, Gen.Long, Gen.Int, (shard, completed, beyond) => new StateProtocol.Inquire(shard, completed, beyond))),
        Of(Gen.Select(s_shard, Gen.Long, Gen.Long, Gen.Bool, (shard, completed, applied, lacks) =>
            new StateProtocol.Standing(shard, completed, applied, lacks))),
        Of(Gen.Select(s_shard, Gen.Long, Gen.Long.Array[0, 20], (shard, frontier, above) =>
            new StateProtocol.Recovered(shard, frontier, above))),
        Of(s_shard.Select(shard => new StateProtocol.Count(shard))),
        Of(Gen.Select(s_shard, Gen.Long.Array[6], s_staleness, (shard, counters, staleness) =>
            new StateProtocol.Counted(shard, new ShardCounters(counters[0], counters[1], counters[2], counters[3], counters[4],
            counters[5]), staleness))),
        Of(Gen.Select(Gen.Select(s_shard, Gen.Long, Gen.Long, Gen.Bool), s_table, s_table, Gen.Long.Array[6], s_staleness,
            (at, users, items, counters, staleness) => new StateProtocol.Image(
                at.Item1, at.Item2, at.Item3, at.Item4, users, items,
                new ShardCounters(counters[0], counters[1], counters[2], counters[3], counters[4], counters[5]), staleness))),
    ];

    /// <summary>Any message.</summary>
    public static Gen<object> Any { get; } = Gen.OneOf([.. Kinds]);

    /// <summary>Everything public in a value, to the bit, without what pooled arrays hold beyond their count.</summary>
    public static string Describe(object? value)
    {
        var text = new StringBuilder();
        Append(text, value);
        return text.ToString();
    }

    private static Gen<object> Of<T>(Gen<T> gen)
        where T : notnull => gen.Select(message => (object)message);

    private static void Append(StringBuilder text, object? value)
    {
        switch (value)
        {
            case float number:
                text.Append(BitConverter.SingleToInt32Bits(number));
                return;
            case double number:
                text.Append(BitConverter.DoubleToInt64Bits(number));
                return;
            case null or string or bool or Enum or int or long:
                text.Append(CultureInfo.InvariantCulture, $"'{value}'");
                return;
            case ReadOnlyMemory<byte> bytes:
                text.Append(Convert.ToHexString(bytes.Span));
                return;
            case RowKeys keys:
                Append(text, keys.Span.ToArray());
                return;
            case RowBlock block:
                Append(text, (block.Keys.Span.ToArray(), block.Width, block.Precision));
                Append(text, block.Versions[..block.Count]);
                Append(text, block.Values[..(block.Count * block.Width)]);
                return;
            case RankingResult ranking:
                Append(text, ranking.Users);
                foreach (var metric in ranking.Metrics)
                {
                    Append(text, metric);
                    Append(text, ranking.PerUser(metric));
                }

                break;
            case IEnumerable sequence:
                text.Append('[');
                foreach (var entry in sequence)
                {
                    Append(text, entry);
                    text.Append(',');
                }

                text.Append(']');
                return;
        }

        text.Append(value.GetType().Name).Append('{');
        foreach (var property in value.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.GetIndexParameters().Length == 0))
        {
            text.Append(property.Name).Append('=');
            Append(text, property.GetValue(value));
            text.Append(';');
        }

        foreach (var field in value.GetType().GetFields(BindingFlags.Public | BindingFlags.Instance))
        {
            text.Append(field.Name).Append('=');
            Append(text, field.GetValue(value));
            text.Append(';');
        }

        text.Append('}');
    }
}
