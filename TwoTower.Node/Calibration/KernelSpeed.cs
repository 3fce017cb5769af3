using System.Globalization;

namespace TwoTower.Node.Calibration;

/// <summary>How long gradients take on a machine, as timings of single batches say.</summary>
/// <param name="ExamplesPerSecond">Median over the batches: the speed at factor 1.</param>
/// <param name="MeanFactor">Mean seconds per example over the median: with a tail of slow batches above 1.</param>
/// <param name="Cv">Standard deviation of the seconds per example over their mean.</param>
/// <param name="Batches">Batches timed.</param>
internal sealed record KernelSpeed(double ExamplesPerSecond, double MeanFactor, double Cv, int Batches)
{
    /// <summary>Below this coefficient of variation a constant says the same.</summary>
    public const double Tiny = 0.02;

    /// <summary>Seconds per example, on average.</summary>
    public double MeanSeconds => MeanFactor / ExamplesPerSecond;

    /// <summary>The text of <c>compute.factor</c>: a log-normal with the measured mean and variation over the median, or a
    /// constant when there is hardly any.</summary>
    public string Factor => Cv < Tiny
        ? "constant:1"
        : string.Create(CultureInfo.InvariantCulture, $"lognormal:{MeanFactor:0.####}:{Cv:0.####}");

    /// <summary>The speed that timings show.</summary>
    /// <param name="timings">Examples of each batch, and the seconds that it took.</param>
    /// <exception cref="ArgumentException">There are none, or one is not positive.</exception>
    public static KernelSpeed Of(IReadOnlyList<(int Examples, double Seconds)> timings)
    {
        if (timings.Count == 0 || timings.Any(timing => timing.Examples < 1 || !(timing.Seconds > 0)))
        {
            throw new ArgumentException("A speed needs batches that took some time.", nameof(timings));
        }

        var each = timings.Select(timing => timing.Seconds / timing.Examples).Order().ToArray();
        var middle = each.Length / 2;
        var median = each.Length % 2 == 1 ? each[middle] : (each[middle - 1] + each[middle]) / 2;
        var mean = each.Average();
        var variance = each.Length < 2 ? 0 : each.Sum(value => (value - mean) * (value - mean)) / (each.Length - 1);
        return new KernelSpeed(1 / median, mean / median, Math.Sqrt(variance) / mean, each.Length);
    }
}
