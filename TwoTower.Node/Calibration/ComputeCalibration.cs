using System.Globalization;
using TwoTower.Model.Data;
using TwoTower.Node.Settings;

namespace TwoTower.Node.Calibration;

/// <summary><c>--compute calibrated</c>: what was measured becomes settings of the run, so that whoever has its config
/// or trace need not measure again.</summary>
internal static class ComputeCalibration
{
    /// <summary>Where such settings came from.</summary>
    public const string Source = "calibrated";

    /// <summary>The settings that are measured.</summary>
    public static IReadOnlyList<string> Keys { get; } = ["compute.examplesPerSecond", "compute.factor"];

    /// <summary>Measures this machine, and sets what was not given on the command line.</summary>
    public static void Apply(ResolvedSettings settings, RecommenderData data, TextWriter to)
    {
        var speed = KernelCalibration.Measure(settings.Values.Training, data);
        to.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"This machine, by {speed.Batches:#,0} batches on one thread (variation {speed.Cv:0.0%} of the mean):"));
        string[] values = [Math.Max(1, Math.Round(speed.ExamplesPerSecond)).ToString("0", CultureInfo.InvariantCulture), speed.Factor];
        foreach (var (key, value) in Keys.Zip(values))
        {
            if (!settings.IsGiven(key))
            {
                settings.Set(key, value, Source);
            }

            to.WriteLine($"  {key,-28} {SettingCatalogue.Find(key).Read(settings.Values),-22} {settings.SourceOf(key)}");
        }
    }
}
