using System.Text;

namespace TwoTower.Node.Exports;

/// <summary>Ids in forms without quotes: what would end a name is written as in an address on the web, its UTF-8 bytes as % and two digits.
/// So names differ where ids do, and unquoting them gives the ids back.</summary>
internal static class EscapedId
{
    /// <summary>What stands for the id that is empty: a % that is none of an id's is followed by digits.</summary>
    public const string Empty = "%";

    /// <summary>An id as a name. Escaped are %, control characters, white space of any kind, and the byte order mark; where spaces may
    /// stand, those within are kept.</summary>
    /// <param name="id">The id.</param>
    /// <param name="keepSpaces">Whether a space does not end a name.</param>
    public static string Of(string id, bool keepSpaces)
    {
        if (id.Length == 0)
        {
            return Empty;
        }

        var name = new StringBuilder(id.Length);
        Span<byte> bytes = stackalloc byte[3];
        for (var n = 0; n < id.Length; n++)
        {
            var letter = id[n];
            if (letter is '%' or '\uFEFF' || char.IsControl(letter)
                || (char.IsWhiteSpace(letter) && !(keepSpaces && letter == ' ' && n > 0 && n < id.Length - 1)))
            {
                foreach (var value in bytes[..Encoding.UTF8.GetBytes([letter], bytes)])
                {
                    name.Append('%').Append(value.ToString("X2", System.Globalization.CultureInfo.InvariantCulture));
                }
            }
            else
            {
                name.Append(letter);
            }
        }

        return name.ToString();
    }
}
