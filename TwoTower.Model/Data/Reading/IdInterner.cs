using System.Text;
using System.Text.Unicode;

namespace TwoTower.Model.Data.Reading;

/// <summary>Gives each distinct raw id a code in order of first appearance. Small plain numbers, which nearly all public data sets use, are
/// looked up in an array instead of a dictionary.</summary>
internal sealed class IdInterner
{
    private const int NumericLimit = 1 << 22;
    private readonly List<string> _rawIds = [];
    private readonly Dictionary<string, int> _codes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _bySpan;
    private int[] _numericCodesPlusOne = new int[1024];

    public IdInterner() => _bySpan = _codes.GetAlternateLookup<ReadOnlySpan<char>>();

    public int Count => _rawIds.Count;

    /// <summary>The code of an id as its bytes stand in the source: UTF-8, or Latin-1 when they are not UTF-8. Latin-1 gives every byte a
    /// character of its own, where a UTF-8 decoder would turn all it does not know into U+FFFD and so make one id of several.</summary>
    public int Intern(ReadOnlySpan<byte> bytes)
    {
        if (TryReadPlainNumber(bytes, out var number))
        {
            return InternSmall(number);
        }

        Span<char> characters = bytes.Length <= 256 ? stackalloc char[bytes.Length] : new char[bytes.Length];
        var encoding = Utf8.IsValid(bytes) ? Encoding.UTF8 : Encoding.Latin1;
        return InternText(characters[..encoding.GetChars(bytes, characters)]);
    }

    public int Intern(string rawId) => Intern(Encoding.UTF8.GetBytes(rawId));

    public int Intern(long number)
    {
        if (number is >= 0 and < NumericLimit)
        {
            return InternSmall((int)number);
        }

        Span<char> characters = stackalloc char[24];
        number.TryFormat(characters, out var written);
        return InternText(characters[..written]);
    }

    /// <summary>Ids in the catalogue's order (numeric when all are numeric, else ordinal) and the index of each
    /// code, -1 for one that is not used.</summary>
    /// <param name="used">By code, whether any row has it.</param>
    public (IdCatalogue Catalogue, int[] IndexByCode) ToCatalogue(bool[] used)
    {
        int[] codes = [.. Enumerable.Range(0, _rawIds.Count).Where(code => used[code])];
        Comparison<string> compare = Array.TrueForAll(codes, code => IsNumeric(_rawIds[code])) ? CompareNumeric : string.CompareOrdinal;
        Array.Sort(codes, (left, right) => compare(_rawIds[left], _rawIds[right]));
        var rawIds = new string[codes.Length];
        var indexByCode = new int[_rawIds.Count];
        Array.Fill(indexByCode, -1);
        for (var index = 0; index < codes.Length; index++)
        {
            rawIds[index] = _rawIds[codes[index]];
            indexByCode[codes[index]] = index;
        }

        return (new IdCatalogue(rawIds), indexByCode);
    }

    private static bool IsNumeric(string rawId) => rawId.AsSpan().IndexOfAnyExceptInRange('0', '9') < 0;

    private static int CompareNumeric(string left, string right)
    {
        var leftDigits = left.AsSpan().TrimStart('0');
        var rightDigits = right.AsSpan().TrimStart('0');
        var byLength = leftDigits.Length.CompareTo(rightDigits.Length);
        if (byLength != 0)
        {
            return byLength;
        }

        var byDigits = leftDigits.SequenceCompareTo(rightDigits);
        return byDigits != 0 ? byDigits : string.CompareOrdinal(left, right);
    }

    // "007" and "7" are different ids, so a leading zero is not plain.
    private static bool TryReadPlainNumber(ReadOnlySpan<byte> bytes, out int number)
    {
        number = 0;
        if (bytes.IsEmpty || bytes.Length > 7 || (bytes[0] == '0' && bytes.Length > 1))
        {
            return false;
        }

        foreach (var character in bytes)
        {
            var digit = character - '0';
            if ((uint)digit > 9)
            {
                return false;
            }

            number = (number * 10) + digit;
        }

        return number < NumericLimit;
    }

    private int InternSmall(int number)
    {
        if (number >= _numericCodesPlusOne.Length)
        {
            Array.Resize(ref _numericCodesPlusOne, Math.Min(NumericLimit, Math.Max(number + 1, _numericCodesPlusOne.Length * 2)));
        }

        ref var codePlusOne = ref _numericCodesPlusOne[number];
        if (codePlusOne == 0)
        {
            _rawIds.Add(number.ToString());
            codePlusOne = _rawIds.Count;
        }

        return codePlusOne - 1;
    }

    private int InternText(ReadOnlySpan<char> rawId)
    {
        if (_bySpan.TryGetValue(rawId, out var code))
        {
            return code;
        }

        var text = rawId.ToString();
        _rawIds.Add(text);
        _codes.Add(text, _rawIds.Count - 1);
        return _rawIds.Count - 1;
    }
}
