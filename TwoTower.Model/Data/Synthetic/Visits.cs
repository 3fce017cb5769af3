namespace TwoTower.Model.Data.Synthetic;

/// <summary>When a synthetic user sits down, and for how many ratings.</summary>
internal static class Visits
{
    private const double RatingsPerSession = 15;

    // Half of those who come back give between this less and this more of their ratings in their first sitting than the law's mean.
    private const double FirstSittingSpread = 0.25;

    /// <summary>Days of sittings that are spread evenly over the time of a user's stay, ascending.</summary>
    public static double[] Spread(SyntheticProfile profile, int activity, ref SeededRandom random)
    {
        var days = new double[Math.Max(1, (int)Math.Round(activity / RatingsPerSession))];
        var span = (double)profile.Days;
        var joined = 0.93 * span * Math.Pow(random.NextDouble(), 1.2);
        var stays = Math.Min(span - joined, -0.4 * span * Math.Log(1 - random.NextDouble()));
        if (profile.BurstShare > 0 && random.NextDouble() < profile.BurstShare)
        {
            joined = span * (SyntheticProfile.BurstStart + (SyntheticProfile.BurstLength * random.NextDouble()));
            stays = Math.Min(span - joined, stays);
        }

        if (profile.OneDayShare > 0 && random.NextDouble() < profile.OneDayShare)
        {
            stays = Math.Min(span - joined, 1);
        }

        for (var session = 1; session < days.Length; session++)
        {
            days[session] = random.NextDouble() * stays;
        }

        Array.Sort(days);
        return [.. days.Select(day => Math.Min(joined + day, span - 1e-3))];
    }

    /// <summary>A first sitting, which for most is the only one, and later ones.</summary>
    public static List<(double Day, int Count, Sitting Sitting)> WithReturns(SyntheticProfile profile, ReturnLaw law, int activity,
        ref SeededRandom random)
    {
        var span = (double)profile.Days;
        var joined = 0.98 * span * Math.Pow(random.NextDouble(), 1.1);
        var mean = (double)profile.Ratings / profile.Users;
        var returns = random.NextDouble() < 1 - Math.Pow(1 - law.Share, activity / mean);
        var part = law.FirstSitting + (FirstSittingSpread * ((2 * random.NextDouble()) - 1));
        var first = returns ? Math.Clamp((int)(activity * part), 1, activity) : activity;
        var visits = new List<(double Day, int Count, Sitting Sitting)> { (joined, first, Sitting.First) };
        var sittings = Math.Max(1, (int)Math.Round((activity - first) / law.SittingSize));
        for (var sitting = 0; sitting < sittings && first < activity; sitting++)
        {
            var day = joined - (law.Stay * span * Math.Log(1 - random.NextDouble()));
            var count = ((activity - first) * (sitting + 1) / sittings) - ((activity - first) * sitting / sittings);
            if (day < span - 1e-3)
            {
                visits.Add((day, count, Sitting.Later));
            }
        }

        visits.Sort((one, other) => one.Day.CompareTo(other.Day));
        return visits;
    }
}
