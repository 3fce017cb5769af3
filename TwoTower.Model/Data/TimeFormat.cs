using System.Globalization;
using System.Text;

namespace TwoTower.Model.Data;

/// <summary>A way to write times that was named: a unit of a number, or a pattern of .NET (<c>dd/MM/yyyy HH:mm</c>) or
/// of strptime (<c>%d/%m/%Y</c>).</summary>
internal sealed class TimeFormat
{
    private static readonly (string Name, double Seconds)[] s_units = [("seconds", 1), ("milliseconds", 1e-3), ("microseconds", 1e-6),
        ("nanoseconds", 1e-9), ("days", 86_400), ("excel", 86_400), ("order", 1)];
    private const long ExcelStart = -2_209_161_600; // 30 December 1899, from which Excel counts days

    private static readonly Dictionary<char, string> s_directives = new()
    {
        ['Y'] = "yyyy",
        ['y'] = "yy",
        ['m'] = "M",
        ['d'] = "d",
        ['H'] = "H",
        ['I'] = "h",
        ['M'] = "m",
        ['S'] = "s",
        ['f'] = "FFFFFF",
        ['p'] = "tt",
        ['b'] = "MMM",
        ['B'] = "MMMM",
        ['a'] = "ddd",
        ['A'] = "dddd",
        ['z'] = "zzz",
        ['e'] = "d",
        ['%'] = "\\%",
    };

    private readonly double _unit;
    private readonly long _offset;
    private readonly string[]? _pattern;

    private TimeFormat(double unit, string[]? pattern, long offset = 0) => (_unit, _pattern, _offset) = (unit, pattern, offset);

    /// <summary>What may be written.</summary>
    public static string Known => $"{string.Join(", ", s_units.Select(unit => unit.Name))}, or a pattern such as dd/MM/yyyy HH:mm";

    /// <exception cref="DataException">It is none.</exception>
    public static TimeFormat? Of(string? text)
    {
        if (text is null)
        {
            return null;
        }

        if (Array.Find(s_units, unit => unit.Name.Equals(text, StringComparison.OrdinalIgnoreCase)) is { Name: not null } unit)
        {
            return new TimeFormat(unit.Seconds, null, unit.Name == "excel" ? ExcelStart : 0);
        }

        string[] patterns = text.Contains('%', StringComparison.Ordinal)
            ? [FromDirectives(text, twoDigits: true), FromDirectives(text, twoDigits: false)] : [text];
        try
        {
            // A pattern that loses the day would put everything on one.
            var moment = new DateTimeOffset(2019, 3, 4, 0, 0, 0, TimeSpan.Zero);
            var format = new TimeFormat(0, patterns);
            if (format.TryReadText(moment.ToString(patterns[0], CultureInfo.InvariantCulture), out var seconds)
                && seconds == moment.ToUnixTimeSeconds())
            {
                return format;
            }
        }
        catch (FormatException)
        {
        }

        throw new DataException($"data.timeFormat '{text}' gives no day: expected {Known}.");
    }

    /// <summary>Reads a time.</summary>
    /// <param name="text">A field.</param>
    /// <param name="seconds">Unix time.</param>
    public bool TryRead(ReadOnlySpan<byte> text, out long seconds)
    {
        if (_pattern is not null)
        {
            return TryReadText(TextDialect.TextOf(text), out seconds);
        }

        seconds = 0;
        if (!decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
        {
            return false;
        }

        if (Math.Abs(number) > 1e20m)
        {
            return false;
        }

        var time = _offset + decimal.Floor(_unit >= 1 ? number * (decimal)_unit : number / (decimal)Math.Round(1 / _unit));
        seconds = time is >= 0 and < 253_402_300_800 ? (long)time : -1; // the year 10000
        return seconds >= 0;
    }

    private bool TryReadText(string text, out long seconds)
    {
        var read = DateTimeOffset.TryParseExact(text, _pattern, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal
            | DateTimeStyles.AdjustToUniversal | DateTimeStyles.AllowWhiteSpaces, out var time);
        seconds = time.ToUnixTimeSeconds();
        return read && seconds >= 0;
    }

    private static string FromDirectives(string text, bool twoDigits)
    {
        var pattern = new StringBuilder();
        for (var n = 0; n < text.Length; n++)
        {
            if (text[n] != '%')
            {
                pattern.Append(char.IsLetter(text[n]) ? $"\\{text[n]}" : text[n].ToString());
            }
            else if (++n < text.Length && s_directives.TryGetValue(text[n], out var directive))
            {
                pattern.Append(twoDigits && directive is "M" or "d" or "H" or "h" or "m" or "s" ? directive + directive : directive);
            }
            else
            {
                throw new DataException(
                    $"data.timeFormat '{text}' has a directive that is not known: "
                    + $"expected {string.Join(' ', s_directives.Keys.Select(key => $"%{key}"))}.");
            }
        }

        return pattern.ToString();
    }
}
