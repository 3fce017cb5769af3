using TwoTower.Actors.Hosting;
using TwoTower.Actors.Options;
using TwoTower.Actors.Protocol.Reports;
using TwoTower.Actors.Training;
using TwoTower.Model.Data;

namespace TwoTower.Node.Calibration;

/// <summary>Times the conversation between actors on this machine by a short real training with one
/// worker, after another that warms up.</summary>
internal static class MessageCalibration
{
    private const int Batches = 64;
    private const int Epochs = 4;

    /// <summary>Measures; takes a few seconds.</summary>
    /// <exception cref="TrainingException">The options do not fit the data.</exception>
    public static async Task<MessageCost> MeasureAsync(TrainingOptions options, RecommenderData data)
    {
        var count = (int)Math.Min(data.Train.Count, (long)Batches * options.BatchSize);
        var sample = data with
        {
            Train = new InteractionLog([.. data.Train.Users.Take(count)], [.. data.Train.Items.Take(count)],
                [.. data.Train.Timestamps.Take(count)]),
        };
        var alone = options with
        {
            Workers = 1,
            BackupWorkers = 0,
            Consistency = options.Consistency.Kind == ConsistencyKind.Softsync ? Consistency.Asp : options.Consistency,
            Epochs = Epochs,
            EvaluateEveryBatches = 0,
            EvaluateEveryEpochs = Epochs,
            CheckpointEveryEpochs = 0,
            Patience = 0,
        };
        await LocalTraining.RunAsync(new TrainingPlan(alone, sample)).ConfigureAwait(false);
        var epochs = new EpochSeconds();
        var outcome = await LocalTraining.RunAsync(new TrainingPlan(alone, sample), epochs).ConfigureAwait(false);
        var plan = new EpochPlan(count, alone);
        var evaluation = outcome.Evaluations[^1];
        return MessageCost.Of(
            alone, outcome.Time, (long)count * Epochs, outcome.Shards.Sum(shard => shard.Bytes), epochs.Sum / plan.TotalBatches,
            plan.TotalBatches,
            evaluation.Masked.Users.Length > 0 && evaluation.Seconds > 0 ? evaluation.Masked.Users.Length / evaluation.Seconds : 0);
    }

    /// <summary>Remembers how long epochs took; the evaluation comes after the last.</summary>
    private sealed class EpochSeconds : IProgress<TrainingEvent>
    {
        private readonly List<double> _seconds = [];

        public double Sum
        {
            get
            {
                lock (_seconds)
                {
                    return _seconds.Sum();
                }
            }
        }

        public void Report(TrainingEvent value)
        {
            if (value is TrainingEvent.EpochDone done)
            {
                lock (_seconds)
                {
                    _seconds.Add(done.Seconds);
                }
            }
        }
    }
}
