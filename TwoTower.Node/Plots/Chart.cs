namespace TwoTower.Node.Plots;

/// <summary>A value on a chart, with an interval where there is one.</summary>
/// <param name="X">Abscissa; on a chart with categories, the number of the category from 0.</param>
/// <param name="Y">Ordinate.</param>
/// <param name="Low">Lower end of the interval, or not a number.</param>
/// <param name="High">Upper end of the interval, or not a number.</param>
internal readonly record struct ChartPoint(double X, double Y, double Low = double.NaN, double High = double.NaN);

/// <summary>One line of a chart.</summary>
/// <param name="Name">Name in the legend.</param>
/// <param name="Points">The points, by rising abscissa.</param>
internal sealed record ChartSeries(string Name, IReadOnlyList<ChartPoint> Points);

/// <summary>A chart as data: what is drawn, not how.</summary>
/// <param name="Name">Name of its files: letters, digits and dashes.</param>
/// <param name="Title">Title.</param>
/// <param name="XLabel">What the abscissa is, with its unit.</param>
/// <param name="YLabel">What the ordinate is, with its unit.</param>
/// <param name="Series">The lines.</param>
internal sealed record Chart(string Name, string Title, string XLabel, string YLabel, IReadOnlyList<ChartSeries> Series)
{
    /// <summary>Names of the categories of the abscissa; null when it is a number.</summary>
    public IReadOnlyList<string>? Categories { get; init; }

    /// <summary>Ordinate of a dashed line to compare with.</summary>
    public double? Reference { get; init; }

    /// <summary>Least ordinate shown; null lets the values decide.</summary>
    public double? YFrom { get; init; }

    /// <summary>Whether points are joined by lines; categories without an order are not.</summary>
    public bool IsJoined { get; init; } = true;

    /// <summary>What has to be said below the chart.</summary>
    public string Caption { get; init; } = string.Empty;

    /// <summary>Whether there is anything to draw.</summary>
    public bool HasPoints => Series.Any(series => series.Points.Count > 0);
}
