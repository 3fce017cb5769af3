using TwoTower.Model.Options;
using TwoTower.Model.Sampling;

namespace TwoTower.Model.Losses;

/// <summary>The columns of a batch's softmax: one per distinct item, with what is added to its products and how often it counts.</summary>
/// <remarks>Items that are only in memory come after those of the batch, each with its newest vector. One that is in both is a column of
/// the batch: its vector is here, so it has no need of an old one.</remarks>
internal sealed class SoftmaxColumns
{
    private readonly ModelOptions _model;
    private readonly LossOptions _loss;
    private readonly TrainingSet _set;
    private readonly ColumnFrequencies _frequencies;
    private readonly ItemPrior? _prior;
    private readonly float[] _base;
    private float[] _shift;
    private readonly float[]?[] _shiftAt;
    private readonly bool[] _isMade;
    private readonly float[] _bias;
    private readonly float[] _multiplicity;
    private readonly int[] _columnOf;
    private readonly bool _draws;
    private readonly int[] _recalledRows;
    private readonly (int Age, int Place)[] _recalled;
    private int _count;
    private int _examples;
    private int _ofBatch;

    /// <summary>Room for <paramref name="capacity"/> columns.</summary>
    public SoftmaxColumns(ModelOptions model, LossOptions loss, TrainingSet set, int capacity)
    {
        _model = model;
        _loss = loss;
        _set = set;
        _frequencies = new ColumnFrequencies(loss, set);
        _prior = ItemPrior.Of(model, set);
        _base = new float[capacity];
        _shiftAt = new float[]?[_prior?.Steps ?? 0];
        _isMade = new bool[_shiftAt.Length];
        _shift = _base;
        _bias = new float[model.ItemBias ? capacity : 0];
        _multiplicity = new float[capacity];
        _columnOf = new int[set.Items];
        Array.Fill(_columnOf, -1);
        _draws = SharedNegatives.CountOf(loss) > 0;
        (_recalledRows, _recalled) = loss.CrossBatchMemory > 0 ? (new int[capacity], new (int, int)[capacity]) : ([], []);
        Own = loss.Kind == LossKind.SampledSoftmax ? 0 : 1;
    }

    /// <summary>How often an example's own positive is among the columns as itself: 1, or 0 where columns are draws only.</summary>
    public int Own { get; }

    /// <summary>Columns: the batch's distinct items, then those that are only in memory.</summary>
    public int Count => _count;

    /// <summary>Σ of the multiplicities.</summary>
    public long Total { get; private set; }

    /// <summary>What scores are divided by in this batch.</summary>
    public double Temperature { get; private set; }

    /// <summary>Every column's bias; empty when there are none.</summary>
    public ReadOnlySpan<float> Bias => _bias.AsSpan(0, _model.ItemBias ? _count : 0);

    /// <summary>What is added to the scaled product: bias/T + prior − λ log q, with the prior of the moment that was taken last.</summary>
    public ReadOnlySpan<float> Shift => _shift.AsSpan(0, _count);

    /// <summary>How many columns of the B × B form each stands for.</summary>
    public ReadOnlySpan<float> Multiplicity => _multiplicity.AsSpan(0, _count);

    /// <summary>log q of a distinct item of the batch.</summary>
    public float LogQ(BatchPlan plan, int item) => _frequencies.LogQ(plan.ItemRows[item], plan.ItemShares[item], _examples);

    /// <summary>The prior; null when there is none.</summary>
    public ItemPrior? Prior => _prior;

    /// <summary>Adds the prior of a moment to what every column has.</summary>
    /// <param name="step">The moment.</param>
    /// <param name="plan">The batch that was taken in.</param>
    public void TakeStep(int step, BatchPlan plan)
    {
        _shift = _shiftAt[step] ??= new float[_base.Length];
        if (_isMade[step])
        {
            return;
        }

        _isMade[step] = true;
        var prior = _prior!.LogitsAt(step);
        for (var column = 0; column < _count; column++)
        {
            _shift[column] = _base[column] + prior[column < _ofBatch ? plan.ItemRows[column] : _recalledRows[column - _ofBatch]];
        }
    }

    /// <summary>Takes a batch in.</summary>
    /// <param name="plan">The batch.</param>
    /// <param name="items">Raw item rows, [ItemCount, ItemWidth] (bias last).</param>
    /// <param name="memory">Earlier batches that are columns too, or null.</param>
    /// <param name="temperature">What scores are divided by.</param>
    public void Prepare(BatchPlan plan, ReadOnlySpan<float> items, CrossBatchMemory? memory, double temperature)
    {
        Temperature = temperature;
        _count = _ofBatch = plan.ItemCount;
        _examples = plan.Examples + (memory?.Examples ?? 0);
        var total = 0L;
        for (var item = 0; item < plan.ItemCount; item++)
        {
            var row = plan.ItemRows[item];
            var bias = _model.ItemBias ? _bias[item] = items[(item * _model.ItemWidth) + _model.Dim] : 0f;
            _base[item] = (bias / (float)temperature) - ((float)_loss.LogQ * LogQ(plan, item));
            var multiplicity = _loss.Kind switch
            {
                LossKind.FullSoftmax => 1,
                LossKind.SampledSoftmax => plan.ItemDraws[item],
                _ => plan.ItemMultiplicity[item] + (_draws ? plan.ItemDraws[item] : 0),
            };
            _multiplicity[item] = multiplicity;
            total += multiplicity;
            _columnOf[row] = item;
        }

        Total = total;
        if (memory is not null)
        {
            Recall(memory);
        }

        Array.Clear(_isMade);
    }

    /// <summary>Writes the vectors of the columns that are only in memory.</summary>
    /// <param name="memory">What <see cref="Prepare"/> was given.</param>
    /// <param name="vectors">[columns − ItemCount, dim], overwritten.</param>
    public void CopyRecalled(CrossBatchMemory memory, Span<float> vectors)
    {
        for (var n = 0; n < _count - _ofBatch; n++)
        {
            var (age, place) = _recalled[n];
            memory[age].Vectors.Slice(place * memory.Dim, memory.Dim).CopyTo(vectors[(n * memory.Dim)..]);
        }
    }

    /// <summary>Forgets the batch.</summary>
    public void Release(BatchPlan plan)
    {
        for (var item = 0; item < plan.ItemCount; item++)
        {
            _columnOf[plan.ItemRows[item]] = -1;
        }

        foreach (var row in _recalledRows.AsSpan(0, _count - _ofBatch))
        {
            _columnOf[row] = -1;
        }
    }

    /// <summary>Takes the user's train positives out of a row by setting them to −∞; returns how many
    /// columns of the B × B form they are.</summary>
    /// <param name="user">A row of the user table.</param>
    /// <param name="row">[columns].</param>
    /// <param name="counts">[columns], set to 0 there; or empty.</param>
    public int MaskKnown(int user, Span<float> row, Span<float> counts = default)
    {
        var occurrences = 0;
        foreach (var item in _set.Known.ItemsOf(user))
        {
            if (_columnOf[item] is >= 0 and var column)
            {
                row[column] = float.NegativeInfinity;
                occurrences += (int)_multiplicity[column];
                if (!counts.IsEmpty)
                {
                    counts[column] = 0f;
                }
            }
        }

        return occurrences;
    }

    /// <summary>Counts what is in memory, from the newest batch to the oldest, and makes columns of
    /// the items that the batch has not.</summary>
    private void Recall(CrossBatchMemory memory)
    {
        for (var age = 0; age < memory.Count; age++)
        {
            var batch = memory[age];
            for (var n = 0; n < batch.Count; n++)
            {
                var row = batch.Rows[n];
                if (_columnOf[row] < 0)
                {
                    _recalledRows[_count - _ofBatch] = row;
                    _recalled[_count - _ofBatch] = (age, n);
                    if (_model.ItemBias)
                    {
                        _bias[_count] = batch.Bias[n];
                    }

                    _base[_count] = (batch.Bias[n] / (float)Temperature)
                        - ((float)_loss.LogQ * _frequencies.LogQ(row, batch.Shares[n], _examples));
                    _multiplicity[_count] = 0;
                    _columnOf[row] = _count++;
                }

                _multiplicity[_columnOf[row]] += batch.Multiplicity[n];
                Total += batch.Multiplicity[n];
            }
        }
    }
}
