using TwoTower.Model.Options;
using TwoTower.Model.Towers;

namespace TwoTower.Model.Sampling;

/// <summary>One batch with its table rows made unique. The arrays are reused from batch to batch and may
/// be longer than what is in use.</summary>
public sealed class BatchPlan
{
    /// <summary>Buffers for batches of up to <paramref name="batchSize"/> examples with
    /// <paramref name="negatives"/> explicit negatives each.</summary>
    /// <param name="batchSize">Most examples.</param>
    /// <param name="negatives">Explicit negatives of every example.</param>
    /// <param name="shared">Most items that are in the batch besides, for all its examples.</param>
    /// <param name="towers">Towers whose features and weights a batch needs too, or null.</param>
    internal BatchPlan(int batchSize, int negatives, int shared = 0, TowerLayouts? towers = null)
    {
        var items = (batchSize * (1 + negatives)) + shared;
        NegativesPerExample = negatives;
        ExampleQuery = new int[batchSize];
        ExampleItem = new int[batchSize];
        ExampleNegatives = new int[batchSize * negatives];
        Weights = new float[batchSize];
        ExampleIndex = new int[batchSize];
        UserRows = new int[batchSize + (towers?.Users.RowsBesidesEntities ?? 0)];
        var inHistories = batchSize * (towers?.Histories?.MostItems ?? 0);
        ItemRows = new int[items + (towers?.Items.RowsBesidesEntities ?? 0) + Math.Min(inHistories, towers?.Items.Entities ?? 0)];
        (QueryUsers, QueryUserPlaces, QuerySessions) = towers?.Histories is null ? (UserRows, [], [])
            : (new int[batchSize], new int[batchSize], new int[batchSize]);
        HistoryStart = new int[QueryUserPlaces.Length + 1];
        (HistoryPlaces, HistoryWeights, HistoryShares) = (new int[inHistories], new float[inHistories], new float[inHistories]);
        ItemMultiplicity = new int[items];
        ItemDraws = new int[items];
        ItemShares = new double[items];
    }

    /// <summary>Buffers for what <see cref="BatchBuilder"/> puts into a batch under a loss.</summary>
    /// <param name="loss">The loss, which says what negatives there are.</param>
    /// <param name="batchSize">Most examples.</param>
    /// <param name="items">Items of the catalogue.</param>
    /// <param name="towers">Towers whose features and weights a batch needs too, or null.</param>
    internal static BatchPlan For(LossOptions loss, int batchSize, int items, TowerLayouts? towers = null) =>
        new(batchSize, BatchBuilder.NegativesOf(loss), SharedNegatives.RowsOf(loss, items), towers);

    /// <summary>Examples in use.</summary>
    public int Examples { get; set; }

    /// <summary>Explicit negatives per example, or candidates for them (0 for softmax).</summary>
    public int NegativesPerExample { get; }

    /// <summary>Distinct user rows in use; 0 where users have no rows of their own.</summary>
    public int UserCount { get; set; }

    /// <summary>Distinct queries in use: users or, where users have histories, users before their sessions.</summary>
    public int QueryCount { get; set; }

    /// <summary>Distinct item rows in use, positives and negatives together.</summary>
    public int ItemCount { get; set; }

    /// <summary>Rows of the user table in use: those of the users, then those of their features, then the tower's weights.</summary>
    public int UserRowCount { get; set; }

    /// <summary>Rows of the item table in use: those of the scored items, of their features, of items that are only in
    /// histories, then the tower's weights.</summary>
    public int ItemRowCount { get; set; }

    /// <summary>Where in <see cref="ItemRows"/> the rows of items that are only in histories begin.</summary>
    public int FirstForeignItem { get; set; }

    /// <summary>How many they are.</summary>
    public int ForeignItems { get; set; }

    /// <summary>The epoch, from 0.</summary>
    public int Epoch { get; set; }

    /// <summary>Position of the first example in the epoch; with the epoch it names the batch.</summary>
    public int First { get; set; }

    /// <summary>What the user tower needs to know of the batch.</summary>
    internal TowerBatch UserBatch => new(UserRows.AsMemory(0, UserRowCount), UserCount, Epoch, First);

    /// <summary>What the item tower needs to know of the batch.</summary>
    internal TowerBatch ItemBatch => new(ItemRows.AsMemory(0, ItemRowCount), ItemCount, Epoch, First, ForeignItems);

    /// <summary>Table row of every distinct user, in order of first appearance, and from <see cref="UserCount"/>
    /// on of what else the batch needs.</summary>
    public int[] UserRows { get; }

    /// <summary>Table row of every distinct item, in order of first appearance, and from <see cref="ItemCount"/>
    /// on of what else the batch needs.</summary>
    public int[] ItemRows { get; }

    /// <summary>How many examples have the distinct item as their positive.</summary>
    public int[] ItemMultiplicity { get; }

    /// <summary>How often the distinct item was drawn for the batch as a whole
    /// (<see cref="SharedNegatives"/>); all 0 without such draws.</summary>
    public int[] ItemDraws { get; }

    /// <summary>Estimated share of the distinct item in the train examples; filled only under
    /// <see cref="FrequencyEstimate.Streaming"/>.</summary>
    public double[] ItemShares { get; }

    /// <summary>Position among the queries of every example's.</summary>
    public int[] ExampleQuery { get; }

    /// <summary>The user of every query, as a row of the user table.</summary>
    public int[] QueryUsers { get; }

    /// <summary>Position in <see cref="UserRows"/> of every query's user, where users have histories and ids; what
    /// else stands here means nothing.</summary>
    public int[] QueryUserPlaces { get; }

    /// <summary>The session of every query, where users have histories.</summary>
    public int[] QuerySessions { get; }

    /// <summary>Where in <see cref="HistoryPlaces"/> every query's history begins; one more than there are queries.</summary>
    public int[] HistoryStart { get; }

    /// <summary>Positions in <see cref="ItemRows"/> of the items of the queries' histories, one after the other.</summary>
    public int[] HistoryPlaces { get; }

    /// <summary>How much each counts by place and age; a query's sum to 1.</summary>
    public float[] HistoryWeights { get; }

    /// <summary>Written by the user tower: how much each counts after attention.</summary>
    public float[] HistoryShares { get; }

    /// <summary>Position in <see cref="ItemRows"/> of every example's positive item.</summary>
    public int[] ExampleItem { get; }

    /// <summary>Positions in <see cref="ItemRows"/> of every example's negatives, [examples, negatives].</summary>
    public int[] ExampleNegatives { get; }

    /// <summary>What the worker that computes the batch remembers of earlier ones, or null.</summary>
    internal CrossBatchMemory? Memory { get; set; }

    /// <summary>Place of every example in the train positives.</summary>
    public int[] ExampleIndex { get; }

    /// <summary>Weight of every example.</summary>
    public float[] Weights { get; }
}
