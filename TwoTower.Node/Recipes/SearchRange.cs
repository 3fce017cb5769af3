using System.Globalization;
using TwoTower.Model;
using TwoTower.Node.Settings;

namespace TwoTower.Node.Recipes;

/// <summary>Values among which a setting is searched: <c>0.1..1</c>, <c>0.001..0.1 log</c>, <c>1..16 whole</c>, <c>1..64
/// whole log</c>, or <c>a|b|c</c>.</summary>
internal sealed class SearchRange
{
    private const string Expected = "LOW..HIGH with log or whole after it, or values with | between";
    private readonly IReadOnlyList<string>? _choices;
    private readonly double _low, _high;
    private readonly bool _isLog, _isWhole;

    private SearchRange(string key, string text)
    {
        (Key, Text) = (key, text);
        var words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length == 0 || words[0].Split("..") is not [var low, var high])
        {
            _choices = [.. text.Split('|', StringSplitOptions.TrimEntries).Where(value => value.Length > 0)
                .Distinct(StringComparer.OrdinalIgnoreCase)];
            if (_choices.Count < 2)
            {
                throw Refused(Expected);
            }

            return;
        }

        (_isLog, _isWhole) = (words.Contains("log", StringComparer.Ordinal), words.Contains("whole", StringComparer.Ordinal));
        if (!double.TryParse(low, CultureInfo.InvariantCulture, out _low) || !double.TryParse(high, CultureInfo.InvariantCulture, out _high)
            || !(_low < _high)
            || words.Skip(1).Any(word => word is not ("log" or "whole")))
        {
            throw Refused(Expected);
        }

        if (_isLog && _low <= 0)
        {
            throw Refused("a low end above 0 where it is logarithmic");
        }
    }

    /// <summary>The setting.</summary>
    public string Key { get; }

    /// <summary>The range as it was written.</summary>
    public string Text { get; }

    /// <summary>Reads a range, and sees that the setting takes both of its ends or every value.</summary>
    /// <exception cref="SettingException">There is no such setting, it is no range, or the setting does not take it.</exception>
    public static SearchRange Parse(string key, string text)
    {
        var range = new SearchRange(SettingCatalogue.Find(key).Key, text.Trim());
        foreach (var value in range._choices ?? [range.Written(range._low), range.Written(range._high)])
        {
            new ResolvedSettings("range").Set(range.Key, value, "range");
        }

        return range;
    }

    /// <summary>Draws a value: uniform, or uniform in the logarithm; to three significant digits, so that a person can repeat it.</summary>
    public string Draw(ref SeededRandom random)
    {
        if (_choices is not null)
        {
            return _choices[random.NextInt(_choices.Count)];
        }

        var share = random.NextDouble();
        if (_isWhole)
        {
            // Every whole number has a cell of its own, the ends too.
            var drawn = _isLog ? _low * Math.Pow((_high + 1) / _low, share) : _low + (share * (_high + 1 - _low));
            return Written(Math.Clamp(Math.Floor(drawn), _low, _high));
        }

        var value = _isLog ? _low * Math.Pow(_high / _low, share) : _low + (share * (_high - _low));
        return Written(Math.Clamp(Rounded(value), _low, _high));
    }

    private SettingException Refused(string expected) => Setting.Refused($"The range of {Key}", Text, expected);

    private static double Rounded(double value) =>
        double.Parse(value.ToString("E2", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    private string Written(double value) => _isWhole ? ((long)value).ToString(CultureInfo.InvariantCulture)
        : value.ToString("R", CultureInfo.InvariantCulture);
}
