using System.Buffers.Binary;
using System.Security.Cryptography;

namespace TwoTower.Node.Clusters;

/// <summary>How a journal's file is made up: a mark, then entries, each of them its length, a check of the length, its bytes and a
/// check of everything up to here.</summary>
/// <remarks>Checks hang together in a chain: each begins with the one before it, so an entry is known only behind
/// those that it was written behind.</remarks>
internal static class JournalRecords
{
    /// <summary>The most bytes that an entry may have.</summary>
    public const int LongestEntry = 1 << 29;

    private const int HeaderBytes = 8, CheckBytes = 16;

    /// <summary>What a file begins with.</summary>
    public static ReadOnlySpan<byte> Magic => "2TJRNL.2"u8;

    /// <summary>The chain before the first entry.</summary>
    public static byte[] Beginning() => Magic.ToArray();

    /// <summary>An entry as it stands in a file.</summary>
    /// <param name="entry">Its bytes, no more than <see cref="LongestEntry"/>.</param>
    /// <param name="before">The chain up to it.</param>
    /// <returns>It, and the chain behind it.</returns>
    public static (byte[] Record, byte[] Chain) Write(ReadOnlySpan<byte> entry, byte[] before)
    {
        var record = new byte[HeaderBytes + entry.Length + CheckBytes];
        BinaryPrimitives.WriteInt32LittleEndian(record, entry.Length);
        HeaderCheck(before, record.AsSpan(0, sizeof(int))).CopyTo(record, sizeof(int));
        entry.CopyTo(record.AsSpan(HeaderBytes));
        var chain = Chain(before, record.AsSpan(0, HeaderBytes + entry.Length));
        chain.AsSpan(0, CheckBytes).CopyTo(record.AsSpan(HeaderBytes + entry.Length));
        return (record, chain);
    }

    /// <summary>Reads the entry at a place.</summary>
    /// <param name="file">The file.</param>
    /// <param name="at">The place, which is moved behind the entry.</param>
    /// <param name="chain">The chain up to it, which becomes that behind it.</param>
    /// <param name="entry">Its bytes.</param>
    /// <returns>Whether a whole entry begins there; false at the end of the file, and where it ends in the middle of an entry.</returns>
    /// <exception cref="InvalidDataException">What is there is not what was written.</exception>
    public static bool TryRead(byte[] file, ref int at, ref byte[] chain, out ReadOnlyMemory<byte> entry)
    {
        entry = default;
        if (file.Length - at < HeaderBytes)
        {
            return false;
        }

        var length = BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(at));
        if (length is < 0 or > LongestEntry || !file.AsSpan(at + sizeof(int), sizeof(int))
            .SequenceEqual(HeaderCheck(chain, file.AsSpan(at, sizeof(int)))))
        {
            // A length that was altered must not make all that follows look like an entry that was never finished.
            throw new InvalidDataException("the length of an entry is not what was written");
        }

        if (file.Length - at < HeaderBytes + length + CheckBytes)
        {
            return false;
        }

        var behind = Chain(chain, file.AsSpan(at, HeaderBytes + length));
        if (!file.AsSpan(at + HeaderBytes + length, CheckBytes).SequenceEqual(behind.AsSpan(0, CheckBytes)))
        {
            throw new InvalidDataException("an entry is not what was written");
        }

        entry = file.AsMemory(at + HeaderBytes, length);
        chain = behind;
        at += HeaderBytes + length + CheckBytes;
        return true;
    }

    private static byte[] HeaderCheck(byte[] before, ReadOnlySpan<byte> length) => SHA256.HashData([.. before, .. length])[..sizeof(int)];

    private static byte[] Chain(byte[] before, ReadOnlySpan<byte> entry)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(before);
        hash.AppendData(entry);
        return hash.GetHashAndReset();
    }
}
