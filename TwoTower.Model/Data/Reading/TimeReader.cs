using System.Buffers.Text;
using System.Globalization;
using System.Text.RegularExpressions;

namespace TwoTower.Model.Data.Reading;

/// <summary>Reads the times of one file: by the format that was named; else ISO 8601, numbers whose size tells their unit, and numbers that
/// are dates (YYYYMMDD, to the second at most). The first time of the file decides the unit of all its numbers.</summary>
internal sealed partial class TimeReader(TimeFormat? format)
{
    // A unix time in seconds stays below 10^11 until the year 5138, so a larger one is in a finer unit.
    private const long LargestSeconds = 100_000_000_000;
    private const int Undecided = -1, Number = 0;
    private static readonly string[] s_units = ["seconds", "milliseconds", "microseconds", "nanoseconds"];
    private static readonly string[] s_dates = ["yyyyMMdd", "yyyyMMddHHmm", "yyyyMMddHHmmss", "yyyyMMddHHmmssfff"];

    private int _digits = Undecided; // of a date written as one number, or Number
    private long _divisor;

    /// <summary>What a time may be, for messages.</summary>
    public static string Expected => "a unix time >= 0 or an ISO 8601 date (any other form by --set data.timeFormat=…)";

    /// <summary>How the file's numbers were read; null when nobody needs to be told.</summary>
    public string? Note => _digits > 0
        ? $"were read as dates of the "
        + $"form {s_dates.First(date => date.Length == _digits).ToUpperInvariant().Replace("HHMM", "hhmm", StringComparison.Ordinal)}"
        : _divisor > 1 ? $"are in {NameOf(_divisor)} and were divided by {_divisor}" : null;

    /// <summary>Reads a time.</summary>
    /// <param name="text">A field, trimmed.</param>
    /// <param name="seconds">Unix time; 0 stands for unknown.</param>
    /// <exception cref="TimeException">It has another unit than the ones before, or two readings.</exception>
    public bool TryRead(ReadOnlySpan<byte> text, out long seconds)
    {
        if (format is not null)
        {
            return format.TryRead(text, out seconds);
        }

        if (Utf8Parser.TryParse(text, out long number, out var consumed) && consumed == text.Length)
        {
            return TryReadNumber(text.Length, number, out seconds);
        }

        if (text.Length > 1 && text[^1] == 's' && Utf8Parser.TryParse(text, out seconds, out consumed) && consumed == text.Length - 1)
        {
            return seconds >= 0; // a time by its type
        }

        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var fraction))
        {
            seconds = 0;
            return fraction is >= 0 and < long.MaxValue && TryReadNumber(0, (long)fraction, out seconds);
        }

        return TryReadDate(TextDialect.TextOf(text), out seconds);
    }

    private bool TryReadNumber(int digits, long number, out long seconds)
    {
        seconds = 0;
        if (number <= 0)
        {
            return number == 0;
        }

        if (_digits == Undecided)
        {
            _digits = TryReadDigits(digits, number, out _) ? digits : Number;
        }

        if (_digits != Number)
        {
            return digits == _digits && TryReadDigits(digits, number, out seconds);
        }

        // One unit for a file, whatever stands in one row: dividing every row by what one row needs would move all the others to 1970.
        var divisor = DivisorOf(number);
        if (divisor != _divisor)
        {
            if (_divisor != 0)
            {
                throw new TimeException(
                    $"mixes units of time: {{0}} has {number}, which is in {NameOf(divisor)}, but others before are "
                    + $"in {NameOf(_divisor)}; a file must keep to one, or --set data.timeFormat=… says which.");
            }

            _divisor = divisor;
        }

        seconds = number / divisor;
        return true;
    }

    private static bool TryReadDigits(int digits, long number, out long seconds)
    {
        seconds = 0;
        if (!s_dates.Any(date => date.Length == digits)
            || !DateTimeOffset.TryParseExact(number.ToString(CultureInfo.InvariantCulture), s_dates, CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal, out var date) || date.Year is < 1970 or > 2100)
        {
            return false;
        }

        seconds = date.ToUnixTimeSeconds();
        return true;
    }

    private static bool TryReadDate(string text, out long seconds)
    {
        seconds = 0;
        var iso = Iso().Match(text);
        if (!iso.Success)
        {
            if (DayMonth().Match(text) is { Success: true } days)
            {
                throw new TimeException(Ambiguous(text, days));
            }

            return false;
        }

        int Part(int group) => iso.Groups[group].Success ? int.Parse(iso.Groups[group].ValueSpan, CultureInfo.InvariantCulture) : 0;
        var (year, month, day, hour, minute, second) = (Part(1), Part(2), Part(3), Part(4), Part(5), Part(6));
        if (year < 1 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month) || hour > 24 || minute > 59
            || second > 60 || Part(8) > 14 || Part(9) > 59)
        {
            return false;
        }

        var offset = iso.Groups[7].Success ? ((Part(8) * 60) + Part(9)) * (iso.Groups[7].Value == "-" ? -60 : 60) : 0;
        seconds = new DateTimeOffset(year, month, day, 0, 0, 0, TimeSpan.Zero).ToUnixTimeSeconds() + (hour * 3600) + (minute * 60)
            + second - offset;
        return seconds >= 0;
    }

    private static string Ambiguous(string text, Match days)
    {
        var (separator, rest) = (days.Groups[2].Value, days.Groups["rest"].Value);
        var year = new string('y', days.Groups[4].Length);
        var half = rest.AsSpan().TrimEnd().EndsWith("M", StringComparison.OrdinalIgnoreCase);
        var time = string.Concat((half ? rest.TrimEnd()[..^2] : rest).Select((character, n) => !char.IsAsciiDigit(character)
            ? character.ToString() : rest[..n].Count(c => c == ':') switch { 0 => half ? "h" : "H", 1 => "m", _ => "s" })) + (half
            ? "tt" : string.Empty);
        string[] formats = [$"dd{separator}MM{separator}{year}{time}", $"MM{separator}dd{separator}{year}{time}"];
        (string, DateTime)[] readings = [.. formats.Where(format => ParseDay(days, format)).Select(format => (format, Read(days, format)))];
        return readings.Length == 0 ? $"has '{text}' for a time ({{0}}): say how it is written with --set data.timeFormat=…"
            : FormattableString.Invariant(
                $"has '{text}' for a time ({{0}}), which ")
                + FormattableString.Invariant(
                $"is {string.Join(" or ", readings.Select(reading => FormattableString.Invariant($"{reading.Item2:d MMMM yyyy} as {reading.Item1}")))}: say which with {string.Join(" or ", readings.Select(reading => $"--set \"data.timeFormat={reading.Item1}\""))}");

        static bool ParseDay(Match days, string format) => Month(days, format) is >= 1 and <= 12 && Day(days, format) is >= 1 and <= 31;
        static int Day(Match days, string format) =>
            int.Parse(days.Groups[format[0] == 'd' ? 1 : 3].ValueSpan, CultureInfo.InvariantCulture);
        static int Month(Match days, string format) =>
            int.Parse(days.Groups[format[0] == 'd' ? 3 : 1].ValueSpan, CultureInfo.InvariantCulture);
        static DateTime Read(Match days, string format)
        {
            var year = int.Parse(days.Groups[4].ValueSpan, CultureInfo.InvariantCulture);
            year += days.Groups[4].Length == 2 ? (year < 50 ? 2000 : 1900) : 0;
            var month = Month(days, format);
            return new DateTime(Math.Max(1, year), month, Math.Min(Day(days, format), DateTime.DaysInMonth(Math.Max(1, year), month)));
        }
    }

    private static long DivisorOf(long timestamp)
    {
        long divisor = 1;
        while (timestamp / divisor >= LargestSeconds && divisor < 1_000_000_000)
        {
            divisor *= 1000;
        }

        return divisor;
    }

    private static string NameOf(long divisor) => s_units[(int)Math.Round(Math.Log10(divisor) / 3)];

    [GeneratedRegex(@"^(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[T ](\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?)?\s*(?:Z|UTC|GMT|([+-])(\d{2}):?(\d{2})?)?$", RegexOptions.CultureInvariant)]
    private static partial Regex Iso();

    [GeneratedRegex(@"^(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})(?<rest>(?:[T ].*)?)$", RegexOptions.CultureInvariant)]
    private static partial Regex DayMonth();
}

/// <summary>A time that stops the whole file; {0} in the message stands for its place.</summary>
internal sealed class TimeException(string message) : Exception(message);
