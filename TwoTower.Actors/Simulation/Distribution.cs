using System.Globalization;
using TwoTower.Model;

namespace TwoTower.Actors.Simulation;

/// <summary>A distribution of times or factors, never negative. The generator is the caller's, so a draw is
/// a function of its state alone.</summary>
public abstract record Distribution
{
    private string? _written;

    /// <summary>The same whatever text it was read from.</summary>
    public virtual bool Equals(Distribution? other) => other is not null && EqualityContract == other.EqualityContract;

    /// <inheritdoc />
    public override int GetHashCode() => EqualityContract.GetHashCode();

    /// <summary>The text that it was read from, or the one that <see cref="Parse"/> reads it from.</summary>
    public sealed override string ToString() => _written ?? Written();

    /// <summary>A text that <see cref="Parse"/> reads it from.</summary>
    protected abstract string Written();

    /// <summary>Its mean; positive infinity where it has none.</summary>
    public abstract double Mean { get; }

    /// <summary>Whether every draw is 0.</summary>
    public bool IsZero => this is Constant { Value: 0 };

    /// <summary>One draw.</summary>
    public abstract double Draw(ref SeededRandom random);

    /// <summary>Reads <c>constant:X</c>, <c>uniform:A:B</c>, <c>exponential:MEAN</c>, <c>lognormal:MEAN:CV</c>, <c>gamma:MEAN:CV</c>,
    /// <c>pareto:LEAST:ALPHA</c> or
    /// <c>trace:FILE</c> (one number a line; each draw takes one at random). CV is the standard deviation over the mean.</summary>
    /// <param name="text">The text.</param>
    /// <param name="readLines">Reads the lines of a trace's file; null where there are no files.</param>
    /// <exception cref="WorldException">The text is none of these, or a number is impossible.</exception>
    public static Distribution Parse(string text, Func<string, IEnumerable<string>>? readLines = null)
    {
        var parts = text.Split(':');
        double At(int index) => double.TryParse(parts[index], NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
            && double.IsFinite(value) && value >= 0
            ? value
            : throw new WorldException($"'{text}' cannot be: '{parts[index]}' is not a number from 0 on.");
        Distribution read = (parts[0].ToLowerInvariant(), parts.Length) switch
        {
            ("constant", 2) => new Constant(At(1)),
            ("uniform", 3) => At(1) <= At(2) ? new Uniform(At(1), At(2))
                : throw new WorldException($"'{text}' cannot be: the first bound is above the second."),
            ("exponential", 2) => new Gamma(At(1), 1),
            ("lognormal", 3) => new LogNormal(At(1), At(2)),
            ("gamma", 3) => new Gamma(At(1), At(2)),
            ("pareto", 3) => At(2) > 0 ? new Pareto(At(1), At(2))
                : throw new WorldException($"'{text}' cannot be: a Pareto tail needs an exponent above 0."),
            ("trace", >= 2) when readLines is not null => Trace.Of(text[(text.IndexOf(':', StringComparison.Ordinal) + 1)..], readLines),
            _ => throw new WorldException(
                $"'{text}' is no distribution; there are constant:X, uniform:A:B, exponential:MEAN, lognormal:MEAN:CV, gamma:MEAN:CV, "
                + $"pareto:LEAST:ALPHA and trace:FILE."),
        };
        read._written = text;
        return read;
    }

    /// <summary>Always the same.</summary>
    public sealed record Constant(double Value) : Distribution
    {
        /// <inheritdoc />
        public override double Mean => Value;

        /// <inheritdoc />
        public override double Draw(ref SeededRandom random) => Value;

        /// <inheritdoc />
        protected override string Written() => Text($"constant:{Value}");
    }

    /// <summary>Uniform between two bounds.</summary>
    public sealed record Uniform(double From, double To) : Distribution
    {
        /// <inheritdoc />
        public override double Mean => (From + To) / 2;

        /// <inheritdoc />
        public override double Draw(ref SeededRandom random) => From + ((To - From) * random.NextDouble());

        /// <inheritdoc />
        protected override string Written() => Text($"uniform:{From}:{To}");
    }

    /// <summary>Log-normal, by its mean and its coefficient of variation.</summary>
    public sealed record LogNormal(double Average, double Cv) : Distribution
    {
        private readonly double _sigma = Math.Sqrt(Math.Log(1 + (Cv * Cv)));

        /// <inheritdoc />
        public override double Mean => Average;

        /// <inheritdoc />
        public override double Draw(ref SeededRandom random) =>
            Average * Math.Exp((_sigma * random.NextGaussian()) - (_sigma * _sigma / 2));

        /// <inheritdoc />
        protected override string Written() => Text($"lognormal:{Average}:{Cv}");
    }

    /// <summary>Gamma, by its mean and its coefficient of variation (exponential when that is 1). Drawn
    /// by Marsaglia and Tsang (2000).</summary>
    public sealed record Gamma(double Average, double Cv) : Distribution
    {
        /// <inheritdoc />
        public override double Mean => Average;

        /// <inheritdoc />
        public override double Draw(ref SeededRandom random)
        {
            if (Cv == 0 || Average == 0)
            {
                return Average;
            }

            var shape = 1 / (Cv * Cv);
            var boost = shape < 1 ? Math.Pow(1 - random.NextDouble(), 1 / shape) : 1;
            var d = (shape < 1 ? shape + 1 : shape) - (1.0 / 3);
            while (true)
            {
                var x = random.NextGaussian();
                var v = 1 + (x / Math.Sqrt(9 * d));
                if (v <= 0)
                {
                    continue;
                }

                v = v * v * v;
                if (Math.Log(1 - random.NextDouble()) < (x * x / 2) + d - (d * v) + (d * Math.Log(v)))
                {
                    return d * v * boost * Average / shape;
                }
            }
        }

        /// <inheritdoc />
        protected override string Written() => Text($"gamma:{Average}:{Cv}");
    }

    /// <summary>Pareto: P(X &gt; x) = (least / x)^alpha. Stragglers.</summary>
    public sealed record Pareto(double Least, double Alpha) : Distribution
    {
        /// <inheritdoc />
        public override double Mean => Alpha > 1 ? Alpha * Least / (Alpha - 1) : double.PositiveInfinity;

        /// <inheritdoc />
        public override double Draw(ref SeededRandom random) => Least / Math.Pow(1 - random.NextDouble(), 1 / Alpha);

        /// <inheritdoc />
        protected override string Written() => Text($"pareto:{Least}:{Alpha}");
    }

    /// <summary>Measured values; each draw takes one at random.</summary>
    public sealed record Trace(string Path, IReadOnlyList<double> Values) : Distribution
    {
        /// <inheritdoc />
        public override double Mean => Values.Average();

        /// <summary>One number a line; empty lines do not count.</summary>
        /// <exception cref="WorldException">A line is no number from 0 on, or there is none.</exception>
        public static Trace Of(string path, Func<string, IEnumerable<string>> readLines)
        {
            var values = new List<double>();
            var number = 0;
            foreach (var line in readLines(path))
            {
                number++;
                if (line.Trim().Length == 0)
                {
                    continue;
                }

                values.Add(double.TryParse(line, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value)
                    && value >= 0
                    ? value
                    : throw new WorldException($"{path}, line {number}: '{line}' is not a number from 0 on."));
            }

            return values.Count > 0 ? new Trace(path, values) : throw new WorldException($"The trace '{path}' is empty.");
        }

        /// <inheritdoc />
        public override double Draw(ref SeededRandom random) => Values[random.NextInt(Values.Count)];

        /// <inheritdoc />
        protected override string Written() => $"trace:{Path}";
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
