using System.Globalization;

namespace TwoTower.Model.Options;

/// <summary>What a <see cref="RecentSpan"/> is counted in.</summary>
public enum SpanUnit
{
    /// <summary>No limit: all of train.</summary>
    All,

    /// <summary>Chosen inside train.</summary>
    Auto,

    /// <summary>A share of the train positives, in (0, 1].</summary>
    Share,

    /// <summary>Train positives.</summary>
    Events,

    /// <summary>Days of 86,400 seconds.</summary>
    Days,
}

/// <summary>A stretch of time that ends with the last train positive. Counted in events it means the same on every data set and in every
/// season: a day of MovieLens-1M holds from 100 to 20,000 positives, so that 8 days are a thirteenth of train at one cut and a
/// four-hundredth at the next.</summary>
/// <param name="Unit">What it is counted in.</param>
/// <param name="Value">How many; 0 for <see cref="SpanUnit.All"/> and <see cref="SpanUnit.Auto"/>.</param>
public readonly record struct RecentSpan(SpanUnit Unit, double Value)
{
    /// <summary>What <see cref="TryParse"/> takes, beside the word for no limit.</summary>
    public const string Forms = "auto, a share such as 7.8%, a number of train positives such as 36000, or days such as 8d";

    private const double MostDays = 1e6;

    /// <summary>No limit.</summary>
    public static RecentSpan All => default;

    /// <summary>Chosen inside train.</summary>
    public static RecentSpan Auto => new(SpanUnit.Auto, 0);

    /// <summary>A share of the train positives.</summary>
    /// <param name="share">In (0, 1].</param>
    public static RecentSpan OfShare(double share) => new(SpanUnit.Share, share);

    /// <summary>A number of train positives.</summary>
    public static RecentSpan OfEvents(double events) => new(SpanUnit.Events, events);

    /// <summary>A number of days.</summary>
    public static RecentSpan OfDays(double days) => new(SpanUnit.Days, days);

    /// <summary>Reads <c>auto</c>, <c>7.8%</c>, <c>36000</c> or <c>8d</c>, or the word that stands for no limit.</summary>
    /// <param name="text">The text.</param>
    /// <param name="unlimited">The word for no limit: "all" for a window, "off" for a half-life.</param>
    /// <returns>Null when it is none of these.</returns>
    public static RecentSpan? TryParse(string text, string unlimited)
    {
        text = text.Trim();
        if (text.Equals(unlimited, StringComparison.OrdinalIgnoreCase))
        {
            return All;
        }

        if (text.Equals("auto", StringComparison.OrdinalIgnoreCase))
        {
            return Auto;
        }

        var unit = text.EndsWith('%') ? SpanUnit.Share : text.EndsWith('d') || text.EndsWith('D') ? SpanUnit.Days : SpanUnit.Events;
        var number = unit == SpanUnit.Events ? text : text[..^1];
        if (!double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) || !(value > 0))
        {
            return null;
        }

        return unit switch
        {
            SpanUnit.Share => value <= 100 ? OfShare(value / 100) : null,
            SpanUnit.Days => value <= MostDays ? OfDays(value) : null,
            _ => value >= 1 && value <= int.MaxValue ? OfEvents(value) : null,
        };
    }

    /// <summary>The text that <see cref="TryParse"/> reads.</summary>
    /// <param name="unlimited">The word for no limit.</param>
    public string ToText(string unlimited) => Unit switch
    {
        SpanUnit.All => unlimited,
        SpanUnit.Auto => "auto",
        SpanUnit.Share => FormattableString.Invariant($"{(decimal)Value * 100:0.##########}%"),
        SpanUnit.Days => Value.ToString("R", CultureInfo.InvariantCulture) + "d",
        _ => Value.ToString("R", CultureInfo.InvariantCulture),
    };
}
