using TwoTower.Actors.Protocol;
using TwoTower.Actors.Protocol.Wire;
using TwoTower.Tests.Node;

namespace TwoTower.Tests.Protocol;

/// <summary>The bytes of an example of every message, and of all that is kept on disks, are those of <c>GoldenBytes.txt</c>: nodes of one
/// version understand each other, and a disk is read by the next build. After a wanted change give the message a new version in its
/// manifest (or the file's format its own), write the table anew with <c>TWOTOWER_WRITE_GOLDEN_BYTES=1 dotnet test TwoTower.Tests
/// --filter GoldenBytesSpecs</c>, and read the difference.</summary>
public class GoldenBytesSpecs
{
    private const int BytesInLine = 64;

    private static readonly (string Name, object Value, byte[] Bytes)[] s_examples =
    [
        .. WireFormat.Manifests.Select(named => Message(named.Key, WireExamples.Of(named.Value))),
        .. typeof(JournalEntry).GetNestedTypes().Where(type => type.IsSubclassOf(typeof(JournalEntry)))
            .OrderBy(type => type.Name, StringComparer.Ordinal).Select(type => Entry(type.Name, (JournalEntry)WireExamples.Of(type))),
        Stored("record", (ShardRecord)WireExamples.Of(typeof(ShardRecord)), StorageFormat.FrameOf),
        Stored("snapshot", (ModelSnapshot)WireExamples.Of(typeof(ModelSnapshot)), StorageFormat.FrameOf),
    ];

    [Fact]
    public async Task The_bytes_of_every_message_and_of_every_file_are_those_of_the_table()
    {
        var path = Path.Combine(ReadmeSpecs.Root(), "TwoTower.Tests", "Protocol", "GoldenBytes.txt");
        var table = string.Concat(s_examples.Select(example =>
            $"{example.Name}\n{string.Concat(example.Bytes.Chunk(BytesInLine).Select(line => $"  {Convert.ToHexStringLower(line)}\n"))}"));
        if (Environment.GetEnvironmentVariable("TWOTOWER_WRITE_GOLDEN_BYTES") == "1")
        {
            await File.WriteAllTextAsync(path, table);
        }

        Assert.Equal((await File.ReadAllTextAsync(path)).ReplaceLineEndings("\n"), table);
    }

    [Fact]
    public void The_bytes_of_the_table_are_read_as_what_was_written() => Assert.All(s_examples, example => Assert.Equal(
        WireMessages.Describe(example.Value),
        WireMessages.Describe(example.Name switch
        {
            "record" => StorageFormat.DecodeRecord(new(example.Bytes)),
            "snapshot" => StorageFormat.DecodeSnapshot(new(example.Bytes)),
            _ when example.Value is JournalEntry => StorageFormat.DecodeEntry(example.Bytes),
            _ => WireFormat.Decode(example.Name, example.Bytes),
        })));

    private static (string Name, object Value, byte[] Bytes) Message(string manifest, object message) =>
        (manifest, message, WireFormat.Encode(message));

    private static (string Name, object Value, byte[] Bytes) Entry(string name, JournalEntry entry) =>
        ($"journal {name}", entry, StorageFormat.Encode(entry).ToArray());

    private static (string Name, object Value, byte[] Bytes) Stored<T>(string name, T value, Func<T, MessageFrame> frameOf)
        where T : notnull => frameOf(value) is var frame ? (name, value, frame.Piece(0, (int)frame.Length).ToArray()) : default;
}
