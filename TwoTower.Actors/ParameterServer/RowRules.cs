using TwoTower.Model.Optimizers;
using TwoTower.Model.Towers;

namespace TwoTower.Actors.ParameterServer;

/// <summary>The rules of a table's rows, by their kind. Vectors (of entities and features) decay and are held within their largest norm;
/// matrices decay; biases, batch norm's scales and shifts and the temperature do neither, for what pulls them to 0 or shortens a slice of
/// them has no meaning; statistics are measured.</summary>
internal sealed class RowRules
{
    private readonly RowRule[] _byKind;
    private readonly TowerLayout? _tower;

    /// <summary>The rules of one table.</summary>
    /// <param name="options">The optimizer, already that of the table.</param>
    /// <param name="dim">Floats of a row that are its vector.</param>
    /// <param name="tower">What its rows are; null where all are embeddings.</param>
    public RowRules(OptimizerOptions options, int dim, TowerLayout? tower = null)
    {
        _tower = tower is { RowsBesidesEntities: > 0 } ? tower : null;
        Optimizer = RowOptimizer.Create(options, dim);
        var (vector, plain) = (new RowRule.Learned(Optimizer), RowOptimizer.Create(options with { WeightDecay = 0 }));
        _byKind = new RowRule[Enum.GetValues<RowKind>().Length];
        (_byKind[(int)RowKind.Embedding], _byKind[(int)RowKind.Feature]) = (vector, vector);
        _byKind[(int)RowKind.Weight] = new RowRule.Learned(RowOptimizer.Create(options));
        _byKind[(int)RowKind.Offset] = new RowRule.Learned(plain);
        _byKind[(int)RowKind.Temperature] = new RowRule.Temperature(plain);
        _byKind[(int)RowKind.Statistic] = new RowRule.Measured();
    }

    /// <summary>The optimizer, which says what state a row has; it is the same for all kinds.</summary>
    public RowOptimizer Optimizer { get; }

    /// <summary>The kinds of some rows, one byte each; null where all are embeddings.</summary>
    /// <param name="rows">Their indices in the whole table.</param>
    public byte[]? KindsOf(ReadOnlySpan<int> rows)
    {
        if (_tower is null)
        {
            return null;
        }

        var kinds = new byte[rows.Length];
        for (var n = 0; n < kinds.Length; n++)
        {
            kinds[n] = (byte)_tower.KindOf(rows[n]);
        }

        return kinds;
    }

    /// <summary>The rule of a kind of rows.</summary>
    public RowRule Of(RowKind kind) => _byKind[(int)kind];
}
