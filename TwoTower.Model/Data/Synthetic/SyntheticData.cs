using TwoTower.Model.Data.Reading;

namespace TwoTower.Model.Data.Synthetic;

/// <summary>Makes ratings from a seed, with what makes real ones hard: power-law popularity that drifts as items are released and age,
/// personal taste, and users who come in bursts.</summary>
public static class SyntheticData
{
    private const int UserStream = 1;
    private const int SessionStream = 2;
    private const int MostTries = 40;

    /// <summary>The rating table of a profile and seed: the same on every machine.</summary>
    internal static RatingTable Create(SyntheticProfile profile, long seed) => Create(new SyntheticWorld(profile, seed));

    /// <summary>The ratings that the users of a world leave behind.</summary>
    internal static RatingTable Create(SyntheticWorld world)
    {
        var profile = world.Profile;
        var table = new RatingTableBuilder(new DataOptions());
        for (var item = 0; item < profile.Items; item++)
        {
            table.Titles[(item + 1).ToString()] = $"Item {item + 1} ({GenreName(world.GenreOf(item))})";
        }

        var activity = Activity(profile, world.Seed);
        var seen = new int[profile.Items];
        for (var user = 0; user < profile.Users; user++)
        {
            RateAll(world, table, user, activity[user], seen);
        }

        return table.Complete($"synthetic-{profile.Name}", $"synthetic ({profile.Name}, seed {world.Seed})");
    }

    /// <summary>Name of a genre of the world, which stands in the titles too.</summary>
    internal static string GenreName(int genre) => $"genre {genre + 1}";

    // Lognormal like MovieLens: half of the users have few ratings, some have hundreds.
    private static int[] Activity(SyntheticProfile profile, long seed)
    {
        var weights = new double[profile.Users];
        for (var user = 0; user < weights.Length; user++)
        {
            weights[user] = Math.Exp(profile.ActivitySpread * new SeededRandom(seed, UserStream, user).NextGaussian());
        }

        var scale = (profile.Ratings - ((double)profile.FewestRatings * profile.Users)) / weights.Sum();
        return [.. weights.Select(weight => Math.Min(profile.FewestRatings + (int)(scale * weight), profile.Items / 3))];
    }

    private static void RateAll(SyntheticWorld world, RatingTableBuilder table, int user, int activity, int[] seen)
    {
        var random = new SeededRandom(world.Seed, SessionStream, user);
        var visitor = (User: user, Code: table.Users.Intern(user + 1), Taste: world.TasteOf(user));
        if (world.Profile.Return is { } law)
        {
            foreach (var (day, count, sitting) in Visits.WithReturns(world.Profile, law, activity, ref random))
            {
                Sit(world, table, visitor, day, count, sitting, seen, ref random);
            }

            return;
        }

        var days = Visits.Spread(world.Profile, activity, ref random);
        var left = activity;
        for (var session = 0; session < days.Length; session++)
        {
            var count = session == days.Length - 1 ? left : Math.Min(left, 1 + (int)(2.0 * activity / days.Length * random.NextDouble()));
            left -= count;
            Sit(world, table, visitor, days[session], count, Sitting.First, seen, ref random);
        }
    }

    private static void Sit(SyntheticWorld world, RatingTableBuilder table, (int User, int Code, double[] Taste) visitor, double day,
        int count, Sitting sitting, int[] seen, ref SeededRandom random)
    {
        var timestamp = SyntheticWorld.StartTime + (long)(day * 86_400);
        Span<double> mass = new double[world.Niches];
        world.AccumulateMass(visitor.Taste, day, sitting, mass);
        for (var n = 0; n < count; n++)
        {
            var item = DrawUnseen(world, ref random, day, sitting, mass, seen, visitor.User + 1);
            if (item >= 0)
            {
                timestamp += 10 + random.NextInt(80);
                table.Add(visitor.Code, table.Items.Intern(item + 1), world.Rate(visitor.User, item, ref random), timestamp);
            }
        }
    }

    private static int DrawUnseen(SyntheticWorld world, ref SeededRandom random, double day, Sitting sitting, ReadOnlySpan<double> mass,
        int[] seen, int mark)
    {
        for (var tries = 0; tries < MostTries; tries++)
        {
            var item = world.Draw(ref random, day, sitting, mass);
            if (seen[item] != mark)
            {
                seen[item] = mark;
                return item;
            }
        }

        return -1;
    }
}
