using System.Numerics.Tensors;
using TwoTower.Model.Options;
using TwoTower.Model.Sampling;
using TwoTower.Model.Towers;

namespace TwoTower.Model.Losses;

/// <summary>The learned temperature (<see cref="LearnedTemperature"/>) in a batch: what it is, and its gradient.</summary>
internal static class BatchTemperature
{
    /// <summary>The temperature of a batch, or null where none is learned.</summary>
    /// <param name="layout">The item table.</param>
    /// <param name="plan">The batch.</param>
    /// <param name="items">Its raw item rows, [ItemRowCount, width].</param>
    public static double? Of(TowerLayout? layout, BatchPlan plan, ReadOnlySpan<float> items) =>
        layout?.TemperatureRow is { } row ? LearnedTemperature.FromParameter(items[PlaceOf(layout, row, plan) * layout.Width]) : null;

    /// <summary>Writes ∂L/∂log(1/T) = Σ ⟨û, ∂L/∂û⟩ + Σ b ∂L/∂b. L depends on users' vectors and biases only through s/T, in which s is
    /// linear in both, so scaling them and scaling 1/T are the same thing. What else a logit has
    /// (prior, log q) does not depend on T.</summary>
    /// <param name="layout">The item table, with a temperature.</param>
    /// <param name="plan">The batch.</param>
    /// <param name="users">û of the queries, [queries, stride].</param>
    /// <param name="userGradient">∂L/∂û in the same shape.</param>
    /// <param name="bias">Biases; empty for none.</param>
    /// <param name="biasGradient">∂L/∂b in the same shape.</param>
    /// <param name="itemGradient">Gradient of the batch's item rows; the temperature's is overwritten.</param>
    public static void SetGradient(
        TowerLayout layout, BatchPlan plan, ReadOnlySpan<float> users, ReadOnlySpan<float> userGradient, ReadOnlySpan<float> bias,
        ReadOnlySpan<float> biasGradient, Span<float> itemGradient)
    {
        var sum = bias.IsEmpty ? 0.0 : TensorPrimitives.Dot(bias, biasGradient);
        for (int user = 0, stride = users.Length / Math.Max(1, plan.QueryCount); user < plan.QueryCount; user++)
        {
            sum += TensorPrimitives.Dot(users.Slice(user * stride, stride), userGradient.Slice(user * stride, stride));
        }

        var target = itemGradient.Slice(PlaceOf(layout, layout.TemperatureRow!.Value, plan) * layout.Width, layout.Width);
        target.Clear();
        target[0] = (float)sum;
    }

    /// <summary>Weights are the last rows of every batch.</summary>
    private static int PlaceOf(TowerLayout layout, int row, BatchPlan plan) => plan.ItemRowCount - (layout.Rows - row);
}
