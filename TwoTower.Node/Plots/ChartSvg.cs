using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;

namespace TwoTower.Node.Plots;

/// <summary>Makes SVG that Skia wrote fit to be read with any font, and to stand inside a page in the page's colours.</summary>
internal static partial class ChartSvg
{
    /// <summary>CSS variables of the colours that drawings use, as declarations for a light page.</summary>
    public static string Variables { get; } = string.Concat(Colours().Select(colour => $"{colour.Variable}:{colour.Hex};"));

    /// <summary>A file of its own: texts are placed by their anchor, so that another font than the
    /// drawer's does not tear them apart.</summary>
    public static string Standalone(string svg) => GlyphPlaces().Replace(svg, match =>
    {
        var size = Number(match.Groups["size"].Value);
        var places = match.Groups["x"].Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(Number).ToArray();
        if (places.Length == 0)
        {
            return match.Value; // no glyph, no place
        }

        // The drawer gives each glyph's place from the anchor: those of centred text begin left of it and end right of it,
        // those of right-aligned text all lie left.
        var anchor = places[0] > -0.01 ? "start" : places[^1] < (places.Length == 1 ? -0.45 : -0.15) * size ? "end" : "middle";
        var y = match.Groups["y"].Value.Split(',')[0];
        return $"{match.Groups["before"].Value} font-family=\"system-ui, 'Segoe UI', 'Helvetica Neue', Arial, 'DejaVu Sans', sans-serif\" "
            + $"text-anchor=\"{anchor}\" y=\"{y}\"";
    });

    /// <summary>Part of a page: no prolog, ids of its own, colours as CSS variables, a size that follows the page.</summary>
    /// <param name="svg">What Skia wrote.</param>
    /// <param name="prefix">Goes before every id.</param>
    /// <param name="title">What it is, for who cannot see it.</param>
    public static string Inline(string svg, string prefix, string title)
    {
        var text = Standalone(svg);
        text = text[text.IndexOf("<svg", StringComparison.Ordinal)..].Trim();
        text = text.Replace("id=\"", $"id=\"{prefix}-", StringComparison.Ordinal)
            .Replace("url(#", $"url(#{prefix}-", StringComparison.Ordinal)
            .Replace("href=\"#", $"href=\"#{prefix}-", StringComparison.Ordinal);
        foreach (var (variable, hex) in Colours())
        {
            text = text.Replace($"\"{hex}\"", $"\"var({variable})\"", StringComparison.OrdinalIgnoreCase);
        }

        text = WhiteRectangle().Replace(text, "\"var(--paper)\"");
        // Inside HTML the namespaces go without saying, and a page without addresses can be seen to ask nobody for anything.
        text = Opening()
            .Replace(text,
            match =>
            $"<svg viewBox=\"0 0 {match.Groups["w"].Value} {match.Groups["h"].Value}\" role=\"img\" "
            + $"aria-label=\"{WebUtility.HtmlEncode(title)}\">", 1);
        return text;
    }

    private static IEnumerable<(string Variable, string Hex)> Colours() =>
        [("--ink", ChartDrawing.Ink), ("--faint", ChartDrawing.Faint), ("--paper", ChartDrawing.Paper),
            .. ChartDrawing.LineColours.Select((hex, n) => ($"--line{n + 1}", hex))];

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    [GeneratedRegex("""(?<before><text [^>]*?font-size="(?<size>[0-9.]+)"[^>]*?) font-family="[^"]*" x="(?<x>[^"]*)" y="(?<y>[^"]*)"\s*""")]
    private static partial Regex GlyphPlaces();

    [GeneratedRegex("""(?<=fill=)"white"(?=)""")]
    private static partial Regex WhiteRectangle();

    [GeneratedRegex("""<svg [^>]*width="(?<w>[0-9.]+)" height="(?<h>[0-9.]+)"[^>]*>""")]
    private static partial Regex Opening();
}
