using TwoTower.Model.Options;

namespace TwoTower.Model.Sampling;

/// <summary>Draws BPR's negatives. Every draw is a pure function of (seed, epoch, position of the example in the epoch, n), so it depends
/// neither on the batch size nor on which worker draws it. Immutable after construction and safe for several threads.</summary>
/// <remarks>Where the set of allowed items is empty the rule is relaxed one step at a time: <see cref="NegativeSampling.Popularity"/> for a
/// user who knows every item that has a weight draws uniformly from the unseen items; a user who knows every item of the catalogue gets
/// uniform draws from all items, because a run should not end over one such user.</remarks>
internal sealed class NegativeSampler
{
    private const long Stream = 0x4E65;
    private const int Tries = 32;

    /// <summary>Numbers set aside for one draw: two for each try, one for the fallback, rounded up to a power of two.</summary>
    private const int DrawBits = 7;

    private readonly TrainingSet _set;
    private readonly NegativeSampling _kind;
    private readonly long _seed;
    private readonly double[] _mass = [];
    private readonly AliasTable? _alias;

    /// <summary>Prepares the tables of <see cref="LossOptions.Sampling"/>.</summary>
    /// <exception cref="ArgumentException">The catalogue is empty, or no item has a weight to draw by.</exception>
    public NegativeSampler(TrainingSet set, LossOptions options, long seed)
    {
        if (set.Items == 0)
        {
            throw new ArgumentException("The catalogue has no items to draw negatives from.", nameof(set));
        }

        _set = set;
        _kind = options.Sampling;
        _seed = seed;
        if (_kind == NegativeSampling.Popularity)
        {
            _mass = Array.ConvertAll(set.ItemCounts, count => Math.Pow(count, options.PopularityAlpha));
            _alias = new AliasTable(_mass);
        }
    }

    /// <summary>One negative.</summary>
    /// <param name="user">The example's user.</param>
    /// <param name="epoch">The epoch.</param>
    /// <param name="position">Position of the example in the epoch's order.</param>
    /// <param name="n">Which of the example's negatives (or candidates for one), from 0.</param>
    /// <param name="ranked">What <see cref="NegativeSampling.Ranked"/> draws from; null, or a user without
    /// items in it, draws any unseen item.</param>
    /// <returns>A row of the item table.</returns>
    public int Draw(int user, int epoch, int position, int n, RankedNegatives? ranked = null)
    {
        var random = new SeededRandom(_seed, Stream, epoch, ((long)position << 32) | ((long)n << DrawBits));
        return _kind switch
        {
            NegativeSampling.Uniform => random.NextInt(_set.Items),
            NegativeSampling.Unseen or NegativeSampling.Dynamic => Unseen(ref random, user),
            NegativeSampling.Ranked => ranked is not null && ranked.Of(user) is { Length: > 0 } best ? best[random.NextInt(best.Length)]
                : Unseen(ref random, user),
            _ => Popular(ref random, user),
        };
    }

    /// <summary>The r-th unseen item for a uniform rank r. With the known items k₀ &lt; k₁ &lt; … ascending, kᵢ − i unseen items lie below
    /// kᵢ, so the answer is r plus the number of known items with kᵢ − i ≤ r: one binary search, and never a rejected draw.</summary>
    private int Unseen(ref SeededRandom random, int user)
    {
        var known = _set.Known.ItemsOf(user);
        var unseen = _set.Items - known.Length;
        if (unseen == 0)
        {
            return random.NextInt(_set.Items);
        }

        var rank = random.NextInt(unseen);
        var low = 0;
        var high = known.Length;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (known[middle] - middle <= rank)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return rank + low;
    }

    private int Popular(ref SeededRandom random, int user)
    {
        var known = _set.Known.ItemsOf(user);
        for (var attempt = 0; attempt < Tries; attempt++)
        {
            var item = _alias!.Draw(ref random);
            if (known.BinarySearch(item) < 0)
            {
                return item;
            }
        }

        return PopularByScan(ref random, user, known);
    }

    /// <summary>The same distribution by one pass over the catalogue: for users who know nearly everything that is popular.</summary>
    private int PopularByScan(ref SeededRandom random, int user, ReadOnlySpan<int> known)
    {
        // The mass is summed item by item, not as total − known: for a user who knows all the mass that difference is rounding noise.
        double allowed = 0;
        var next = 0;
        for (var item = 0; item < _mass.Length; item++)
        {
            if (next < known.Length && known[next] == item)
            {
                next++;
                continue;
            }

            allowed += _mass[item];
        }

        if (allowed <= 0)
        {
            return Unseen(ref random, user);
        }

        var target = random.NextDouble() * allowed;
        double sum = 0;
        var last = -1;
        next = 0;
        for (var item = 0; item < _mass.Length; item++)
        {
            if (next < known.Length && known[next] == item)
            {
                next++;
                continue;
            }

            if (_mass[item] > 0)
            {
                last = item;
                sum += _mass[item];
                if (target < sum)
                {
                    return item;
                }
            }
        }

        return last;
    }
}
