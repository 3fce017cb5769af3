namespace TwoTower.Model.Data;

/// <summary>The bijection between raw ids, as they stand in the source, and dense indices 0 … Count-1.</summary>
public sealed class IdCatalogue
{
    private readonly string[] _rawIds;
    private readonly Dictionary<string, int> _indexByRawId;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _bySpan;

    /// <summary>A catalogue in which <paramref name="rawIds"/>[i] has index i.</summary>
    /// <exception cref="ArgumentException">A raw id appears twice.</exception>
    public IdCatalogue(IReadOnlyList<string> rawIds)
    {
        _rawIds = [.. rawIds];
        _indexByRawId = new Dictionary<string, int>(_rawIds.Length, StringComparer.Ordinal);
        for (var index = 0; index < _rawIds.Length; index++)
        {
            if (!_indexByRawId.TryAdd(_rawIds[index], index))
            {
                throw new ArgumentException($"The id '{_rawIds[index]}' appears twice in the catalogue.", nameof(rawIds));
            }
        }

        _bySpan = _indexByRawId.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>Number of ids.</summary>
    public int Count => _rawIds.Length;

    /// <summary>Raw ids in index order.</summary>
    public IReadOnlyList<string> RawIds => _rawIds;

    /// <summary>The index of a raw id, without allocating.</summary>
    public bool TryGetIndex(ReadOnlySpan<char> rawId, out int index) => _bySpan.TryGetValue(rawId, out index);
}
