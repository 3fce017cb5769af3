using TwoTower.Model.Data;

namespace TwoTower.Model.Diagnosis;

/// <summary>What train knows of the time that is to be predicted.</summary>
/// <param name="TrainAfterValidationStart">Share of the train positives that are later than the first validation positive.</param>
/// <param name="LaterThanPredicted">Mean over validation positives of the share of train positives that are later than it: how much of
/// train no model in use could have had.</param>
/// <param name="PairsInBoth">Validation positives whose user and item stand in train too.</param>
internal sealed record TimeLeakage(double TrainAfterValidationStart, double LaterThanPredicted, int PairsInBoth)
{
    /// <summary>Whether anything leaks.</summary>
    public bool Leaks => TrainAfterValidationStart > 0 || PairsInBoth > 0;

    /// <summary>Measures a data set.</summary>
    /// <returns>Null when train or validation is empty.</returns>
    public static TimeLeakage? Of(RecommenderData data)
    {
        if (data.Train.Count == 0 || data.Validation.Count == 0)
        {
            return null;
        }

        var train = data.Train.Timestamps.Order().ToArray();
        var start = data.Validation.Timestamps.Min();
        var known = InteractionMatrix.From(data.Users.Count, data.Items.Count, data.Train);
        return new TimeLeakage(
            Later(start),
            data.Validation.Timestamps.Average(Later),
            Enumerable.Range(0, data.Validation.Count).Count(n => known.Contains(data.Validation.Users[n], data.Validation.Items[n])));

        double Later(long time)
        {
            var (low, high) = (0, train.Length);
            while (low < high)
            {
                var middle = (low + high) / 2;
                (low, high) = train[middle] > time ? (low, middle) : (middle + 1, high);
            }

            return (double)(train.Length - low) / train.Length;
        }
    }
}
