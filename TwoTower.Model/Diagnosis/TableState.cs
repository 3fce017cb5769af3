using TwoTower.Model.Optimizers;
using TwoTower.Model.Options;
using TwoTower.Model.Towers;

namespace TwoTower.Model.Diagnosis;

/// <summary>One table with its optimizer's state, as a checkpoint holds it.</summary>
/// <param name="Values">[rows, width].</param>
/// <param name="Width">Floats per row.</param>
/// <param name="Slot0">First state, [rows, <see cref="RowOptimizer.SlotWidth"/>], or empty.</param>
/// <param name="Slot1">Second state, or empty.</param>
/// <param name="Steps">Optimizer steps of every row, [rows].</param>
internal sealed record TableState(float[] Values, int Width, float[] Slot0, float[] Slot1, int[] Steps)
{
    /// <summary>Rows.</summary>
    public int Rows => Steps.Length;

    /// <summary>What training begins with: <see cref="EmbeddingTower.Initialise"/>.</summary>
    /// <param name="model">The model.</param>
    /// <param name="rule">The optimizer.</param>
    /// <param name="seed">The run's seed.</param>
    /// <param name="table">0 for users, 1 for items.</param>
    /// <param name="rows">Rows.</param>
    public static TableState Initial(ModelOptions model, RowOptimizer rule, long seed, int table, int rows)
    {
        var width = table == 0 ? model.UserWidth : model.ItemWidth;
        var values = new float[rows * width];
        for (var row = 0; row < rows; row++)
        {
            EmbeddingTower.Initialise(values.AsSpan(row * width, width), model, seed, table, row);
        }

        return new TableState(values, width, Slot(rule, 1, rows, width), Slot(rule, 2, rows, width), new int[rows]);
    }

    /// <summary>The same values with an optimizer that has seen nothing.</summary>
    public TableState Forgetting(RowOptimizer rule) => new([.. Values], Width, Slot(rule, 1, Rows, Width), Slot(rule, 2, Rows, Width),
        new int[Rows]);

    /// <summary>A row.</summary>
    public Span<float> Row(int row) => Values.AsSpan(row * Width, Width);

    /// <summary>First state of a row, or nothing.</summary>
    public Span<float> First(int row) => Part(Slot0, row);

    /// <summary>Second state of a row, or nothing.</summary>
    public Span<float> Second(int row) => Part(Slot1, row);

    private static float[] Slot(RowOptimizer rule, int number, int rows, int width) => rule.Slots >= number
        ? new float[rows * rule.SlotWidth(width)] : [];

    private Span<float> Part(float[] slot, int row)
    {
        var width = Rows == 0 ? 0 : slot.Length / Rows;
        return slot.AsSpan(row * width, width);
    }
}

/// <summary>Both tables of a training and how far it has come.</summary>
/// <param name="Users">The user table.</param>
/// <param name="Items">The item table.</param>
/// <param name="Step">Optimizer steps so far, which the schedule goes by.</param>
internal sealed record TrainingState(TableState Users, TableState Items, long Step);
