using System.Numerics.Tensors;
using TwoTower.Actors.Options;
using TwoTower.Actors.Protocol;
using TwoTower.Model.Towers;

namespace TwoTower.Actors.ParameterServer;

/// <summary>One table's rows on one shard: values, optimizer state, and how often each was stepped.</summary>
internal sealed class TableShard : IShardTable
{
    private readonly TableLayout _layout;
    private readonly int _shard;
    private readonly int _width;
    private readonly int _slotWidth;
    private readonly int _stateWidth;
    private readonly RowRules _rules;
    private readonly byte[]? _kinds; // null where all rows are embeddings
    private readonly int _optimizerSlots;
    private readonly IStalenessPolicy _policy;
    private readonly UpdateRecorder? _recorder;
    private readonly RowArrays _rows;
    private readonly float[] _values; // this and the next three are those of _rows, at hand
    private readonly float[][] _slots; // the optimizer's, then the policy's if it has any
    private readonly int[] _rowSteps;
    private readonly int[] _versions;

    private readonly float[] _beforeStep;

    private readonly TouchedRows _sums; // of pushes that make one step together
    private readonly List<int> _summedPushes = []; // how many pushes each sum has, by its place
    private readonly TouchedRows _before; // values from before that step
    private readonly TouchedRows _changed = new(0); // since the record that is kept up to date
    private TableRecord? _kept;

    /// <summary>Rows of <paramref name="shard"/> with initial values, or those of a checkpoint.</summary>
    /// <param name="layout">Which rows are here.</param>
    /// <param name="shard">This shard.</param>
    /// <param name="width">Floats per row.</param>
    /// <param name="rules">How rows take what is pushed to them.</param>
    /// <param name="policy">What is done about stale gradients.</param>
    /// <param name="recorder">Is told of every step, or null.</param>
    /// <param name="initialise">Fills one row, given its index in the whole table.</param>
    /// <param name="restore">State in row order of the whole table to start from, or null.</param>
    internal TableShard(
        TableLayout layout, int shard, int width, RowRules rules, IStalenessPolicy policy, UpdateRecorder? recorder,
        Action<int, Memory<float>> initialise, TableImage? restore)
    {
        _layout = layout;
        _shard = shard;
        _width = width;
        _rules = rules;
        _policy = policy;
        _recorder = recorder;
        _optimizerSlots = rules.Optimizer.Slots;
        _slotWidth = rules.Optimizer.SlotWidth(width);
        _stateWidth = policy.StateWidth(width);
        int[] slotWidths = [.. Enumerable.Repeat(_slotWidth, _optimizerSlots), .. _stateWidth > 0 ? [_stateWidth] : Array.Empty<int>()];
        var rows = layout.RowsOf(shard);
        _kinds = rules.KindsOf(rows);
        _rows = restore is null ? RowArrays.Initial(rows, width, slotWidths, initialise)
            : RowArrays.Restored(rows, width, slotWidths, restore);
        (_values, _slots, _rowSteps, _versions) = (_rows.Values, _rows.Slots, _rows.RowSteps, _rows.Versions);
        _beforeStep = new float[width];
        _sums = new TouchedRows(width);
        _before = new TouchedRows(width);
    }

    /// <summary>Rows here.</summary>
    public int Rows => _rowSteps.Length;

    /// <inheritdoc />
    long IShardTable.Rows => Rows;

    /// <inheritdoc />
    public long Absent => 0;

    /// <summary>Floats per row.</summary>
    public int Width => _width;

    /// <summary>Whether every key is a row of this shard.</summary>
    public bool Holds(RowKeys keys)
    {
        foreach (var row in keys.Span)
        {
            if ((uint)row >= (uint)_layout.Rows || _layout.ShardOf(row) != _shard)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Copies rows out, taking over the keys.</summary>
    /// <param name="keys">Rows of this shard.</param>
    /// <param name="beforeRound">Whether to read the values from before the last round's step.</param>
    public RowBlock Read(RowKeys keys, bool beforeRound = false)
    {
        var block = RowBlock.Rent(keys, _width);
        for (var n = 0; n < keys.Count; n++)
        {
            var local = _layout.LocalOf(keys.Array[n]);
            block.Versions[n] = _versions[local];
            var kept = beforeRound ? _before.PlaceOf(local) : -1;
            (kept >= 0 ? _before.At(kept) : _values.AsSpan(local * _width, _width)).CopyTo(block.Row(n));
        }

        return block;
    }

    /// <summary>Copies rows out as a view shows them, taking over the keys.</summary>
    internal RowBlock Read(RowKeys keys, TableView view)
    {
        var block = RowBlock.Rent(keys, _width);
        for (var n = 0; n < keys.Count; n++)
        {
            var local = _layout.LocalOf(keys.Array[n]);
            block.Versions[n] = view.VersionOf(local);
            view.Row(local, _values.AsSpan(local * _width, _width), _versions[local]).CopyTo(block.Row(n));
        }

        return block;
    }

    /// <summary>τ of every row of a push: pushes applied to the row since it was pulled.</summary>
    public void MeasureStaleness(in RowBlock push, Action<int, int> record)
    {
        for (var n = 0; n < push.Count; n++)
        {
            var row = push.Keys.Array[n];
            var local = _layout.LocalOf(row);
            record(row, Math.Max(0, _versions[local] - push.Versions[n]));
        }
    }

    /// <inheritdoc />
    public void Apply(in RowBlock push, in RowBlock? pulled, float learningRate)
    {
        for (var n = 0; n < push.Count; n++)
        {
            var local = _layout.LocalOf(push.Keys.Array[n]);
            StepRow(local, push.Row(n), learningRate * Adapt(push, n, local, pulled), pushes: 1);
        }
    }

    /// <inheritdoc />
    public void Accumulate(in RowBlock push, in RowBlock? pulled, float weight)
    {
        for (var n = 0; n < push.Count; n++)
        {
            var local = _layout.LocalOf(push.Keys.Array[n]);
            var share = weight * Adapt(push, n, local, pulled);
            if (_sums.Add(local, out var place))
            {
                _summedPushes.Add(1);
                TensorPrimitives.Multiply(push.Row(n), share, _sums.At(place));
            }
            else
            {
                _summedPushes[place]++;
                TensorPrimitives.MultiplyAdd(push.Row(n), share, _sums.At(place), _sums.At(place));
            }
        }
    }

    /// <summary>One optimizer step per row that has a sum.</summary>
    public void ApplyAccumulated(float learningRate)
    {
        _before.Clear();
        var locals = _sums.Locals;
        for (var place = 0; place < locals.Length; place++)
        {
            Remember(locals[place], _values.AsSpan(locals[place] * _width, _width));
            StepRow(locals[place], _sums.At(place), learningRate, _summedPushes[place]);
        }

        _sums.Clear();
        _summedPushes.Clear();
    }

    /// <summary>A view that shows everything so far.</summary>
    internal TableView NewView() => new(this, _width, CopyValues(), (int[])_versions.Clone());

    /// <summary>Lets a view show everything so far.</summary>
    internal void ShowAll(TableView view) => view.Reset(_values, _versions);

    /// <summary>A copy of the values, in local order.</summary>
    public float[] CopyValues() => (float[])_values.Clone();

    /// <summary>A copy of everything that a checkpoint needs, in local order.</summary>
    public TableImage CopyState() => _rows.Copy();

    /// <summary>A copy of all that outlives a crash, in local order.</summary>
    public TableRecord Save()
    {
        var (before, values) = Before();
        return new TableRecord(CopyState(), (int[])_versions.Clone(), before, values);
    }

    /// <inheritdoc />
    public TableRecord SaveShared()
    {
        if (_kept is null)
        {
            return _kept = Save();
        }

        _rows.CopyTo(_kept.State, _kept.Versions, _changed.Locals);
        _changed.Clear();
        var (before, values) = Before();
        return _kept = _kept with { BeforeRows = before, BeforeValues = values };
    }

    /// <summary>Goes on from a record.</summary>
    public void Restore(TableRecord record)
    {
        _kept = null;
        _changed.Clear();
        _rows.Take(record.State, record.Versions);
        _before.Clear();
        for (var n = 0; n < record.BeforeRows.Length; n++)
        {
            Remember(record.BeforeRows[n], record.BeforeValues.AsSpan(n * _width, _width));
        }
    }

    /// <summary>Keeps what a row was before the last step of several pushes.</summary>
    private void Remember(int local, ReadOnlySpan<float> values)
    {
        _before.Add(local, out var place);
        values.CopyTo(_before.At(place));
    }

    /// <summary>Rows that the last step of several pushes moved, ascending, and their values from before it.</summary>
    private (int[] Locals, float[] Values) Before()
    {
        var locals = _before.Locals.ToArray();
        Array.Sort(locals);
        var values = new float[locals.Length * _width];
        for (var n = 0; n < locals.Length; n++)
        {
            _before.At(_before.PlaceOf(locals[n])).CopyTo(values.AsSpan(n * _width));
        }

        return (locals, values);
    }

    private RowRule RuleOf(int local) => _rules.Of(_kinds is null ? RowKind.Embedding : (RowKind)_kinds[local]);

    private float Adapt(in RowBlock push, int n, int local, in RowBlock? pulled)
    {
        if (!RuleOf(local).TakesGradients)
        {
            return 1f; // nothing to make up for
        }

        if (_stateWidth > 0)
        {
            MarkChanged(local); // the policy may change what it keeps
        }

        var now = _values.AsSpan(local * _width, _width);
        var known = pulled is { } copy && n < copy.Count && copy.Keys.Array[n] == push.Keys.Array[n];
        return _policy.Adapt(new StaleRow(
            push.Row(n), now, known ? pulled!.Value.Row(n) : now, StateOf(local), Math.Max(0, _versions[local] - push.Versions[n])));
    }

    private void MarkChanged(int local)
    {
        if (_kept is not null)
        {
            _changed.Add(local, out _);
        }
    }

    private Span<float> StateOf(int local) => _stateWidth > 0 ? _slots[^1].AsSpan(local * _stateWidth, _stateWidth) : default;

    private void StepRow(int local, ReadOnlySpan<float> gradient, float learningRate, int pushes)
    {
        var row = _values.AsSpan(local * _width, _width);
        var followed = _recorder is not null || _policy.FollowsSteps;
        if (followed)
        {
            row.CopyTo(_beforeStep);
        }

        MarkChanged(local);
        _versions[local] += pushes;
        ++_rowSteps[local];
        RuleOf(local).Step(
            row, gradient,
            _optimizerSlots > 0 ? _slots[0].AsSpan(local * _slotWidth, _slotWidth) : default,
            _optimizerSlots > 1 ? _slots[1].AsSpan(local * _slotWidth, _slotWidth) : default,
            _rowSteps[local], learningRate);
        if (followed)
        {
            _policy.Stepped(_beforeStep, row, StateOf(local));
            _recorder?.Add(local, pushes, _beforeStep, row);
        }
    }
}
