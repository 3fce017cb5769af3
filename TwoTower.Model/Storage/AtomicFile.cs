namespace TwoTower.Model.Storage;

/// <summary>A file or folder cannot be written or read. The message is one sentence for a person.</summary>
public sealed class StorageException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Whether a write failed (the disk is full, …); else what was to be read or named cannot be used.</summary>
    public bool Writing { get; init; }
}

/// <summary>Writes files beside their place and renames them into it: a reader sees the old file or
/// the new one, never half of one.</summary>
internal static class AtomicFile
{
    /// <summary>Writes a file.</summary>
    /// <param name="path">Where it goes; an existing file is replaced.</param>
    /// <param name="write">Writes the content.</param>
    /// <exception cref="StorageException">The disk is full, or the place cannot be written.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        var beside = $"{path}.{Environment.ProcessId}.tmp";
        try
        {
            using (var stream = new FileStream(beside, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }

            File.Move(beside, path, overwrite: true);
        }
        catch (Exception failure)
        {
            try
            {
                File.Delete(beside);
            }
            catch (Exception left) when (left is IOException or UnauthorizedAccessException)
            {
                // What could not be written cannot be removed either; why is what matters.
            }

            if (failure is not (IOException or UnauthorizedAccessException))
            {
                throw;
            }

            throw new StorageException(
                $"'{path}' cannot be written ({PlainReason.Of(failure)}); free some space or choose another folder with --out.",
                failure)
            { Writing = true };
        }
    }

    /// <summary>Writes a text file in UTF-8.</summary>
    public static void WriteText(string path, string text) => Write(path, stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(text)));
}
