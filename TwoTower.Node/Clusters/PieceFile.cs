using System.Buffers;
using System.Security.Cryptography;
using TwoTower.Actors.Hosting.Endpoints;
using TwoTower.Actors.Protocol.Wire;

namespace TwoTower.Node.Clusters;

/// <summary>Frames of any length as files, written and read piece by piece, with their SHA-256: no array holds one whole.</summary>
internal static class PieceFile
{
    /// <summary>Bytes of a piece.</summary>
    public const int PieceBytes = 4 << 20;

    /// <summary>The SHA-256 of a frame.</summary>
    public static byte[] Hash(MessageFrame frame, int pieceBytes = PieceBytes) => Write(Stream.Null, frame, pieceBytes);

    /// <summary>Writes a frame.</summary>
    /// <param name="stream">Where to.</param>
    /// <param name="frame">The frame.</param>
    /// <param name="pieceBytes">Bytes written at a time.</param>
    /// <returns>Its SHA-256.</returns>
    public static byte[] Write(Stream stream, MessageFrame frame, int pieceBytes = PieceBytes)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (var offset = 0L; offset < frame.Length; offset += pieceBytes)
        {
            var piece = frame.Piece(offset, (int)Math.Min(pieceBytes, frame.Length - offset)).Span;
            hash.AppendData(piece);
            stream.Write(piece);
        }

        return hash.GetHashAndReset();
    }

    /// <summary>Reads what is left of a stream, and what is in it if it is what was written.</summary>
    /// <param name="stream">The stream, which knows its length.</param>
    /// <param name="sha256">The SHA-256 that it was written with.</param>
    /// <param name="read">Reads the bytes, and says up to which they will not be looked at again.</param>
    /// <param name="value">What was read.</param>
    /// <param name="pieceBytes">Bytes held in one array.</param>
    /// <returns>Whether it is what was written.</returns>
    public static bool TryRead<T>(Stream stream, ReadOnlySpan<byte> sha256, Reading<T> read, out T value, int pieceBytes = PieceBytes)
    {
        value = default!;
        if (stream.Length == stream.Position)
        {
            return false; // nothing that is written here is empty
        }

        var frame = new InboundFrame(string.Empty, stream.Length - stream.Position, pieceBytes);
        var buffer = ArrayPool<byte>.Shared.Rent(pieceBytes);
        try
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            for (var offset = 0L; offset < frame.Length;)
            {
                var piece = buffer.AsSpan(0, (int)Math.Min(pieceBytes, frame.Length - offset));
                stream.ReadExactly(piece);
                hash.AppendData(piece);
                frame.Write(offset, piece);
                offset += piece.Length;
            }

            if (!hash.GetHashAndReset().AsSpan().SequenceEqual(sha256))
            {
                return false;
            }

            value = read(frame.Bytes(), frame.Release);
            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            frame.Release();
        }
    }

    /// <summary>Reads a frame.</summary>
    /// <param name="bytes">Its bytes.</param>
    /// <param name="used">Is told up to which byte they will not be looked at again.</param>
    public delegate T Reading<out T>(in ReadOnlySequence<byte> bytes, Action<long> used);
}
