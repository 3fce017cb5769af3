namespace TwoTower.Model.Sampling;

/// <summary>How often items come by in the stream of train examples, estimated from the stream alone (Yi et al. 2019, algorithm 2): every
/// bucket keeps the position A of its last example and a running mean B of the gap between two, B ← (1 − α) B + α (t − A), A ← t; the share
/// of an item is 1/B of its bucket.</summary>
/// <remarks>
/// Time is counted in examples, not in steps, so the share does not depend on the batch size. The stream is the order of the epochs, which
/// is a function of the seed: the state at a position is so too, whichever worker asks and whatever it computed before. A builder that goes
/// on from where it was pays for the examples between; one that goes back begins at the start of the epoch, when it remembers that, or of
/// the run. Not safe for several threads.
/// </remarks>
internal sealed class StreamedFrequencies
{
    private const long Stream = 0x57E4;

    private readonly TrainingSet _set;
    private readonly EpochOrder _order;
    private readonly double _rate;
    private readonly int[] _bucketOf;
    private readonly State _now;
    private readonly State _atEpochStart;

    /// <summary>Estimates before the first example: every item alike.</summary>
    /// <param name="set">The examples.</param>
    /// <param name="order">Their order.</param>
    /// <param name="rate">α, above 0 and at most 1.</param>
    /// <param name="buckets">Buckets that items are hashed into; 0 gives each its own.</param>
    /// <param name="seed">Names the hash function.</param>
    public StreamedFrequencies(TrainingSet set, EpochOrder order, double rate, int buckets, long seed)
    {
        _set = set;
        _order = order;
        _rate = rate;
        _bucketOf = new int[set.Items];
        for (var item = 0; item < set.Items; item++)
        {
            _bucketOf[item] = buckets == 0 ? item : new SeededRandom(seed, Stream, item).NextInt(buckets);
        }

        var size = buckets == 0 ? set.Items : buckets;
        (_now, _atEpochStart) = (new State(size), new State(size));
        _now.Start(set.Items);
        _atEpochStart.CopyFrom(_now);
    }

    /// <summary>Moves to the state after a number of examples of an epoch.</summary>
    /// <param name="epoch">The epoch, from 0.</param>
    /// <param name="position">Examples of it that have come by.</param>
    public void MoveTo(int epoch, int position)
    {
        if ((epoch, position).CompareTo((_now.Epoch, _now.Position)) < 0)
        {
            if (_atEpochStart.Epoch > epoch)
            {
                _atEpochStart.Start(_set.Items);
            }

            _now.CopyFrom(_atEpochStart);
        }

        while (_now.Epoch < epoch)
        {
            Advance(_order.Examples);
            (_now.Epoch, _now.Position) = (_now.Epoch + 1, 0);
            _atEpochStart.CopyFrom(_now);
        }

        Advance(position);
    }

    /// <summary>The estimated share of an item, above 0.</summary>
    public double ShareOf(int item) => 1.0 / _now.Gap[_bucketOf[item]];

    private void Advance(int position)
    {
        var order = _order.Of(_now.Epoch).Span;
        for (; _now.Position < position; _now.Position++)
        {
            var bucket = _bucketOf[_set.Log.Items[order[_now.Position]]];
            var time = ((long)_now.Epoch * _order.Examples) + _now.Position + 1;
            _now.Gap[bucket] += _rate * (time - _now.Last[bucket] - _now.Gap[bucket]);
            _now.Last[bucket] = time;
        }
    }

    private sealed class State(int buckets)
    {
        public int Epoch { get; set; }

        public int Position { get; set; }

        public long[] Last { get; } = new long[buckets];

        public double[] Gap { get; } = new double[buckets];

        public void Start(int items)
        {
            (Epoch, Position) = (0, 0);
            Array.Clear(Last);
            Array.Fill(Gap, items);
        }

        public void CopyFrom(State other)
        {
            (Epoch, Position) = (other.Epoch, other.Position);
            other.Last.CopyTo(Last, 0);
            other.Gap.CopyTo(Gap, 0);
        }
    }
}
