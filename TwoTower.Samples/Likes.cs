using TwoTower.Model;
using TwoTower.Model.Data;

namespace TwoTower.Samples;

/// <summary>Pairs to play with: everybody likes items of one of four kinds, one item an hour.</summary>
internal static class Likes
{
    /// <summary>A few thousand likes of 200 users and 200 items, the same every time.</summary>
    public static IEnumerable<Rating> Made()
    {
        var random = new SeededRandom(1);
        var hour = new DateTimeOffset(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);
        for (var n = 0; n < 6000; n++)
        {
            var user = random.NextInt(200);
            var kind = random.NextInt(5) > 0 ? user % 4 : random.NextInt(4);
            yield return new Rating($"user {user}", $"item {(4 * random.NextInt(50)) + kind}", hour = hour.AddHours(1));
        }
    }
}
