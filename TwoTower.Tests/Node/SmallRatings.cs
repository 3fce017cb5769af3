using TwoTower.Model;

namespace TwoTower.Tests.Node;

/// <summary>A small file of ratings.</summary>
internal static class SmallRatings
{
    /// <summary>Every pair of 40 users and 60 items once, in a shuffled order; every third is no positive.</summary>
    public static void Write(string path)
    {
        var random = new SeededRandom(4);
        var pairs = Enumerable.Range(0, 2400).OrderBy(_ => random.NextUInt64()).ToArray();
        File.WriteAllLines(path, pairs.Select((pair, n) => $"{pair % 40},{pair / 40},{(n % 3 == 0 ? "3" : "5")},{1_000_000_000 + n}")
            .Prepend("userId,movieId,rating,timestamp"));
    }
}
