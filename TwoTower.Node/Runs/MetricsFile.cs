using System.Globalization;
using TwoTower.Actors.Training;
using TwoTower.Model.Storage;

namespace TwoTower.Node.Runs;

/// <summary><c>metrics.csv</c>: one row per epoch or evaluation, by batches done; rewritten whole whenever a row changes.</summary>
public sealed class MetricsFile
{
    private readonly string _path;
    private readonly long _batchesPerEpoch;
    private readonly string[] _columns;
    private readonly SortedDictionary<long, Dictionary<string, string>> _rows = [];
    private readonly double _secondsBefore;

    /// <summary>A new file, or one that goes on from a step: later rows of it are dropped.</summary>
    public MetricsFile(RunFolder folder, TrainingOptions options, long batchesPerEpoch, long resumeStep)
    {
        _path = folder.File("metrics.csv");
        _batchesPerEpoch = batchesPerEpoch;
        var metrics = options.Cutoffs.SelectMany(k => new[] { $"recall@{k}", $"ndcg@{k}", $"hitrate@{k}", $"mrr@{k}" }).ToArray();
        _columns =
        [
            "epoch", "batches", "loss", "seconds", "examplesPerSecond", "meanStaleness", "trainSeconds",
            .. metrics, .. metrics.Select(metric => $"raw {metric}"), .. options.Cutoffs.Select(k => $"coverage@{k}"),
        ];
        if (resumeStep > 0 && File.Exists(_path))
        {
            var lines = File.ReadAllLines(_path);
            var names = lines[0].Split(',');
            foreach (var line in lines.Skip(1))
            {
                var cells = names.Zip(line.Split(',')).ToDictionary(cell => cell.First, cell => cell.Second, StringComparer.Ordinal);
                var batches = long.Parse(cells["batches"], CultureInfo.InvariantCulture);
                if (batches <= resumeStep)
                {
                    _rows[batches] = cells;
                    _secondsBefore = double.TryParse(cells.GetValueOrDefault("trainSeconds"), CultureInfo.InvariantCulture, out var seconds) ? seconds : _secondsBefore;
                }
            }
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

        AtomicFile.WriteText(_path, string.Join('\n', _rows.Values.Select(cells => string.Join(',', _columns.Select(column => cells.GetValueOrDefault(column, string.Empty)))).Prepend(string.Join(',', _columns))) + "\n");
    }

    private static string Text(double value) => value.ToString("G9", CultureInfo.InvariantCulture);

    private Dictionary<string, string> Row(long step, double epoch)
    {
        if (!_rows.TryGetValue(step, out var row))
        {
            _rows[step] = row = new Dictionary<string, string>(StringComparer.Ordinal) { ["epoch"] = Text(epoch), ["batches"] = step.ToString(CultureInfo.InvariantCulture) };
        }

        return row;
    }
}
