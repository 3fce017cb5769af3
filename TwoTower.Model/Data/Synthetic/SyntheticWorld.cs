namespace TwoTower.Model.Data.Synthetic;

/// <summary>The hidden truth behind synthetic ratings: what items there are, when each is in fashion, and what each user likes. A user
/// takes an item with probability proportional to <see cref="Utility"/>, and likes it with that of <see cref="Liked"/>: ranking by their
/// product is the best that any model could do.</summary>
public sealed class SyntheticWorld
{
    /// <summary>Unix time of day 0 (2020-01-01).</summary>
    public const long StartTime = 1_577_836_800;

    private const int ItemStream = 11;
    private const int TasteStream = 12;
    private const int WanderStream = 13;
    private const int MostSteps = 400;
    private const double RatingNoise = 0.85;
    private static readonly double[] s_waves = [0.7, 1, 1.6];
    private readonly int _daysPerStep;
    private readonly int[] _nicheOf;
    private readonly double[] _appeal;
    private readonly double[] _releaseDay;
    private readonly double[] _quality;
    private readonly int[][] _itemsOfNiche;

    // [sitting][step][niche][n]: summed popularity of the first n + 1 items of the niche.
    private readonly double[][][][] _cumulative;

    /// <summary>The world of a profile and seed.</summary>
    public SyntheticWorld(SyntheticProfile profile, long seed)
    {
        Profile = profile;
        Seed = seed;
        _daysPerStep = Math.Max(4, profile.Days / MostSteps);
        _nicheOf = new int[profile.Items];
        _appeal = new double[profile.Items];
        _releaseDay = new double[profile.Items];
        _quality = new double[profile.Items];
        for (var item = 0; item < profile.Items; item++)
        {
            var random = new SeededRandom(seed, ItemStream, item);
            _nicheOf[item] = random.NextInt(Niches);
            var fame = random.NextGaussian();
            _appeal[item] = Math.Exp(profile.PopularitySpread * fame);

            _releaseDay[item] = random.NextDouble() < profile.OldShare ? -5 * profile.FashionDays * random.NextDouble()
                : profile.Days * random.NextDouble();
            _quality[item] = (0.35 * fame) + (0.3 * random.NextGaussian());
        }

        _itemsOfNiche = new int[Niches][];
        for (var niche = 0; niche < Niches; niche++)
        {
            _itemsOfNiche[niche] = [.. Enumerable.Range(0, profile.Items).Where(item => _nicheOf[item] == niche)];
        }

        _cumulative = [.. (profile.Return is null ? [Sitting.First] : new[] { Sitting.First, Sitting.Later })
            .Select(sitting => Enumerable.Range(0, (profile.Days / _daysPerStep) + 1)
                .Select(step => _itemsOfNiche.Select(items => Accumulate(items, step * _daysPerStep, sitting)).ToArray()).ToArray())];
    }

    /// <summary>Size and temper.</summary>
    public SyntheticProfile Profile { get; }

    /// <summary>The seed that everything follows from.</summary>
    public long Seed { get; }

    /// <summary>Number of niches over all genres.</summary>
    public int Niches => Profile.Genres * Profile.NichesPerGenre;

    /// <summary>Genre of an item, from 0.</summary>
    public int GenreOf(int item) => _nicheOf[item] / Profile.NichesPerGenre;

    /// <summary>How much a user is drawn to each niche: 1 is indifferent. <c>[niches]</c></summary>
    public double[] TasteOf(int user)
    {
        var random = new SeededRandom(Seed, TasteStream, user);
        var taste = new double[Niches];
        for (var genre = 0; genre < Profile.Genres; genre++)
        {
            var genreTaste = Profile.GenreTaste * random.NextGaussian();
            for (var niche = 0; niche < Profile.NichesPerGenre; niche++)
            {
                taste[(genre * Profile.NichesPerGenre) + niche] = Math.Exp(genreTaste + (Profile.NicheTaste * random.NextGaussian()));
            }
        }

        return taste;
    }

    /// <summary>How likely, relative to other items, a user with this taste takes the item at a unix time in seconds.</summary>
    /// <param name="taste">The user's, of <see cref="TasteOf"/>.</param>
    /// <param name="item">The item.</param>
    /// <param name="timestamp">When.</param>
    /// <param name="sitting">Whether the user is there for the first time.</param>
    internal double Utility(ReadOnlySpan<double> taste, int item, long timestamp, Sitting sitting) =>
        Liking(taste[_nicheOf[item]], sitting) * PopularityAt(item, timestamp, sitting);

    /// <summary>How likely a user who takes the item gives it at least this rating.</summary>
    public double Liked(int user, int item, double threshold)
    {
        // Ratings are whole and lie in [1, 5]: what is drawn is rounded, to the even neighbour from the
        // middle, where it falls with probability 0.
        var least = Math.Ceiling(threshold);
        return least <= 1 ? 1 : least > 5 ? 0 : Normal.Above((least - 0.5 - MeanRating(user, item)) / RatingNoise);
    }

    internal int NicheOf(int item) => _nicheOf[item];

    internal double PopularityAt(int item, long timestamp, Sitting sitting) =>
        Popularity(item, Step((timestamp - StartTime) / 86_400.0) * _daysPerStep, sitting);

    internal void AccumulateMass(ReadOnlySpan<double> taste, double day, Sitting sitting, Span<double> mass)
    {
        var sum = 0.0;
        for (var niche = 0; niche < mass.Length; niche++)
        {
            var cumulative = Cumulative(sitting)[Step(day)][niche];
            sum += cumulative.Length == 0 ? 0 : Liking(taste[niche], sitting) * cumulative[^1];
            mass[niche] = sum;
        }
    }

    internal int Draw(ref SeededRandom random, double day, Sitting sitting, ReadOnlySpan<double> mass)
    {
        var niche = Place(mass, random.NextDouble() * mass[^1]);
        var cumulative = Cumulative(sitting)[Step(day)][niche];
        return _itemsOfNiche[niche][Place(cumulative, random.NextDouble() * cumulative[^1])];
    }

    internal float Rate(int user, int item, ref SeededRandom random) =>
        (float)Math.Clamp(Math.Round(MeanRating(user, item) + (RatingNoise * random.NextGaussian())), 1, 5);

    private double MeanRating(int user, int item) => 3.31 + _quality[item]
        + (0.35 * new SeededRandom(Seed, TasteStream, user, 1).NextGaussian());

    // The first place whose sum exceeds the value.
    private static int Place(ReadOnlySpan<double> cumulative, double value)
    {
        var (low, high) = (0, cumulative.Length - 1);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = cumulative[middle] > value ? (low, middle) : (middle + 1, high);
        }

        return low;
    }

    private double[][][] Cumulative(Sitting sitting) => _cumulative[Profile.Return is null ? 0 : (int)sitting];

    private int Step(double day) => (int)(day / _daysPerStep);

    private double[] Accumulate(int[] items, double day, Sitting sitting)
    {
        var cumulative = new double[items.Length];
        var sum = 0.0;
        for (var n = 0; n < items.Length; n++)
        {
            sum += Popularity(items[n], day, sitting);
            cumulative[n] = sum;
        }

        return cumulative;
    }

    internal double Liking(double taste, Sitting sitting) => sitting == Sitting.Later && Profile.Return is { } law
        ? Math.Pow(taste, law.Taste) : taste;

    private double Popularity(int item, double day, Sitting sitting)
    {
        var age = day - _releaseDay[item];
        if (age < 0)
        {
            return 0;
        }

        var (appeal, lasting, wander) = sitting == Sitting.Later && Profile.Return is { } law
            ? (Math.Pow(_appeal[item], law.Appeal), law.LastingShare, law.Wander) : (_appeal[item], Profile.LastingShare, Profile.Wander);
        return appeal * (wander == 0 ? 1 : Math.Exp(wander * WanderOf(item, day)))
            * (lasting + ((1 - lasting) * Math.Exp(-age / Profile.FashionDays)));
    }

    // Of variance 1: waves of three lengths, each from a place of the item's own.
    private double WanderOf(int item, double day)
    {
        var random = new SeededRandom(Seed, WanderStream, item);
        var sum = 0.0;
        foreach (var length in s_waves)
        {
            sum += Math.Cos(2 * Math.PI * ((day / (length * Profile.WanderDays)) + random.NextDouble()));
        }

        return sum * Math.Sqrt(2.0 / s_waves.Length);
    }
}

/// <summary>Whether somebody is there for the first time.</summary>
internal enum Sitting
{
    /// <summary>At sign-up.</summary>
    First,

    /// <summary>Somebody who has come back.</summary>
    Later,
}
