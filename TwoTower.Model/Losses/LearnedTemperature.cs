using System.Numerics.Tensors;
using TwoTower.Model.Sampling;
using TwoTower.Model.Towers;

namespace TwoTower.Model.Losses;

/// <summary>A temperature T that is learned as log(1/T), held between two bounds (Radford et al. 2021, "Learning transferable visual models from natural language supervision", section 2.5). It is the
/// first float of a row of the item table (<see cref="TowerLayout.TemperatureRow"/>), so it is pulled, pushed, stepped and kept as dense weights are; neither decayed nor projected.</summary>
public static class LearnedTemperature
{
    /// <summary>The least temperature: logits are scores times at most 100.</summary>
    public const double Least = 0.01;

    /// <summary>The largest temperature.</summary>
    public const double Largest = 100;

    /// <summary>log(1/T).</summary>
    public static float ToParameter(double temperature) => (float)-Math.Log(temperature);

    /// <summary>T of a parameter, between the bounds.</summary>
    public static double FromParameter(float parameter) => Math.Exp(-Held(parameter));

    /// <summary>The parameter, or the bound that it has passed.</summary>
    public static float Held(float parameter) => Math.Clamp(parameter, ToParameter(Largest), ToParameter(Least));

    /// <summary>The temperature in a whole item table, or null where none is learned.</summary>
    /// <param name="layout">The item table.</param>
    /// <param name="items">[rows, width].</param>
    public static double? In(TowerLayout? layout, ReadOnlySpan<float> items) => layout?.TemperatureRow is { } row ? FromParameter(items[row * layout.Width]) : null;

    /// <summary>The temperature of a batch, or null where none is learned.</summary>
    /// <param name="layout">The item table.</param>
    /// <param name="plan">The batch.</param>
    /// <param name="items">Its raw item rows, [ItemRowCount, width].</param>
    internal static double? Of(TowerLayout? layout, BatchPlan plan, ReadOnlySpan<float> items) =>
        layout?.TemperatureRow is { } row ? FromParameter(items[PlaceOf(layout, row, plan) * layout.Width]) : null;

    /// <summary>Writes ∂L/∂log(1/T) = Σ ⟨û, ∂L/∂û⟩ + Σ b ∂L/∂b. L depends on users' vectors and biases only through s/T, in which s is linear in both, so scaling them and scaling 1/T are the
    /// same thing. What else a logit has (prior, log q) does not depend on T.</summary>
    /// <param name="layout">The item table, with a temperature.</param>
    /// <param name="plan">The batch.</param>
    /// <param name="users">û of the queries, [queries, stride].</param>
    /// <param name="userGradient">∂L/∂û in the same shape.</param>
    /// <param name="bias">Biases; empty for none.</param>
    /// <param name="biasGradient">∂L/∂b in the same shape.</param>
    /// <param name="itemGradient">Gradient of the batch's item rows; the temperature's is overwritten.</param>
    internal static void SetGradient(
        TowerLayout layout, BatchPlan plan, ReadOnlySpan<float> users, ReadOnlySpan<float> userGradient, ReadOnlySpan<float> bias, ReadOnlySpan<float> biasGradient, Span<float> itemGradient)
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
