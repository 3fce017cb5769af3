namespace TwoTower.Model.Sampling;

/// <summary>One batch with its table rows made unique. The arrays are reused from batch to batch and may be longer than what is in use.</summary>
public sealed class BatchPlan
{
    /// <summary>Buffers for batches of up to <paramref name="batchSize"/> examples with <paramref name="negatives"/> explicit negatives each.</summary>
    public BatchPlan(int batchSize, int negatives)
    {
        NegativesPerExample = negatives;
        ExampleUser = new int[batchSize];
        ExampleItem = new int[batchSize];
        ExampleNegatives = new int[batchSize * negatives];
        Weights = new float[batchSize];
        UserRows = new int[batchSize];
        ItemRows = new int[batchSize * (1 + negatives)];
        ItemMultiplicity = new int[batchSize * (1 + negatives)];
    }

    /// <summary>Examples in use.</summary>
    public int Examples { get; set; }

    /// <summary>Explicit negatives per example (0 for in-batch softmax).</summary>
    public int NegativesPerExample { get; }

    /// <summary>Distinct user rows in use.</summary>
    public int UserCount { get; set; }

    /// <summary>Distinct item rows in use, positives and negatives together.</summary>
    public int ItemCount { get; set; }

    /// <summary>Table row of every distinct user, in order of first appearance.</summary>
    public int[] UserRows { get; }

    /// <summary>Table row of every distinct item, in order of first appearance.</summary>
    public int[] ItemRows { get; }

    /// <summary>How many examples have the distinct item as their positive.</summary>
    public int[] ItemMultiplicity { get; }

    /// <summary>Position in <see cref="UserRows"/> of every example's user.</summary>
    public int[] ExampleUser { get; }

    /// <summary>Position in <see cref="ItemRows"/> of every example's positive item.</summary>
    public int[] ExampleItem { get; }

    /// <summary>Positions in <see cref="ItemRows"/> of every example's negatives, [examples, negatives].</summary>
    public int[] ExampleNegatives { get; }

    /// <summary>Weight of every example.</summary>
    public float[] Weights { get; }
}
