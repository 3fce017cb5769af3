using System.Runtime.CompilerServices;
using System.Text.Json;

namespace TwoTower.Node.Telemetry;

/// <summary>Reads of a progress line what a chart needs of every one: a long run has tens of thousands, and all of one
/// takes ten times as long to read.</summary>
internal static class ProgressLine
{
    /// <summary>Whether a line is one, as this program writes them.</summary>
    public static bool Is(ReadOnlySpan<byte> line) => line.StartsWith("{\"type\":\"progress\","u8);

    /// <summary>The line without <see cref="RunEvent.Progress.Time"/> and
    /// <see cref="RunEvent.Progress.Shards"/>; null when it is torn.</summary>
    // the first file that a page opens is read before the runtime would have found that this is worth compiling well
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static RunEvent.Progress? Read(ReadOnlySpan<byte> line)
    {
        var reader = new Utf8JsonReader(line);
        double? wall = null, virtualSeconds = null, loss = null, rate = null, staleness = null;
        long? batches = null;
        var examples = 0L;
        List<RunEvent.Worker>? workers = null;
        try
        {
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("wall"u8))
                {
                    wall = Number(ref reader);
                }
                else if (reader.ValueTextEquals("virtual"u8))
                {
                    virtualSeconds = Number(ref reader);
                }
                else if (reader.ValueTextEquals("batches"u8))
                {
                    batches = (long?)Number(ref reader);
                }
                else if (reader.ValueTextEquals("examples"u8))
                {
                    examples = (long?)Number(ref reader) ?? 0;
                }
                else if (reader.ValueTextEquals("loss"u8))
                {
                    loss = Number(ref reader);
                }
                else if (reader.ValueTextEquals("examplesPerSecond"u8))
                {
                    rate = Number(ref reader);
                }
                else if (reader.ValueTextEquals("meanStaleness"u8))
                {
                    staleness = Number(ref reader);
                }
                else if (reader.ValueTextEquals("workers"u8))
                {
                    reader.Read();
                    workers = Workers(ref reader);
                    break; // the last that is wanted: a run writes shards, half of the line, behind it
                }
                else
                {
                    reader.Skip();
                }
            }

            return new RunEvent.Progress
            {
                Wall = wall,
                Virtual = virtualSeconds,
                Batches = batches,
                Examples = examples,
                Loss = loss,
                ExamplesPerSecond = rate,
                MeanStaleness = staleness,
                Workers = workers
            };
        }
        catch (Exception torn) when (torn is JsonException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    private static double? Number(ref Utf8JsonReader reader)
    {
        reader.Read();
        return reader.TokenType == JsonTokenType.Null ? null : reader.GetDouble();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static List<RunEvent.Worker> Workers(ref Utf8JsonReader reader)
    {
        var workers = new List<RunEvent.Worker>();
        while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
        {
            var (id, batches, state) = (0, 0L, string.Empty);
            long? clock = null;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("id"u8))
                {
                    id = (int)(Number(ref reader) ?? 0);
                }
                else if (reader.ValueTextEquals("clock"u8))
                {
                    clock = (long?)Number(ref reader);
                }
                else if (reader.ValueTextEquals("batches"u8))
                {
                    batches = (long)(Number(ref reader) ?? 0);
                }
                else if (reader.ValueTextEquals("state"u8))
                {
                    reader.Read();
                    state = reader.ValueTextEquals("computing"u8) ? "computing" : reader.ValueTextEquals("waiting"u8)
                        ? "waiting" : reader.GetString()!;
                }
                else
                {
                    reader.Skip();
                }
            }

            workers.Add(new RunEvent.Worker(id, clock, batches, state));
        }

        return workers;
    }
}
