using System.Text;

namespace TwoTower.Model.Data;

/// <summary>How the fields of a text's records are told apart.</summary>
/// <param name="Separator">Between fields.</param>
/// <param name="Quotes">Whether a field that begins with a double quote goes to the closing one, line breaks included (RFC 4180).</param>
internal sealed record TextDialect(string Separator, bool Quotes)
{
    /// <summary>Separators in words, for messages.</summary>
    public string SeparatorName => Separator switch
    {
        "\t" => "tabs",
        "," => "commas",
        ";" => "semicolons",
        " " => "spaces",
        _ => $"'{Separator}'",
    };

    /// <summary>The text of some bytes: UTF-8, or Latin-1 when they are no UTF-8 (MovieLens 100K and 1M titles).</summary>
    public static string TextOf(ReadOnlySpan<byte> bytes) => System.Text.Unicode.Utf8.IsValid(bytes) ? Encoding.UTF8.GetString(bytes)
        : Encoding.Latin1.GetString(bytes);

    /// <summary>The beginning of some text in quotes, on one line, for messages.</summary>
    public static string Shown(string text)
    {
        const int Longest = 60;
        var line = text.ReplaceLineEndings("⏎").Replace('\t', '→');
        return line.Length > Longest ? $"'{line[..Longest]}…'" : $"'{line}'";
    }
}
