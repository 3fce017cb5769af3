using System.Numerics;
using Google.Protobuf;
using Tensorboard;
using TwoTower.Model;
using TwoTower.Model.Storage;

namespace TwoTower.Node.Telemetry;

/// <summary>Writes a run for TensorBoard, by batches.</summary>
/// <remarks>The messages are those of TorchSharp's <c>torch.utils.tensorboard</c>. Its writer is not used: it has times in single
/// precision, which tells two minutes apart, opens the file for every value, and makes histograms from tensors of single values, while
/// shards have counted millions of rows. The frame around a message is TensorFlow's record: length, masked CRC-32C of it,
/// bytes, masked CRC-32C of them.</remarks>
internal sealed class TensorBoardLog : IRunEventSink
{
    private readonly FileStream _file;
    private DateTime _began = TimeProvider.System.GetUtcNow().UtcDateTime;

    private TensorBoardLog(FileStream file)
    {
        _file = file;
        Append(new Event { WallTime = Unix(_began), FileVersion = "brain.Event:2" });
    }

    /// <summary>Begins a file; those of earlier stretches of the run stay.</summary>
    /// <param name="runFolder">The run's folder.</param>
    /// <exception cref="StorageException">It cannot be written.</exception>
    public static TensorBoardLog Create(string runFolder)
    {
        var folder = Path.Combine(runFolder, Runs.TensorBoardFolder.Name);
        try
        {
            Directory.CreateDirectory(folder);
            // TensorBoard reads the files of a folder in the order of their names.
            var path = Path.Combine(folder,
                FormattableString.Invariant($"events.out.tfevents.{TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds()}.twotower"));
            return new TensorBoardLog(new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"'{folder}' cannot be written: {PlainReason.Of(failure)}.", failure);
        }
    }

    /// <inheritdoc />
    public void Write(RunEvent line)
    {
        switch (line)
        {
            case RunEvent.Begin begin:
                _began = begin.Time ?? _began;
                if (begin.FromBatch is { } from)
                {
                    // TensorBoard forgets what earlier files have from this step on; what was told at the checkpoint itself holds.
                    Append(new Event
                    {
                        WallTime = Unix(_began),
                        Step = from + 1,
                        SessionLog = new SessionLog { Status = SessionLog.Types.SessionStatus.Start }
                    });
                }

                break;
            case RunEvent.Progress progress:
                Scalars(line, ("loss/batch", progress.Loss), ("throughput/examples per second", progress.ExamplesPerSecond),
                    ("staleness/mean", progress.MeanStaleness));
                break;
            case RunEvent.Epoch epoch:
                Scalars(line, ("loss/epoch", epoch.Loss));
                break;
            case RunEvent.Evaluation evaluation:
                Scalars(line, [.. evaluation.Metrics.Select(metric => ($"validation/{metric.Key}", (double?)metric.Value))]);
                break;
            case RunEvent.Staleness staleness:
                var summary = new Summary();
                summary.Value.AddRange(staleness.Histograms.Where(bucket => bucket.Value.Length > 0)
                    .Select(bucket => new Summary.Types.Value { Tag = $"staleness/{bucket.Key}", Histo = Histogram(bucket.Value) }));
                Append(line, summary);
                break;
        }

        _file.Flush();
    }

    /// <inheritdoc />
    public void Dispose() => _file.Dispose();

    /// <inheritdoc />
    public override string ToString() => Runs.TensorBoardFolder.Name;

    /// <summary>A bucket for every τ.</summary>
    private static HistogramProto Histogram(long[] counts)
    {
        var histogram = new HistogramProto { Min = Array.FindIndex(counts, count => count > 0), Max = counts.Length - 1 };
        for (var tau = 0; tau < counts.Length; tau++)
        {
            histogram.Num += counts[tau];
            histogram.Sum += (double)tau * counts[tau];
            histogram.SumSquares += (double)tau * tau * counts[tau];
            histogram.BucketLimit.Add(tau + 0.5);
            histogram.Bucket.Add(counts[tau]);
        }

        return histogram;
    }

    private static double Unix(DateTime time) => (time - DateTime.UnixEpoch).TotalSeconds;

    /// <summary>CRC-32C (Castagnoli), rotated and shifted, because a CRC of data that holds CRCs is a weak one.</summary>
    private static uint MaskedCrc(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var value in bytes)
        {
            crc = BitOperations.Crc32C(crc, value);
        }

        return BitOperations.RotateRight(~crc, 15) + 0xa282ead8u;
    }

    private void Scalars(RunEvent line, params (string Tag, double? Value)[] values)
    {
        var summary = new Summary();
        summary.Value.AddRange(values.Where(value => value.Value is not null)
            .Select(value => new Summary.Types.Value { Tag = value.Tag, SimpleValue = (float)value.Value! }));
        Append(line, summary);
    }

    private void Append(RunEvent line, Summary summary)
    {
        if (summary.Value.Count > 0)
        {
            Append(new Event { WallTime = Unix(_began) + (line.Wall ?? 0), Step = line.Batches ?? 0, Summary = summary });
        }
    }

    private void Append(Event message)
    {
        var bytes = message.ToByteArray();
        var length = BitConverter.GetBytes((ulong)bytes.Length);
        _file.Write([.. length, .. BitConverter.GetBytes(MaskedCrc(length)), .. bytes, .. BitConverter.GetBytes(MaskedCrc(bytes))]);
    }
}
