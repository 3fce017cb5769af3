namespace TwoTower.Model.Data;

/// <summary>Makes ratings from a seed, with what makes real ones hard: power-law popularity that drifts as items are released and age, personal
/// taste, and users who come in bursts.</summary>
public static class SyntheticData
{
    private const int UserStream = 1;
    private const int SessionStream = 2;
    private const int FewestRatings = 12;
    private const double RatingsPerSession = 15;
    private const double ActivitySpread = 0.9;
    private const int MostTries = 40;

    /// <summary>The rating table of a profile and seed: the same on every machine.</summary>
    public static RatingTable Create(SyntheticProfile profile, long seed) => Create(new SyntheticWorld(profile, seed));

    /// <summary>The ratings that the users of a world leave behind.</summary>
    public static RatingTable Create(SyntheticWorld world)
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
            weights[user] = Math.Exp(ActivitySpread * new SeededRandom(seed, UserStream, user).NextGaussian());
        }

        var scale = (profile.Ratings - ((double)FewestRatings * profile.Users)) / weights.Sum();
        return [.. weights.Select(weight => Math.Min(FewestRatings + (int)(scale * weight), profile.Items / 3))];
    }

    private static void RateAll(SyntheticWorld world, RatingTableBuilder table, int user, int activity, int[] seen)
    {
        var random = new SeededRandom(world.Seed, SessionStream, user);
        var userCode = table.Users.Intern(user + 1);
        var taste = world.TasteOf(user);
        var sessions = Math.Max(1, (int)Math.Round(activity / RatingsPerSession));
        var span = (double)world.Profile.Days;
        var joined = 0.93 * span * Math.Pow(random.NextDouble(), 1.2);
        var stays = Math.Min(span - joined, -0.4 * span * Math.Log(1 - random.NextDouble()));
        if (world.Profile.BurstShare > 0 && random.NextDouble() < world.Profile.BurstShare)
        {
            joined = span * (SyntheticProfile.BurstStart + (SyntheticProfile.BurstLength * random.NextDouble()));
            stays = Math.Min(span - joined, stays);
        }

        if (world.Profile.OneDayShare > 0 && random.NextDouble() < world.Profile.OneDayShare)
        {
            stays = Math.Min(span - joined, 1);
        }

        var days = new double[sessions];
        for (var session = 1; session < sessions; session++)
        {
            days[session] = random.NextDouble() * stays;
        }

        Array.Sort(days);
        Span<double> mass = new double[world.Niches];
        var left = activity;
        for (var session = 0; session < sessions; session++)
        {
            var count = session == sessions - 1 ? left : Math.Min(left, 1 + (int)(2.0 * activity / sessions * random.NextDouble()));
            left -= count;
            var day = Math.Min(joined + days[session], span - 1e-3);
            var timestamp = SyntheticWorld.StartTime + (long)(day * 86_400);
            world.AccumulateMass(taste, day, mass);
            for (var n = 0; n < count; n++)
            {
                var item = DrawUnseen(world, ref random, day, mass, seen, user + 1);
                if (item >= 0)
                {
                    timestamp += 10 + random.NextInt(80);
                    table.Add(userCode, table.Items.Intern(item + 1), world.Rate(user, item, ref random), timestamp);
                }
            }
        }
    }

    private static int DrawUnseen(SyntheticWorld world, ref SeededRandom random, double day, ReadOnlySpan<double> mass, int[] seen, int mark)
    {
        for (var tries = 0; tries < MostTries; tries++)
        {
            var item = world.Draw(ref random, day, mass);
            if (seen[item] != mark)
            {
                seen[item] = mark;
                return item;
            }
        }

        return -1;
    }
}
