using TwoTower.Actors.Protocol;
using TwoTower.Model.Sampling;

namespace TwoTower.Actors.Training;

/// <summary>What goes into a checkpoint, gathered when it was decided: nothing that training changes later.</summary>
/// <param name="Images">The states of all shards.</param>
/// <param name="LossByEpoch">Mean losses of the epochs that are whole in them.</param>
/// <param name="BatchLosses">Loss sums of the unfinished epoch's batches; empty at the end of an epoch.</param>
/// <param name="Evaluations">Evaluations up to the step.</param>
/// <param name="Best">Raw parameters of the best; null before the first evaluation.</param>
/// <param name="Ranking">The last snapshot's ranking, or null.</param>
internal sealed record CheckpointContent(
    ShardImages Images, double[] LossByEpoch, double[] BatchLosses, IReadOnlyList<(long Step, double Value)> Evaluations,
    ModelSnapshot? Best, RankedNegatives? Ranking)
{
    /// <summary>Puts the images together. It takes as long as copying the model.</summary>
    public TrainingCheckpoint Assemble()
    {
        var (users, items) = Images.Tables();
        var tensors = new SortedDictionary<string, float[]>(StringComparer.Ordinal) { ["user"] = users.Values, ["item"] = items.Values };
        for (var slot = 0; slot < users.Slots.Length; slot++)
        {
            tensors.Add($"user/slot{slot}", users.Slots[slot]);
            tensors.Add($"item/slot{slot}", items.Slots[slot]);
        }

        return new TrainingCheckpoint
        {
            Step = Images.Step,
            Tensors = tensors,
            RowSteps = new SortedDictionary<string, int[]>(StringComparer.Ordinal) { ["user"] = users.RowSteps, ["item"] = items.RowSteps },
            LossByEpoch = LossByEpoch,
            BatchLosses = BatchLosses,
            Evaluations = Evaluations,
            Ranking = Ranking,
            BestTensors = Best is null ? null : new SortedDictionary<string, float[]>(StringComparer.Ordinal)
            {
                ["user"] = Best.Users,
                ["item"] = Best.Items
            },
        };
    }
}
