using System.Globalization;

namespace TwoTower.Node.Display;

/// <summary>Numbers of things, as a person writes them.</summary>
internal static class Counted
{
    /// <summary>"1 plan", "2,000 plans".</summary>
    /// <param name="count">How many.</param>
    /// <param name="what">One of them; more of them end with an s.</param>
    public static string Of(long count, string what) =>
        string.Create(CultureInfo.InvariantCulture, $"{count:#,0} {what}{(count == 1 ? string.Empty : "s")}");
}
