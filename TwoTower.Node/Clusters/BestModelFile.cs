using System.Security.Cryptography;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Protocol.Wire;
using TwoTower.Model;
using TwoTower.Model.Storage;

namespace TwoTower.Node.Clusters;

/// <summary>The best model so far: a file with its parameters behind a check of them.</summary>
internal static class BestModelFile
{
    /// <summary>Writes it beside, and puts it in its place.</summary>
    public static void Write(string path, ModelSnapshot snapshot)
    {
        var frame = StorageFormat.FrameOf(snapshot);
        AtomicFile.Write(path, stream =>
        {
            stream.Write(PieceFile.Hash(frame));
            PieceFile.Write(stream, frame);
        });
    }

    /// <summary>Reads it.</summary>
    /// <exception cref="StorageException">It cannot be read, or is not what was written.</exception>
    public static ModelSnapshot Read(string path)
    {
        try
        {
            using var stream = File.OpenRead(path);
            Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
            if (stream.ReadAtLeast(hash, hash.Length, throwOnEndOfStream: false) == hash.Length && PieceFile.TryRead(stream, hash,
                StorageFormat.DecodeSnapshot, out var snapshot))
            {
                return snapshot;
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"'{path}', the best model so far, cannot be read ({PlainReason.Of(failure)}).", failure);
        }

        throw new StorageException($"'{path}', the best model so far, is damaged: its content is not what was written.");
    }

    /// <summary>Deletes what is not the best any more. That it is still there harms nobody.</summary>
    public static void Forget(string? path)
    {
        try
        {
            if (path is not null)
            {
                File.Delete(path);
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // Some disk space is lost.
        }
    }
}
