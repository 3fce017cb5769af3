namespace TwoTower.Model.Data;

/// <summary>The hidden truth behind synthetic ratings: what items there are, when each is in fashion, and what each user likes. A user takes an
/// item with probability proportional to <see cref="Utility"/>, so ranking by it is the best that any model could do.</summary>
public sealed class SyntheticWorld
{
    /// <summary>Unix time of day 0 (2020-01-01).</summary>
    public const long StartTime = 1_577_836_800;

    private const int ItemStream = 11;
    private const int TasteStream = 12;
    private const int MostSteps = 400;
    private const double PopularitySpread = 1.6;
    private const double GenreTaste = 1.0;
    private const double NicheTaste = 1.2;
    private readonly int _daysPerStep;
    private readonly int[] _nicheOf;
    private readonly double[] _appeal;
    private readonly double[] _releaseDay;
    private readonly double[] _quality;
    private readonly int[][] _itemsOfNiche;

    // [step][niche][n]: summed popularity of the first n + 1 items of the niche.
    private readonly double[][][] _cumulative;

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
            _appeal[item] = Math.Exp(PopularitySpread * fame);

            _releaseDay[item] = random.NextDouble() < profile.OldShare ? -5 * profile.FashionDays * random.NextDouble() : profile.Days * random.NextDouble();
            _quality[item] = (0.35 * fame) + (0.3 * random.NextGaussian());
        }

        _itemsOfNiche = new int[Niches][];
        for (var niche = 0; niche < Niches; niche++)
        {
            _itemsOfNiche[niche] = [.. Enumerable.Range(0, profile.Items).Where(item => _nicheOf[item] == niche)];
        }

        _cumulative = new double[(profile.Days / _daysPerStep) + 1][][];
        for (var step = 0; step < _cumulative.Length; step++)
        {
            _cumulative[step] = [.. _itemsOfNiche.Select(items => Accumulate(items, step * _daysPerStep))];
        }
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
            var genreTaste = GenreTaste * random.NextGaussian();
            for (var niche = 0; niche < Profile.NichesPerGenre; niche++)
            {
                taste[(genre * Profile.NichesPerGenre) + niche] = Math.Exp(genreTaste + (NicheTaste * random.NextGaussian()));
            }
        }

        return taste;
    }

    /// <summary>How likely, relative to other items, a user with this taste takes the item at a unix time in seconds.</summary>
    public double Utility(ReadOnlySpan<double> taste, int item, long timestamp) =>
        taste[_nicheOf[item]] * Popularity(item, Step((timestamp - StartTime) / 86_400.0) * _daysPerStep);

    internal void AccumulateMass(ReadOnlySpan<double> taste, double day, Span<double> mass)
    {
        var sum = 0.0;
        for (var niche = 0; niche < mass.Length; niche++)
        {
            var cumulative = _cumulative[Step(day)][niche];
            sum += cumulative.Length == 0 ? 0 : taste[niche] * cumulative[^1];
            mass[niche] = sum;
        }
    }

    internal int Draw(ref SeededRandom random, double day, ReadOnlySpan<double> mass)
    {
        var niche = Place(mass, random.NextDouble() * mass[^1]);
        var cumulative = _cumulative[Step(day)][niche];
        return _itemsOfNiche[niche][Place(cumulative, random.NextDouble() * cumulative[^1])];
    }

    internal float Rate(int user, int item, ref SeededRandom random)
    {
        var mood = 0.35 * new SeededRandom(Seed, TasteStream, user, 1).NextGaussian();
        return (float)Math.Clamp(Math.Round(3.31 + _quality[item] + mood + (0.85 * random.NextGaussian())), 1, 5);
    }

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

    private int Step(double day) => (int)(day / _daysPerStep);

    private double[] Accumulate(int[] items, double day)
    {
        var cumulative = new double[items.Length];
        var sum = 0.0;
        for (var n = 0; n < items.Length; n++)
        {
            sum += Popularity(items[n], day);
            cumulative[n] = sum;
        }

        return cumulative;
    }

    private double Popularity(int item, double day)
    {
        var age = day - _releaseDay[item];
        return age < 0 ? 0 : _appeal[item] * (Profile.LastingShare + ((1 - Profile.LastingShare) * Math.Exp(-age / Profile.FashionDays)));
    }
}
