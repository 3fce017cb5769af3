namespace TwoTower.Actors.Protocol.Wire;

// Which format reads and writes which message.
internal static partial class WireFormat
{
    private static void Write<T>(ref T sink, object message)
        where T : IWireSink, allows ref struct
    {
        switch (message)
        {
            case AdmissionProtocol.Apply apply: AdmissionFormat.Write(ref sink, apply); break;
            case AdmissionProtocol.Admitted admitted: AdmissionFormat.Write(ref sink, admitted); break;
            case AdmissionProtocol.Refused refused: AdmissionFormat.Write(ref sink, refused.Node, refused.Reason); break;
            case AdmissionProtocol.Ended ended: AdmissionFormat.Write(ref sink, ended.Node, ended.Failure); break;
            case AdmissionProtocol.Unable unable: AdmissionFormat.Write(ref sink, unable.Node, unable.Reason); break;
            case AdmissionProtocol.EndKnown known: AdmissionFormat.Write(ref sink, known.Node); break;
            case AdmissionProtocol.Dismissed dismissed: AdmissionFormat.Write(ref sink, dismissed.Node); break;
            case CopiesProtocol.Describe: CopiesFormat.WriteDescribe(ref sink); break;
            case CopiesProtocol.Described described: CopiesFormat.Write(ref sink, described); break;
            case MajorityProtocol.Pulse pulse: MajorityFormat.Write(ref sink, pulse); break;
            case MajorityProtocol.Echo echo: MajorityFormat.Write(ref sink, echo); break;
            case ParameterProtocol.Pull pull: ParameterFormat.Write(ref sink, pull); break;
            case ParameterProtocol.Rows rows: ParameterFormat.Write(ref sink, rows); break;
            case ParameterProtocol.Push push: ParameterFormat.Write(ref sink, push); break;
            case ParameterProtocol.PushAck ack: ParameterFormat.Write(ref sink, ack); break;
            case ParameterProtocol.Fence fence: ParameterFormat.Write(ref sink, fence); break;
            case ParameterProtocol.Fenced fenced: ParameterFormat.Write(ref sink, fenced); break;
            case ParameterProtocol.Nack nack: ParameterFormat.Write(ref sink, nack); break;
            case LeaseProtocol.Join join: LeaseFormat.Write(ref sink, join); break;
            case LeaseProtocol.Welcome welcome: LeaseFormat.Write(ref sink, welcome); break;
            case LeaseProtocol.LeaseRequest request: LeaseFormat.Write(ref sink, request); break;
            case LeaseProtocol.LeaseGranted granted: LeaseFormat.Write(ref sink, granted); break;
            case LeaseProtocol.Offer offer: LeaseFormat.Write(ref sink, offer); break;
            case LeaseProtocol.OfferAccepted accepted: LeaseFormat.Write(ref sink, accepted); break;
            case LeaseProtocol.OfferDeclined declined: LeaseFormat.Write(ref sink, declined); break;
            case LeaseProtocol.Completed completed: LeaseFormat.Write(ref sink, completed); break;
            case LeaseProtocol.CompletionRecorded recorded: LeaseFormat.Write(ref sink, recorded); break;
            case LeaseProtocol.Unknown unknown: LeaseFormat.Write(ref sink, unknown); break;
            case LeaseProtocol.Leave leave: LeaseFormat.Life(ref sink, leave.Worker, leave.Birth); break;
            case LeaseProtocol.RankingRequest ranking: LeaseFormat.Write(ref sink, ranking); break;
            case LeaseProtocol.RankingGiven given: LeaseFormat.Write(ref sink, given); break;
            case LeaseProtocol.Failed failed: LeaseFormat.Write(ref sink, failed); break;
            case LeaseProtocol.FailureRecorded noted: LeaseFormat.Life(ref sink, noted.Worker, noted.Birth); break;
            case ReplicaProtocol.Recall recall: ReplicaFormat.Write(ref sink, recall); break;
            case ReplicaProtocol.Held held: ReplicaFormat.Write(ref sink, held); break;
            case ReplicaProtocol.Install install: ReplicaFormat.Write(ref sink, install); break;
            case ReplicaProtocol.Installed there:
                ReplicaFormat.Progress(ref sink, there.Shard, there.Term, there.Server,
                there.Sequence); break;
            case ReplicaProtocol.Operation operation: ReplicaFormat.Write(ref sink, operation); break;
            case ReplicaProtocol.OperationAck done:
                ReplicaFormat.Progress(ref sink, done.Shard, done.Term, done.Server,
                done.Sequence); break;
            case ReplicaProtocol.Absent absent: ReplicaFormat.Answer(ref sink, absent.Shard, absent.Term, absent.Server); break;
            case ReplicaProtocol.Refused higher: ReplicaFormat.Answer(ref sink, higher.Shard, higher.Term, higher.Server); break;
            case ReplicaProtocol.Release release: ReplicaFormat.Write(ref sink, release); break;
            case SnapshotProtocol.Evaluate evaluate: SnapshotFormat.Write(ref sink, evaluate); break;
            case SnapshotProtocol.Read read: SnapshotFormat.Write(ref sink, read); break;
            case SnapshotProtocol.Part part: SnapshotFormat.Write(ref sink, part); break;
            case SnapshotProtocol.Taken taken: SnapshotFormat.Write(ref sink, taken); break;
            case SnapshotProtocol.Evaluated evaluated: SnapshotFormat.Write(ref sink, evaluated); break;
            case SnapshotProtocol.Failed failed: SnapshotFormat.Write(ref sink, failed); break;
            case StateProtocol.Export export: SnapshotFormat.ShardAndStep(ref sink, export.Shard, export.Step); break;
            case StateProtocol.Inquire inquire: StateFormat.Write(ref sink, inquire); break;
            case StateProtocol.Standing standing: StateFormat.Write(ref sink, standing); break;
            case StateProtocol.Recovered recovered: StateFormat.Write(ref sink, recovered); break;
            case StateProtocol.Count count: StateFormat.Write(ref sink, count); break;
            case StateProtocol.Counted counted: StateFormat.Write(ref sink, counted); break;
            case StateProtocol.Image image: StateFormat.Write(ref sink, image); break;
            case EndpointProtocol.Chunk chunk: EndpointFormat.Write(ref sink, chunk); break;
            case EndpointProtocol.Credit credit: EndpointFormat.Write(ref sink, credit); break;
            case EndpointProtocol.Broken broken: EndpointFormat.Write(ref sink, broken); break;
            default: throw NoForm(message);
        }
    }

    private static object Read(ref WireReader reader, string manifest)
    {
        switch (manifest)
        {
            case "a.apply.1": return AdmissionFormat.ReadApply(ref reader);
            case "a.admitted.1": return AdmissionFormat.ReadAdmitted(ref reader);
            case "a.known.1": return new AdmissionProtocol.EndKnown(AdmissionFormat.ReadNode(ref reader));
            case "a.dismissed.1": return new AdmissionProtocol.Dismissed(AdmissionFormat.ReadNode(ref reader));
            case "a.refused.1" or "a.ended.1" or "a.unable.1":
                var (node, text) = AdmissionFormat.ReadTexts(ref reader);
                return manifest switch
                {
                    "a.ended.1" => new AdmissionProtocol.Ended(node, text),
                    "a.unable.1" => new AdmissionProtocol.Unable(node, text),
                    _ => new AdmissionProtocol.Refused(node, text),
                };
            case "e.chunk.2": return EndpointFormat.ReadChunk(ref reader);
            case "e.credit.2": return EndpointFormat.ReadCredit(ref reader);
            case "e.broken.2": return EndpointFormat.ReadBroken(ref reader);
            case "c.describe.1": return CopiesFormat.ReadDescribe(ref reader);
            case "c.described.1": return CopiesFormat.ReadDescribed(ref reader);
            case "m.pulse.1": return MajorityFormat.ReadPulse(ref reader);
            case "m.echo.1": return MajorityFormat.ReadEcho(ref reader);
            case "p.pull.1": return ParameterFormat.ReadPull(ref reader);
            case "p.rows.1": return ParameterFormat.ReadRows(ref reader);
            case "p.push.1": return ParameterFormat.ReadPush(ref reader);
            case "p.ack.1": return ParameterFormat.ReadPushAck(ref reader);
            case "p.nack.1": return ParameterFormat.ReadNack(ref reader);
            case "l.granted.1": return LeaseFormat.ReadLeaseGranted(ref reader);
            case "l.accepted.1": return LeaseFormat.ReadOfferAccepted(ref reader);
            case "l.completed.1": return LeaseFormat.ReadCompleted(ref reader);
            case "l.ranked.1": return LeaseFormat.ReadRankingGiven(ref reader);
            case "l.failed.2": return LeaseFormat.ReadFailed(ref reader);
            case "r.recall.1": return ReplicaFormat.ReadRecall(ref reader);
            case "r.held.1": return ReplicaFormat.ReadHeld(ref reader);
            case "r.install.1": return ReplicaFormat.ReadInstall(ref reader);
            case "r.operation.1": return ReplicaFormat.ReadOperation(ref reader);
            case "r.release.1": return ReplicaFormat.ReadRelease(ref reader);
            case "r.installed.1" or "r.ack.1":
                var (of, reign, server, sequence) = ReplicaFormat.ReadProgress(ref reader);
                return manifest == "r.ack.1" ? new ReplicaProtocol.OperationAck(of, reign, server, sequence)
                    : new ReplicaProtocol.Installed(of, reign, server, sequence);
            case "r.absent.1" or "r.refused.1":
                var (whose, term, by) = ReplicaFormat.ReadAnswer(ref reader);
                return manifest == "r.absent.1" ? new ReplicaProtocol.Absent(whose, term, by)
                    : new ReplicaProtocol.Refused(whose, term, by);
            case "s.evaluate.1": return SnapshotFormat.ReadEvaluate(ref reader);
            case "s.part.1": return SnapshotFormat.ReadPart(ref reader);
            case "s.taken.1": return SnapshotFormat.ReadTaken(ref reader);
            case "s.evaluated.1": return SnapshotFormat.ReadEvaluated(ref reader);
            case "s.failed.1": return SnapshotFormat.ReadFailed(ref reader);
            case "t.image.1": return StateFormat.ReadImage(ref reader);
            case "p.fence.1": return ParameterFormat.ReadFence(ref reader);
            case "p.fenced.1": return ParameterFormat.ReadFenced(ref reader);
            case "t.standing.2": return StateFormat.ReadStanding(ref reader);
            case "t.inquire.2": return StateFormat.ReadInquire(ref reader);
            case "t.count.1": return StateFormat.ReadCount(ref reader);
            case "t.counted.1": return StateFormat.ReadCounted(ref reader);
            case "t.recovered.1": return StateFormat.ReadRecovered(ref reader);
            case "l.join.1" or "l.welcome.1" or "l.unknown.1" or "l.leave.1" or "l.noted.1":
                var (worker, birth) = LeaseFormat.ReadLife(ref reader);
                return manifest switch
                {
                    "l.join.1" => new LeaseProtocol.Join(worker, birth),
                    "l.leave.1" => new LeaseProtocol.Leave(worker, birth),
                    "l.noted.1" => new LeaseProtocol.FailureRecorded(worker, birth),
                    "l.welcome.1" => new LeaseProtocol.Welcome(worker, birth),
                    _ => new LeaseProtocol.Unknown(worker, birth),
                };
            case "l.request.1" or "l.recorded.1" or "l.offer.1" or "l.declined.1" or "l.ranking.1":
                var (asking, life, ordinal) = LeaseFormat.ReadTurn(ref reader);
                return manifest switch
                {
                    "l.request.1" => new LeaseProtocol.LeaseRequest(asking, life, ordinal),
                    "l.offer.1" => new LeaseProtocol.Offer(asking, life, ordinal),
                    "l.ranking.1" => new LeaseProtocol.RankingRequest(asking, life, ordinal),
                    "l.declined.1" => new LeaseProtocol.OfferDeclined(asking, life, ordinal),
                    _ => new LeaseProtocol.CompletionRecorded(asking, life, ordinal),
                };
            case "s.read.1" or "t.export.1":
                var (at, step) = SnapshotFormat.ReadShardAndStep(ref reader);
                return manifest switch
                {
                    "s.read.1" => new SnapshotProtocol.Read(at, step),
                    _ => new StateProtocol.Export(at, step),
                };
            default:
                throw new WireException($"There is no message '{manifest}'; this build knows {string.Join(", ", Manifests.Keys)}.");
        }
    }
}
