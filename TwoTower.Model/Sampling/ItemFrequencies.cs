namespace TwoTower.Model.Sampling;

/// <summary>How often an item is a positive of a random train example: the q of the log-q correction (Yi et al. 2019, section 3), counted
/// exactly from train instead of estimated from a stream.</summary>
internal static class ItemFrequencies
{
    /// <summary>log(count / total) of every item. An item without train positives counts as if it had one, so that the logarithm stays
    /// finite; such an item is never in a batch's softmax.</summary>
    /// <returns>One value per row of the item table.</returns>
    public static float[] LogQ(TrainingSet set)
    {
        var total = (double)Math.Max(1, set.Log.Count);
        return Array.ConvertAll(set.ItemCounts, count => (float)Math.Log(Math.Max(1, count) / total));
    }
}
