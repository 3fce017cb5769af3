using System.Security.Cryptography;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Protocol.Wire;
using TwoTower.Model.Storage;

namespace TwoTower.Node.Clusters;

/// <summary>The best model so far: a file with its parameters behind a check of them.</summary>
internal static class BestModelFile
{
    /// <summary>Writes it beside, and puts it in its place.</summary>
    public static void Write(string path, ModelSnapshot snapshot)
    {
        var bytes = StorageFormat.Encode(snapshot);
        AtomicFile.Write(path, stream =>
        {
            stream.Write(SHA256.HashData(bytes.Span));
            stream.Write(bytes.Span);
        });
    }

    /// <summary>Reads it.</summary>
    /// <exception cref="StorageException">It cannot be read, or is not what was written.</exception>
    public static ModelSnapshot Read(string path)
    {
        try
        {
            var bytes = File.ReadAllBytes(path);
            if (bytes.Length > SHA256.HashSizeInBytes && SHA256.HashData(bytes.AsSpan(SHA256.HashSizeInBytes)).AsSpan().SequenceEqual(bytes.AsSpan(0, SHA256.HashSizeInBytes)))
            {
                return StorageFormat.DecodeSnapshot(bytes.AsMemory(SHA256.HashSizeInBytes));
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
