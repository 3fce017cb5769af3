using TwoTower.Model;
using TwoTower.Model.Storage;
using TwoTower.Node.Runs;

namespace TwoTower.Node.Telemetry;

/// <summary>Appends events to <c>events.jsonl</c>, a line each.</summary>
/// <param name="file">Where to; it is taken over.</param>
internal sealed class RunEventFile(Stream file) : IRunEventSink
{
    /// <summary>The file's name in a run's folder.</summary>
    public const string Name = RunFolder.EventsName;

    /// <summary>Opens the file at the end of its last whole line.</summary>
    /// <exception cref="StorageException">It cannot be written.</exception>
    public static RunEventFile Append(string path)
    {
        try
        {
            var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
            file.SetLength(EndOfLastLine(file));
            file.Seek(0, SeekOrigin.End);
            return new RunEventFile(file);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"'{path}' cannot be written: {PlainReason.Of(failure)}.", failure);
        }
    }

    /// <inheritdoc />
    public void Write(RunEvent line)
    {
        file.Write([.. line.ToJson(), (byte)'\n']);
        file.Flush();
    }

    /// <inheritdoc />
    public void Dispose()
    {
        try
        {
            file.Dispose();
        }
        catch (IOException)
        {
            // What a full disk did not take has been told of.
        }
    }

    /// <inheritdoc />
    public override string ToString() => Name;

    private static long EndOfLastLine(FileStream file)
    {
        for (var at = file.Length; at > 0; at--)
        {
            file.Seek(at - 1, SeekOrigin.Begin);
            if (file.ReadByte() == '\n')
            {
                return at;
            }
        }

        return 0;
    }
}
