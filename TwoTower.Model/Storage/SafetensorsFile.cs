using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace TwoTower.Model.Storage;

/// <summary>Named tensors and text in one file: the safetensors format (8 bytes of header length, a JSON header, the data).</summary>
/// <param name="Floats">F32 tensors, row-major.</param>
/// <param name="Integers">I32 tensors, row-major.</param>
/// <param name="Metadata">Texts.</param>
public sealed record SafetensorsFile(
    IReadOnlyDictionary<string, float[]> Floats, IReadOnlyDictionary<string, int[]> Integers, IReadOnlyDictionary<string, string> Metadata)
{
    private const int LargestHeader = 100_000_000; // the format's own limit
    private const string HashName = "sha256";

    /// <summary>Shapes of tensors, by name, that are no flat rows of numbers; row-major.</summary>
    public IReadOnlyDictionary<string, int[]> Shapes { get; init; } = new Dictionary<string, int[]>(StringComparer.Ordinal);

    /// <summary>The same with a SHA-256 over texts and tensors among the texts.</summary>
    public SafetensorsFile WithSha256() =>
        this with { Metadata = new Dictionary<string, string>(Metadata, StringComparer.Ordinal) { [HashName] = Sha256() } };

    /// <summary>Whether the SHA-256 among the texts is there and is that of the content.</summary>
    public bool IsWhole => Metadata.GetValueOrDefault(HashName) == Sha256();

    /// <summary>Writes the file, atomically.</summary>
    /// <exception cref="ArgumentException">Two tensors have the same name.</exception>
    public void Write(string path) => AtomicFile.Write(path, stream =>
    {
        var header = new JsonObject
        {
            ["__metadata__"] = new JsonObject(Metadata.OrderBy(entry => entry.Key, StringComparer.Ordinal)
            .Select(entry => KeyValuePair.Create(entry.Key, (JsonNode?)entry.Value)))
        };
        var offset = 0L;
        foreach (var (name, values) in Floats)
        {
            header.Add(name, Entry("F32", ShapeOf(name, values.Length), ref offset));
        }

        foreach (var (name, values) in Integers)
        {
            header.Add(name, Entry("I32", ShapeOf(name, values.Length), ref offset));
        }

        var text = JsonSerializer.SerializeToUtf8Bytes(header);
        Span<byte> length = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, text.Length);
        stream.Write(length);
        stream.Write(text);
        foreach (var values in Floats.Values)
        {
            ArrayBytes.ForEach(values, bytes => stream.Write(bytes));
        }

        foreach (var values in Integers.Values)
        {
            ArrayBytes.ForEach(values, bytes => stream.Write(bytes));
        }
    });

    /// <summary>Reads a file that has F32 and I32 tensors only.</summary>
    /// <exception cref="StorageException">It is missing or damaged.</exception>
    public static SafetensorsFile Read(string path)
    {
        try
        {
            using var stream = File.OpenRead(path);
            Span<byte> start = stackalloc byte[8];
            stream.ReadExactly(start);
            var length = BinaryPrimitives.ReadInt64LittleEndian(start);
            if (length < 2 || length > LargestHeader || length > stream.Length - 8)
            {
                throw new StorageException($"'{path}' is damaged: its header cannot be {length} bytes long.");
            }

            var text = new byte[length];
            stream.ReadExactly(text);
            var header = JsonNode.Parse(text)!.AsObject();
            var floats = new Dictionary<string, float[]>(StringComparer.Ordinal);
            var integers = new Dictionary<string, int[]>(StringComparer.Ordinal);
            var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (var (name, node) in header)
            {
                if (name == "__metadata__")
                {
                    metadata = node!.AsObject().ToDictionary(entry => entry.Key, entry => entry.Value!.GetValue<string>(),
                        StringComparer.Ordinal);
                    continue;
                }

                var from = node!["data_offsets"]![0]!.GetValue<long>();
                var to = node["data_offsets"]![1]!.GetValue<long>();
                if (from < 0 || to < from || (to - from) % 4 != 0 || 8 + length + to > stream.Length)
                {
                    throw new StorageException($"'{path}' is damaged: the tensor '{name}' lies outside the file.");
                }

                stream.Position = 8 + length + from;
                if (node["dtype"]!.GetValue<string>() == "F32")
                {
                    ArrayBytes.ForEach(floats[name] = new float[(to - from) / 4], stream.ReadExactly);
                }
                else
                {
                    ArrayBytes.ForEach(integers[name] = new int[(to - from) / 4], stream.ReadExactly);
                }
            }

            return new SafetensorsFile(floats, integers, metadata);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"'{path}' cannot be read: {PlainReason.Of(failure)}.", failure);
        }
        catch (Exception failure)
            when (failure is JsonException or InvalidOperationException or NullReferenceException or ArgumentException or FormatException)
        {
            throw new StorageException($"'{path}' is damaged: its header is not that of a safetensors file.", failure);
        }
    }

    /// <summary>SHA-256 (hex) over all texts but itself and over all tensors with their names.</summary>
    private string Sha256()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (name, text) in Metadata.Where(entry => entry.Key != HashName).OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            Append(hash, name, text.ToCharArray());
        }

        foreach (var (name, values) in Floats.OrderBy(tensor => tensor.Key, StringComparer.Ordinal))
        {
            Append(hash, name, values);
        }

        foreach (var (name, values) in Integers.OrderBy(tensor => tensor.Key, StringComparer.Ordinal))
        {
            Append(hash, name, values);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    // Lengths first, so that nothing can move from one tensor into the next.
    private static void Append<T>(IncrementalHash hash, string name, T[] content)
        where T : unmanaged
    {
        var length = ArrayBytes.LengthOf(content);
        hash.AppendData(MemoryMarshal.AsBytes<int>(length <= int.MaxValue ? [name.Length, (int)length] : [name.Length, -1,
            (int)(length >> 32), (int)length]));
        hash.AppendData(MemoryMarshal.AsBytes(name.AsSpan()));
        ArrayBytes.ForEach(content, bytes => hash.AppendData(bytes));
    }

    private int[] ShapeOf(string name, int length) => Shapes.GetValueOrDefault(name, [length]);

    private static JsonObject Entry(string type, int[] shape, ref long offset)
    {
        var from = offset;
        offset += shape.Aggregate(4L, (bytes, side) => bytes * side);
        return new JsonObject
        {
            ["dtype"] = type,
            ["shape"] = new JsonArray([.. shape.Select(side => (JsonNode)side)]),
            ["data_offsets"] = new JsonArray(from, offset)
        };
    }
}
