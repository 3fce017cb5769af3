namespace TwoTower.Model.Sampling;

/// <summary>The order in which an epoch visits the examples: a Fisher–Yates shuffle (Knuth, TAOCP vol. 2, 3.4.2, algorithm P) that is a
/// pure function of seed and epoch. One instance is shared by all workers; it is safe for several threads.</summary>
internal sealed class EpochOrder
{
    private const long Stream = 0x0DE5;

    private readonly Lock _lock = new();
    private readonly long _seed;
    private (int Epoch, int[] Order)? _newest;
    private (int Epoch, int[] Order)? _older;

    /// <summary>Orders of a number of examples under a seed.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="examples"/> is negative.</exception>
    public EpochOrder(int examples, long seed)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(examples);
        Examples = examples;
        _seed = seed;
    }

    /// <summary>Examples in an epoch.</summary>
    public int Examples { get; }

    /// <summary>The permutation of an epoch: the example visited at every position. The last two epochs asked for are kept, because workers
    /// that are out of step read from both sides of an epoch's end.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="epoch"/> is negative.</exception>
    public ReadOnlyMemory<int> Of(int epoch)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(epoch);
        lock (_lock)
        {
            if (_newest is { } newest && newest.Epoch == epoch)
            {
                return newest.Order;
            }

            var found = _older is { } older && older.Epoch == epoch ? older : (epoch, Shuffle(epoch));
            _older = _newest;
            _newest = found;
            return found.Item2;
        }
    }

    private int[] Shuffle(int epoch)
    {
        var order = new int[Examples];
        var random = new SeededRandom(_seed, Stream, epoch);
        for (var n = 0; n < order.Length; n++)
        {
            var other = random.NextInt(n + 1);
            order[n] = order[other];
            order[other] = n;
        }

        return order;
    }
}
