using static TwoTower.Actors.Protocol.AdmissionProtocol;

namespace TwoTower.Actors.Protocol.Wire;

/// <summary>The conversation about who takes part, on the wire.</summary>
internal static class AdmissionFormat
{
    /// <summary>More settings or roles than any node has.</summary>
    private const int MostTexts = 1024;

    /// <summary>More worker actors than any node runs.</summary>
    private const int MostWorkers = 1 << 16;

    /// <summary>More ids than any run gives.</summary>
    private const int MostIds = 1 << 24;

    public static void Write<T>(ref T sink, Apply apply)
        where T : IWireSink, allows ref struct
    {
        var card = apply.Card;
        sink.Group(9);
        sink.Int(card.Version);
        sink.Text(card.Node);
        sink.Text(card.Address);
        Texts(ref sink, card.Roles);
        sink.Int(card.WorkerActors);
        sink.Text(card.Fingerprint);
        Texts(ref sink, card.Settings);
        Numbers(ref sink, card.Held);
    }

    public static Apply ReadApply(ref WireReader reader)
    {
        reader.Group(9);
        var card = new NodeCard(
            reader.Int(), reader.Text(), reader.Text(), ReadTextList(ref reader), ReadWorkerCount(ref reader), reader.Text(),
            ReadTextList(ref reader), ReadNumbers(ref reader));
        return card.Held.All(held => held is >= 0 and < MostIds)
            ? new Apply(card) : throw new WireException("A worker id is out of range.");
    }

    public static void Write<T>(ref T sink, Admitted admitted)
        where T : IWireSink, allows ref struct
    {
        sink.Group(3);
        sink.Text(admitted.Node);
        Numbers(ref sink, admitted.Workers);
    }

    public static Admitted ReadAdmitted(ref WireReader reader)
    {
        reader.Group(3);
        return new Admitted(reader.Text(), ReadNumbers(ref reader));
    }

    public static void Write<T>(ref T sink, string node)
        where T : IWireSink, allows ref struct
    {
        sink.Group(1);
        sink.Text(node);
    }

    public static string ReadNode(ref WireReader reader)
    {
        reader.Group(1);
        return reader.Text();
    }

    public static void Write<T>(ref T sink, string node, string text)
        where T : IWireSink, allows ref struct
    {
        sink.Group(2);
        sink.Text(node);
        sink.Text(text);
    }

    public static (string Node, string Text) ReadTexts(ref WireReader reader)
    {
        reader.Group(2);
        return (reader.Text(), reader.Text());
    }

    private static void Texts<T>(ref T sink, string[] texts)
        where T : IWireSink, allows ref struct
    {
        sink.Group(texts.Length);
        foreach (var text in texts)
        {
            sink.Text(text);
        }
    }

    private static string[] ReadTextList(ref WireReader reader)
    {
        var texts = new string[reader.GroupUpTo(MostTexts)];
        for (var n = 0; n < texts.Length; n++)
        {
            texts[n] = reader.Text();
        }

        return texts;
    }

    private static void Numbers<T>(ref T sink, int[] numbers)
        where T : IWireSink, allows ref struct
    {
        sink.Int(numbers.Length);
        sink.Block((long)numbers.Length * sizeof(int));
        sink.Array(numbers, numbers.Length);
    }

    private static int ReadWorkerCount(ref WireReader reader) =>
        reader.Count() is <= MostWorkers and var count ? count : throw new WireException($"A node may have {MostWorkers} workers at most.");

    private static int[] ReadNumbers(ref WireReader reader)
    {
        var count = ReadWorkerCount(ref reader);
        reader.Block((long)count * sizeof(int));
        return reader.Array<int>(count);
    }
}
