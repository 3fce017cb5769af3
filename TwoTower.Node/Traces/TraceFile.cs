using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using TwoTower.Actors.Simulation.Tracing;
using TwoTower.Model.Data;
using TwoTower.Model.Storage;
using TwoTower.Node.Settings;
using TwoTower.Node.Shell;

namespace TwoTower.Node.Traces;

/// <summary>What stands before the events of a trace file.</summary>
/// <param name="ProgramVersion">Version of the program that made it.</param>
/// <param name="Settings">All settings of the run.</param>
/// <param name="DataFingerprint">Of the data.</param>
internal sealed record TraceHeader(string ProgramVersion, ResolvedSettings Settings, string DataFingerprint);

/// <summary>A trace as a file: a magic word, the version, a header of JSON, the events and their hash. See docs/trace-format.md.</summary>
internal static class TraceFile
{
    private const int MaxHeader = 1 << 20;

    private static ReadOnlySpan<byte> Magic => "2TWRTRCE"u8;

    /// <summary>Refuses to write over what is no trace: it may be dear to somebody.</summary>
    /// <exception cref="SettingException">The file is there, has content, and is none.</exception>
    public static void RefuseForeign(string path)
    {
        try
        {
            using var there = File.OpenRead(path);
            Span<byte> start = stackalloc byte[8];
            if (there.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) is > 0
                and var read && !start[..read].SequenceEqual(Magic))
            {
                throw new SettingException($"'{path}' is there and is no trace; it would be overwritten. Choose another --trace.");
            }
        }
        catch (Exception none) when (none is IOException or UnauthorizedAccessException)
        {
            // Nothing is there that could be read; whether it can be written is found when it is.
        }
    }

    /// <summary>Makes a file and writes its header.</summary>
    /// <returns>The stream, at the place of the first event.</returns>
    /// <exception cref="StorageException">It cannot be made.</exception>
    public static Stream Create(string path, ResolvedSettings settings, string dataFingerprint)
    {
        var values = new JsonObject();
        foreach (var setting in SettingCatalogue.All)
        {
            values[setting.Key] = setting.Read(settings.Values);
        }

        var json = Encoding.UTF8.GetBytes(new JsonObject
        {
            ["program"] = ProgramVersion.Text,
            ["recipe"] = settings.Recipe,
            ["dataFingerprint"] = dataFingerprint,
            ["settings"] = values,
        }.ToJsonString());
        try
        {
            var stream = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read);
            stream.Write(Magic);
            Span<byte> numbers = stackalloc byte[8];
            BinaryPrimitives.WriteInt32LittleEndian(numbers, TraceEncoding.Version);
            BinaryPrimitives.WriteInt32LittleEndian(numbers[4..], json.Length);
            stream.Write(numbers);
            stream.Write(json);
            return stream;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"The trace '{path}' cannot be written ({failure.Message}); choose another --trace.", failure);
        }
    }

    /// <summary>Opens a file and reads its header.</summary>
    /// <returns>The header, and the stream at the first event.</returns>
    /// <exception cref="DataException">It is no trace, or one of another version.</exception>
    public static (TraceHeader Header, Stream Events) Open(string path)
    {
        FileStream stream;
        try
        {
            stream = File.OpenRead(path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new DataException($"The trace '{path}' cannot be read ({failure.Message}).");
        }

        try
        {
            return (ReadHeader(path, stream), stream);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    private static TraceHeader ReadHeader(string path, FileStream stream)
    {
        Span<byte> start = stackalloc byte[16];
        if (stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) < start.Length || !start[..8].SequenceEqual(Magic))
        {
            throw new DataException($"'{path}' is not a trace: 'twotower simulate --trace FILE' makes one.");
        }

        var version = BinaryPrimitives.ReadInt32LittleEndian(start[8..]);
        if (version != TraceEncoding.Version)
        {
            throw new DataException(
                $"'{path}' is a trace of version {version}, and this program reads version {TraceEncoding.Version}: use the program that "
                + $"made it, or make the trace again.");
        }

        var length = BinaryPrimitives.ReadInt32LittleEndian(start[12..]);
        var json = new byte[length is >= 0 and <= MaxHeader ? length : 0];
        if (json.Length == 0 || stream.ReadAtLeast(json, json.Length, throwOnEndOfStream: false) < json.Length)
        {
            throw new DataException($"The header of the trace '{path}' is damaged.");
        }

        try
        {
            var header = JsonNode.Parse(json)!;
            var settings = new ResolvedSettings(header["recipe"]!.GetValue<string>());
            foreach (var (key, value) in header["settings"]!.AsObject())
            {
                settings.Set(key, value!.GetValue<string>(), "trace");
            }

            return new TraceHeader(header["program"]!.GetValue<string>(), settings, header["dataFingerprint"]!.GetValue<string>());
        }
        catch (Exception failure) when (failure is JsonException or NullReferenceException or InvalidOperationException)
        {
            throw new DataException($"The header of the trace '{path}' is damaged ({failure.Message}).");
        }
    }
}
