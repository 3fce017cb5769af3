using ScottPlot;
using SkiaSharp;

namespace TwoTower.Node.Plots;

/// <summary>Draws charts with ScottPlot.</summary>
internal static class ChartDrawing
{
    /// <summary>Pixels of a drawing.</summary>
    public const int Width = 860, Height = 420;

    /// <summary>Colours of lines, in order: Okabe and Ito (2008), told apart by the colour-blind; and two more.</summary>
    public static readonly IReadOnlyList<string> LineColours = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#B8860B", "#56B4E9",
        "#7A5195", "#6B6B6B"];

    /// <summary>Colours of text and of the grid.</summary>
    public const string Ink = "#1F2328", Faint = "#D9DEE4", Paper = "#FFFFFF";

    private static readonly MarkerShape[] s_markers =
        [MarkerShape.FilledCircle, MarkerShape.FilledSquare, MarkerShape.FilledTriangleUp, MarkerShape.FilledDiamond,
            MarkerShape.OpenCircle, MarkerShape.OpenSquare, MarkerShape.OpenTriangleUp, MarkerShape.OpenDiamond];

    /// <summary>A plain face that this system has; the last is what ScottPlot falls back to.</summary>
    private static readonly string s_font = new[] { "Inter", "Segoe UI", "Helvetica Neue", "Arial", "DejaVu Sans", "Liberation Sans",
        "Noto Sans" }
        .FirstOrDefault(wanted => SKFontManager.Default.FontFamilies.Contains(wanted)) ?? Fonts.Default;

    /// <summary>Whether this system has any font: without one, pictures have no text, while the report draws its own.</summary>
    public static bool HasFonts => SKFontManager.Default.FontFamilyCount > 0;

    /// <summary>Writes a chart as PNG, at twice the size for sharp print, and as SVG.</summary>
    /// <param name="chart">The chart.</param>
    /// <param name="folder">Where; it exists.</param>
    public static void Save(Chart chart, string folder)
    {
        var plot = Draw(chart);
        plot.ScaleFactor = 2;
        plot.SavePng(Path.Combine(folder, $"{chart.Name}.png"), Width * 2, Height * 2);
        File.WriteAllText(Path.Combine(folder, $"{chart.Name}.svg"), ChartSvg.Standalone(Draw(chart).GetSvgXml(Width, Height)));
    }

    /// <summary>A chart as SVG text to stand inside a page, in the page's colours.</summary>
    public static string Inline(Chart chart) => ChartSvg.Inline(Draw(chart).GetSvgXml(Width, Height), chart.Name, chart.Title);

    private static Plot Draw(Chart chart)
    {
        var plot = new Plot();
        plot.FigureBackground.Color = plot.DataBackground.Color = Color.FromHex(Paper);
        plot.Font.Set(s_font);
        plot.Axes.Color(Color.FromHex(Ink));
        plot.Axes.FrameColor(Color.FromHex(Ink));
        plot.Grid.MajorLineColor = Color.FromHex(Faint);
        plot.Axes.Top.IsVisible = false;
        plot.Axes.Right.FrameLineStyle.Width = 0;
        plot.Axes.Right.MinimumSize = 16; // or the last category's name is cut off
        if (chart.Reference is { } reference)
        {
            plot.Add.HorizontalLine(reference, 1, Color.FromHex(Ink), LinePattern.Dashed);
        }

        for (var n = 0; n < chart.Series.Count; n++)
        {
            Add(plot, chart, n);
        }

        Label(plot.Axes.Title.Label, chart.Title, 15, bold: true);
        Label(plot.Axes.Bottom.Label, chart.XLabel, 13, bold: false);
        Label(plot.Axes.Left.Label, chart.YLabel, 13, bold: false);
        Fit(plot, chart);
        if (chart.Series.Count > 1)
        {
            plot.Legend.FontColor = plot.Legend.OutlineColor = Color.FromHex(Ink);
            plot.Legend.BackgroundColor = Color.FromHex(Paper);
            plot.Legend.OutlineWidth = 0;
            plot.Legend.ShadowColor = Colors.Transparent;
            plot.Legend.FontName = s_font;
            plot.Legend.FontSize = 12;
            plot.ShowLegend(Edge.Right);
        }
        else
        {
            plot.HideLegend();
        }

        return plot;
    }

    private static void Add(Plot plot, Chart chart, int index)
    {
        var series = chart.Series[index];
        if (series.Points.Count == 0)
        {
            return;
        }

        // Lines over categories stand a little apart, so that intervals do not cover each other.
        var shift = chart.Categories is null || chart.Series.Count == 1
            ? 0 : (index - ((chart.Series.Count - 1) / 2.0)) * Math.Min(0.06, 0.4 / chart.Series.Count);
        var colour = Color.FromHex(LineColours[index % LineColours.Count]);
        var line = plot.Add.Scatter(series.Points.Select(point => point.X + shift).ToArray(), series.Points.Select(point => point.Y)
            .ToArray(), colour);
        line.LegendText = series.Name;
        line.LineWidth = chart.IsJoined ? 2 : 0;
        line.MarkerSize = series.Points.Count > 40 ? 0 : 7;
        line.MarkerShape = s_markers[index % s_markers.Length];
        foreach (var point in series.Points.Where(point => double.IsFinite(point.Low) && double.IsFinite(point.High)))
        {
            plot.Add.Plottable(new ScottPlot.Plottables.ErrorBar([point.X + shift], [point.Y], null, null,
                yErrorsPositive: [point.High - point.Y], yErrorsNegative: [point.Y - point.Low])
            {
                Color = colour,
                LineWidth = 1.5f,
                CapSize = 4,
            });
        }
    }

    private static void Fit(Plot plot, Chart chart)
    {
        var points = chart.Series.SelectMany(series => series.Points).ToArray();
        if (points.Length == 0)
        {
            return;
        }

        var low = points.Min(point => double.IsFinite(point.Low) ? Math.Min(point.Low, point.Y) : point.Y);
        var high = points.Max(point => double.IsFinite(point.High) ? Math.Max(point.High, point.Y) : point.Y);
        low = Math.Min(low, chart.Reference ?? low);
        high = Math.Max(high, chart.Reference ?? high);
        var fixedFrom = chart.YFrom is { } least && least <= low;
        low = fixedFrom ? chart.YFrom!.Value : low;
        var room = high > low ? 0.06 * (high - low) : Math.Max(Math.Abs(high) * 0.1, 1e-9);
        var from = fixedFrom ? low : low >= 0 ? Math.Max(0, low - room) : low - room; // what is never negative shows no negative ground
        if (chart.Categories is { } categories)
        {
            plot.Axes.Bottom.SetTicks([.. Enumerable.Range(0, categories.Count).Select(n => (double)n)], [.. categories]);
            plot.Axes.SetLimits(-0.5, categories.Count - 0.5, from, high + room);
            if (categories.Sum(category => category.Length + 2) > 90)
            {
                plot.Axes.Bottom.TickLabelStyle.Rotation = 20;
                plot.Axes.Bottom.TickLabelStyle.Alignment = Alignment.UpperLeft;
                plot.Axes.Bottom.MinimumSize = 60;
            }
        }
        else
        {
            var (left, right) = (points.Min(point => point.X), points.Max(point => point.X));
            var side = right > left ? 0.03 * (right - left) : Math.Max(1e-9, Math.Abs(left) * 0.1);
            plot.Axes.SetLimits(left - side, right + side, from, high + room);
        }

        plot.Axes.Left.TickLabelStyle.FontSize = plot.Axes.Bottom.TickLabelStyle.FontSize = 12;
        plot.Axes.Left.TickLabelStyle.FontName = plot.Axes.Bottom.TickLabelStyle.FontName = s_font;
    }

    private static void Label(LabelStyle label, string text, float size, bool bold)
    {
        label.Text = text;
        label.FontName = s_font;
        label.FontSize = size;
        label.Bold = bold;
        label.ForeColor = Color.FromHex(Ink);
    }
}
