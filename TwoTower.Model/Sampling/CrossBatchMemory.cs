using TwoTower.Model.Options;

namespace TwoTower.Model.Sampling;

/// <summary>The item vectors of the last batches that one worker computed: further columns of its in-batch softmax, as they were then and
/// without gradient (Wang et al. 2020, "Cross-batch memory for embedding learning"; Wang, Zhu and He 2021, "Cross-batch negative sampling
/// for training two-tower recommenders").</summary>
/// <remarks>It belongs to a worker, so what is in it depends on which batches that worker was
/// given. Not safe for several threads.</remarks>
internal sealed class CrossBatchMemory
{
    private readonly Remembered[] _batches;
    private int _next;

    private CrossBatchMemory(int batches, int dim)
    {
        Dim = dim;
        _batches = new Remembered[batches];
        for (var n = 0; n < batches; n++)
        {
            _batches[n] = new Remembered();
        }
    }

    /// <summary>Floats of a vector.</summary>
    public int Dim { get; }

    /// <summary>Batches in memory.</summary>
    public int Count { get; private set; }

    /// <summary>Examples of all of them together.</summary>
    public int Examples { get; private set; }

    /// <summary>An empty memory, or null when the loss has none.</summary>
    public static CrossBatchMemory? For(LossOptions loss, ModelOptions model) => loss.CrossBatchMemory > 0
        ? new CrossBatchMemory(loss.CrossBatchMemory, model.Dim) : null;

    /// <summary>A batch, 0 being the newest.</summary>
    internal Remembered this[int age] => _batches[(_next - 1 - age + _batches.Length) % _batches.Length];

    /// <summary>Takes in the positives of a batch in place of the oldest.</summary>
    /// <param name="plan">The batch.</param>
    /// <param name="vectors">Its items' vectors as they score, [ItemCount, <see cref="Dim"/>].</param>
    /// <param name="items">Raw item rows, [ItemCount, <paramref name="width"/>].</param>
    /// <param name="width">Floats of a raw row; what follows its vector is the bias.</param>
    public void Add(BatchPlan plan, ReadOnlySpan<float> vectors, ReadOnlySpan<float> items, int width)
    {
        var batch = _batches[_next];
        _next = (_next + 1) % _batches.Length;
        Count = Math.Min(Count + 1, _batches.Length);
        Examples += plan.Examples - batch.Examples;
        batch.Take(plan, vectors, items, Dim, width);
    }

    /// <summary>One batch's positives.</summary>
    internal sealed class Remembered
    {
        private int[] _rows = [];
        private int[] _multiplicity = [];
        private double[] _shares = [];
        private float[] _bias = [];
        private float[] _vectors = [];

        /// <summary>Examples of the batch.</summary>
        public int Examples { get; private set; }

        /// <summary>Distinct items.</summary>
        public int Count { get; private set; }

        /// <summary>Rows of the item table.</summary>
        public ReadOnlySpan<int> Rows => _rows.AsSpan(0, Count);

        /// <summary>How many examples have the item.</summary>
        public ReadOnlySpan<int> Multiplicity => _multiplicity.AsSpan(0, Count);

        /// <summary>Streamed shares, where the batch had any.</summary>
        public ReadOnlySpan<double> Shares => _shares.AsSpan(0, Count);

        /// <summary>Biases; 0 where there are none.</summary>
        public ReadOnlySpan<float> Bias => _bias.AsSpan(0, Count);

        /// <summary>Vectors, [Count, dim].</summary>
        public ReadOnlySpan<float> Vectors => _vectors;

        public void Take(BatchPlan plan, ReadOnlySpan<float> vectors, ReadOnlySpan<float> items, int dim, int width)
        {
            if (_rows.Length < plan.ItemCount)
            {
                (_rows, _multiplicity, _shares, _bias) = (new int[plan.ItemCount], new int[plan.ItemCount], new double[plan.ItemCount],
                    new float[plan.ItemCount]);
                _vectors = new float[plan.ItemCount * dim];
            }

            (Count, Examples) = (0, plan.Examples);
            for (var item = 0; item < plan.ItemCount; item++)
            {
                if (plan.ItemMultiplicity[item] == 0)
                {
                    continue; // drawn, not come by
                }

                _rows[Count] = plan.ItemRows[item];
                _multiplicity[Count] = plan.ItemMultiplicity[item];
                _shares[Count] = plan.ItemShares[item];
                _bias[Count] = width > dim ? items[(item * width) + dim] : 0f;
                vectors.Slice(item * dim, dim).CopyTo(_vectors.AsSpan(Count * dim));
                Count++;
            }
        }
    }
}
