namespace TwoTower.Node.Learned;

/// <summary>Somebody to recommend to.</summary>
/// <param name="User">Raw id; null for somebody who is known only by what they like.</param>
/// <param name="Origin">Where the vector comes from.</param>
/// <param name="Vector">Their vector, as it scores.</param>
/// <param name="Liked">Items that they liked, by time where times are known.</param>
/// <param name="Weights">How much each counts by its age.</param>
/// <param name="Seen">Items that are no recommendation any more.</param>
/// <param name="Later">Their validation positives.</param>
internal sealed record TasteProfile(string? User, VectorOrigin Origin, ReadOnlyMemory<float> Vector, int[] Liked, float[] Weights,
    int[] Seen, IReadOnlySet<int> Later);
