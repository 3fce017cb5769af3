namespace TwoTower.Model.Options;

/// <summary>A temperature T that is learned as log(1/T), held between two bounds (Radford et al. 2021, "Learning transferable visual models
/// from natural language supervision", section 2.5). It is the first float of a row of the item table (<c>TowerLayout.TemperatureRow</c>),
/// so it is pulled, pushed, stepped and kept as dense weights are; neither decayed nor projected.</summary>
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
}
