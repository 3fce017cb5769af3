using System.IO.Compression;
using System.Text;
using ICSharpCode.SharpZipLib;
using ICSharpCode.SharpZipLib.GZip;
using ZstdSharp;

namespace TwoTower.Model.Data.Reading;

/// <summary>How a file's bytes are packed.</summary>
internal enum Compression
{
    None,
    Gzip,
    Zstd,
}

/// <summary>One file of a source: on disk, inside a zip, or a stream that was copied.</summary>
/// <param name="name">Path for messages.</param>
/// <param name="open">Opens its bytes, packed as they lie there, from the start.</param>
/// <param name="path">Where it lies on disk; null inside a zip.</param>
internal sealed class SourceFile(string name, Func<Stream> open, string? path)
{
    private Compression? _compression;
    private bool? _mayHaveQuotes;
    private bool _isWhole;
    private string? _copy;
    private string? _unified;

    /// <summary>Path for messages.</summary>
    public string Name => name;

    /// <summary>The last part of the name.</summary>
    public string ShortName => Name[(Name.LastIndexOfAny(['/', '\\']) + 1)..];

    /// <summary>What the folders say that it lies in: <c>rating=5/</c>, the outermost first.</summary>
    public IReadOnlyList<FolderKey> Keys { get; init; } = [];

    /// <summary>How it is packed, by its first bytes.</summary>
    public Compression Compression => _compression ??= CompressionOf();

    /// <summary>Whether its text is no UTF-8, which is noticed while it is read: then every byte is a character of Latin-1,
    /// but for fields that are UTF-8.</summary>
    public bool IsLatin1 { get; set; }

    /// <summary>The bytes of a field as they stand in the file, of which the database has made UTF-8.</summary>
    public ReadOnlySpan<byte> BytesOf(ReadOnlySpan<byte> field) => IsLatin1 && field.IndexOfAnyExceptInRange((byte)0, (byte)127) >= 0
        ? Encoding.Latin1.GetBytes(Encoding.UTF8.GetString(field)) : field;

    /// <summary>Whether its lines end in more than one way, which is noticed while it is read: then a copy is
    /// read in which they end in one.</summary>
    public bool MixesLineEnds { get; set; }

    /// <summary>Whether there is a double quote in it; a packed file is not unpacked to find out.</summary>
    public bool MayHaveQuotes => _mayHaveQuotes ??= Compression != Compression.None || HasQuotes();

    /// <summary>Its bytes as packed.</summary>
    public Stream OpenPacked() => open();

    /// <summary>Its content.</summary>
    public Stream Open() => Compression switch
    {
        Compression.Gzip => new GZipStream(open(), CompressionMode.Decompress),
        Compression.Zstd => new DecompressionStream(open(), leaveOpen: false),
        _ => open(),
    };

    /// <summary>Its content as it is read: with one kind of line end where it mixes them.</summary>
    public Stream OpenText() => MixesLineEnds ? LineEnds.Unified(Open()) : Open();

    /// <summary>The first bytes of its content, at most <paramref name="count"/>.</summary>
    public byte[] ReadHead(int count)
    {
        using var stream = Open();
        var head = new byte[count];
        return head.AsSpan(0, stream.ReadAtLeast(head, count, throwOnEndOfStream: false)).ToArray();
    }

    /// <summary>A path under which another library finds it: its own where that can be written in a query, else a copy's.</summary>
    /// <param name="scratch">Where copies go.</param>
    public string PathFor(ScratchFolder scratch)
    {
        if (MixesLineEnds)
        {
            return _unified ??= scratch.Keep(OpenText(), ShortName);
        }

        // The database takes these characters for a pattern.
        return path is not null && path.AsSpan().IndexOfAny("*?[") < 0 ? path : _copy ??= scratch.Keep(open(), ShortName);
    }

    /// <summary>The line, from 1, on which a record begins (<see cref="RejectedRecord.Byte"/>).</summary>
    public long LineAt(long position)
    {
        if (position < 0)
        {
            return -position;
        }

        using var stream = OpenText();
        var buffer = new byte[1 << 16];
        var (line, before) = (1L, (byte)0);
        for (var read = stream.Read(buffer); read > 0 && position > 0; read = stream.Read(buffer))
        {
            foreach (var value in buffer.AsSpan(0, (int)Math.Min(read, position)))
            {
                line += value == '\r' || (value == '\n' && before != '\r') ? 1 : 0;
                before = value;
            }

            position -= read;
        }

        return line;
    }

    public static SourceFile OnDisk(string path, IReadOnlyList<FolderKey>? keys = null) =>
        new(path, () => new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1), path) { Keys = keys ?? [] };

    /// <summary>Refuses a gzip that is cut off or damaged, of which neither the database nor .NET says anything.</summary>
    /// <exception cref="DataException">It is.</exception>
    public void RefuseCutOff()
    {
        if (Compression != Compression.Gzip || _isWhole)
        {
            return;
        }

        try
        {
            using var stream = new GZipInputStream(open());
            stream.CopyTo(Stream.Null, 1 << 17);
            _isWhole = true;
        }
        catch (Exception failure) when (failure is SharpZipBaseException or EndOfStreamException)
        {
            throw new DataException($"{Name} is damaged: the gzip is cut off, or its checksum is not that of its content.", failure);
        }
    }

    private bool HasQuotes()
    {
        using var stream = open();
        var buffer = new byte[1 << 17];
        for (var read = stream.Read(buffer); read > 0; read = stream.Read(buffer))
        {
            if (buffer.AsSpan(0, read).Contains((byte)'"'))
            {
                return true;
            }
        }

        return false;
    }

    private Compression CompressionOf()
    {
        using var stream = open();
        var head = new byte[4];
        return head.AsSpan(0, stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false)) switch
        {
            [0x1F, 0x8B, ..] => Compression.Gzip,
            [0x28, 0xB5, 0x2F, 0xFD] => Compression.Zstd,
            _ => Compression.None,
        };
    }
}
