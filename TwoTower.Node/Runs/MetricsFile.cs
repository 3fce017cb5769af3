using System.Globalization;
using TwoTower.Actors.Options;
using TwoTower.Actors.Protocol.Reports;
using TwoTower.Model;
using TwoTower.Model.Storage;

namespace TwoTower.Node.Runs;

/// <summary><c>metrics.csv</c>: one row per epoch or evaluation, by batches done; rewritten whole whenever a row changes.</summary>
internal sealed class MetricsFile
{
    private readonly string _path;
    private readonly long _batchesPerEpoch;
    private readonly string[] _columns;
    private readonly SortedDictionary<long, Dictionary<string, string>> _rows = [];
    private double _secondsBefore;

    /// <summary>A new file, or one that goes on from a step.</summary>
    /// <param name="folder">Where it is written.</param>
    /// <param name="options">The run's settings.</param>
    /// <param name="batchesPerEpoch">Batches per epoch.</param>
    /// <param name="resumeStep">Batches done before; rows of the earlier file up to here are taken over.</param>
    /// <param name="earlier">The folder that is gone on from, which may be the same; null for a fresh run.</param>
    public MetricsFile(RunFolder folder, TrainingOptions options, long batchesPerEpoch, long resumeStep = 0, RunFolder? earlier = null)
    {
        _path = folder.File("metrics.csv");
        _batchesPerEpoch = batchesPerEpoch;
        var metrics = options.Cutoffs.SelectMany(k => new[] { $"recall@{k}", $"ndcg@{k}", $"hitrate@{k}", $"mrr@{k}" }).ToArray();
        _columns =
        [
            "epoch", "batches", "loss", "seconds", "examplesPerSecond", "meanStaleness", "trainSeconds",
            .. metrics, .. metrics.Select(metric => $"raw {metric}"), .. options.Cutoffs.Select(k => $"coverage@{k}"),
        ];
        if (earlier is not null && File.Exists(earlier.File("metrics.csv")))
        {
            TakeOver(earlier.File("metrics.csv"), resumeStep);
            Write();
        }
    }

    /// <summary>Takes an event in.</summary>
    public void Add(TrainingEvent happening)
    {
        switch (happening)
        {
            case TrainingEvent.EpochDone done:
                var row = Row(done.Epoch * _batchesPerEpoch, done.Epoch);
                row["loss"] = Text(done.Loss);
                row["seconds"] = Text(done.Seconds);
                row["examplesPerSecond"] = Text(done.ExamplesPerSecond);
                row["meanStaleness"] = Text(done.MeanStaleness);
                break;
            case TrainingEvent.Evaluated evaluated:
                var report = evaluated.Report;
                row = Row(report.Step, report.Epoch);
                if (report.TrainSeconds is { } trained)
                {
                    row["trainSeconds"] = Text(_secondsBefore + trained);
                }

                foreach (var metric in report.Masked.Metrics)
                {
                    row[metric] = Text(report.Masked.Mean(metric));
                    row[$"raw {metric}"] = Text(report.Raw.Mean(metric));
                }

                foreach (var (k, share) in report.Masked.Coverage)
                {
                    row[$"coverage@{k}"] = Text(share);
                }

                break;
            default:
                return;
        }

        Write();
    }

    private static string Text(double value) => value.ToString("G9", CultureInfo.InvariantCulture);

    private void TakeOver(string path, long upTo)
    {
        try
        {
            var lines = File.ReadAllLines(path);
            var names = lines.Length > 0 ? lines[0].Split(',') : [];
            foreach (var line in lines.Skip(1))
            {
                var cells = names.Zip(line.Split(',')).ToDictionary(cell => cell.First, cell => cell.Second, StringComparer.Ordinal);
                if (cells.TryGetValue("batches", out var text) && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture,
                    out var batches) && batches <= upTo)
                {
                    _rows[batches] = cells;
                    _secondsBefore = double.TryParse(cells.GetValueOrDefault("trainSeconds"), CultureInfo.InvariantCulture, out var seconds)
                        ? seconds : _secondsBefore;
                }
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new StorageException($"'{path}' cannot be gone on with: {PlainReason.Of(failure)}.", failure);
        }
    }

    private void Write() =>
        AtomicFile.WriteText(_path,
        string.Join('\n',
        _rows.Values.Select(cells => string.Join(',', _columns.Select(column => cells.GetValueOrDefault(column, string.Empty))))
        .Prepend(string.Join(',', _columns))) + "\n");

    private Dictionary<string, string> Row(long step, double epoch)
    {
        if (!_rows.TryGetValue(step, out var row))
        {
            _rows[step] = row = new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["epoch"] = Text(epoch),
                ["batches"] = step.ToString(CultureInfo.InvariantCulture)
            };
        }

        return row;
    }
}
