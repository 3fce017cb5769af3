using System.Globalization;

namespace TwoTower.Model.Options;

/// <summary>One step of a tower.</summary>
public abstract record TowerLayer
{
    private TowerLayer()
    {
    }

    /// <summary>x → max(x, 0).</summary>
    public sealed record Relu : TowerLayer
    {
        /// <inheritdoc />
        public override string ToString() => "relu";
    }

    /// <summary>x → x·Wᵀ + b with W of [<paramref name="Width"/>, input width].</summary>
    /// <param name="Width">Columns of the output.</param>
    public sealed record Linear(int Width) : TowerLayer
    {
        /// <inheritdoc />
        public override string ToString() => $"linear:{Width}";
    }

    /// <summary>Every column shifted and scaled to mean 0 and variance 1, then by a learned scale and shift (Ioffe and Szegedy 2015,
    /// algorithms 1 and 2): by the batch's statistics in training, by running ones in evaluation. The statistics are over
    /// the distinct entities of a batch.</summary>
    public sealed record BatchNorm : TowerLayer
    {
        /// <inheritdoc />
        public override string ToString() => "batchnorm";
    }

    /// <summary>In training every value is 0 with probability <paramref name="Share"/> and otherwise divided by 1 − share (Srivastava et
    /// al. 2014, section 10, inverted); in evaluation nothing.</summary>
    /// <param name="Share">Probability, from 0 to under 1.</param>
    public sealed record Dropout(double Share) : TowerLayer
    {
        /// <inheritdoc />
        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"dropout:{Share}");
    }
}
