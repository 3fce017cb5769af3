using TwoTower.Model.Data;

namespace TwoTower.Model.Sampling;

/// <summary>The train positives with what sampling and weighting need: counts, known positives, example weights.</summary>
public sealed class TrainingSet
{
    private const double SecondsPerDay = 86_400;

    /// <summary>Prepares a log for training.</summary>
    /// <param name="users">Rows of the user table.</param>
    /// <param name="items">Rows of the item table.</param>
    /// <param name="log">Train positives.</param>
    /// <param name="recencyHalfLifeDays">Days after which an example's weight has halved, counted back from the last one; 0 weighs all alike.</param>
    public TrainingSet(int users, int items, InteractionLog log, double recencyHalfLifeDays = 0)
    {
        Users = users;
        Items = items;
        Log = log;
        Known = InteractionMatrix.From(users, items, log);
        UserCounts = Count(log.Users, users);
        ItemCounts = Count(log.Items, items);
        Weights = RecencyWeights(log.Timestamps, recencyHalfLifeDays);
    }

    /// <summary>Rows of the user table.</summary>
    public int Users { get; }

    /// <summary>Rows of the item table.</summary>
    public int Items { get; }

    /// <summary>The examples, in time order.</summary>
    public InteractionLog Log { get; }

    /// <summary>Every user's distinct train positives.</summary>
    public InteractionMatrix Known { get; }

    /// <summary>Train positives of every user.</summary>
    public int[] UserCounts { get; }

    /// <summary>Train positives of every item.</summary>
    public int[] ItemCounts { get; }

    /// <summary>Weight of every example; their mean is 1.</summary>
    public float[] Weights { get; }

    private static int[] Count(int[] rows, int length)
    {
        var counts = new int[length];
        foreach (var row in rows)
        {
            counts[row]++;
        }

        return counts;
    }

    private static float[] RecencyWeights(long[] timestamps, double halfLifeDays)
    {
        var weights = new float[timestamps.Length];
        if (halfLifeDays <= 0 || timestamps.Length == 0)
        {
            Array.Fill(weights, 1f);
            return weights;
        }

        var last = timestamps.Max();
        double sum = 0;
        var exact = new double[timestamps.Length];
        for (var n = 0; n < exact.Length; n++)
        {
            exact[n] = Math.Pow(2.0, -(last - timestamps[n]) / SecondsPerDay / halfLifeDays);
            sum += exact[n];
        }

        var scale = exact.Length / sum;
        for (var n = 0; n < exact.Length; n++)
        {
            weights[n] = (float)(exact[n] * scale);
        }

        return weights;
    }
}
