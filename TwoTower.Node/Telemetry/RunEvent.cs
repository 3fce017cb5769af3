using System.Text.Json;
using System.Text.Json.Serialization;
using TwoTower.Actors.Protocol.Reports;

namespace TwoTower.Node.Telemetry;

/// <summary>A line of <c>events.jsonl</c>; docs/events.md says what each means.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(Begin), "begin")]
[JsonDerivedType(typeof(Progress), "progress")]
[JsonDerivedType(typeof(Staleness), "staleness")]
[JsonDerivedType(typeof(Epoch), "epoch")]
[JsonDerivedType(typeof(Evaluation), "evaluation")]
[JsonDerivedType(typeof(Notice), "notice")]
[JsonDerivedType(typeof(Members), "members")]
[JsonDerivedType(typeof(End), "end")]
internal abstract record RunEvent
{
    private static readonly JsonSerializerOptions s_options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        AllowOutOfOrderMetadataProperties = true,
        Converters = { new FiniteNumbers() },
    };

    /// <summary>Seconds since the process began to train.</summary>
    [JsonPropertyOrder(-3)]
    public double? Wall { get; init; }

    /// <summary>Virtual seconds; null where the run is not simulated.</summary>
    [JsonPropertyOrder(-2)]
    public double? Virtual { get; init; }

    /// <summary>Batches of the run that are done, those of earlier stretches included.</summary>
    [JsonPropertyOrder(-1)]
    public long? Batches { get; init; }

    /// <summary>The line, without its end.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, s_options);

    /// <summary>Reads a line; null when it is none that this version knows, or torn.</summary>
    public static RunEvent? Read(ReadOnlySpan<byte> line)
    {
        try
        {
            return JsonSerializer.Deserialize<RunEvent>(line, s_options);
        }
        catch (Exception unknown) when (unknown is JsonException or NotSupportedException)
        {
            return null;
        }
    }

    /// <summary>A process begins to train. The first line, and one more for every time that the run goes on.</summary>
    public sealed record Begin : RunEvent
    {
        /// <summary>When, UTC.</summary>
        public DateTime? Time { get; init; }

        /// <summary>The command that made the run.</summary>
        public string Command { get; init; } = string.Empty;

        /// <summary>The recipe.</summary>
        public string Recipe { get; init; } = string.Empty;

        /// <summary>Batches that were done; what earlier lines tell of later batches does not count any more. Null where a process
        /// takes over without losing any.</summary>
        public long? FromBatch { get; init; }

        /// <summary>Batches of the whole run.</summary>
        public long TotalBatches { get; init; }

        /// <summary>Batches of an epoch.</summary>
        public long BatchesPerEpoch { get; init; }

        /// <summary>Examples of an epoch.</summary>
        public long TrainPositives { get; init; }

        /// <summary>Workers.</summary>
        public int Workers { get; init; }

        /// <summary>Shards.</summary>
        public int Shards { get; init; }

        /// <summary>Consistency, as its setting is written.</summary>
        public string Consistency { get; init; } = string.Empty;

        /// <summary>The deciding metric.</summary>
        public string Metric { get; init; } = string.Empty;

        /// <summary>The K's of the metrics.</summary>
        public IReadOnlyList<int> Cutoffs { get; init; } = [];

        /// <summary>Masked validation metrics of every baseline that was judged, by its name.</summary>
        public IReadOnlyDictionary<string, IReadOnlyDictionary<string, double>> Baselines { get; init; } =
            new Dictionary<string, IReadOnlyDictionary<string, double>>();

        /// <summary>Masked validation metrics of the truth; null where it is not known: data that is not synthetic.</summary>
        public IReadOnlyDictionary<string, double>? Oracle { get; init; }
    }

    /// <summary>How far training is.</summary>
    public sealed record Progress : RunEvent
    {
        /// <summary>Examples in the batches that are done.</summary>
        public long Examples { get; init; }

        /// <summary>Mean loss per example of the latest batch.</summary>
        public double? Loss { get; init; }

        /// <summary>Examples per second in this epoch; virtual seconds in a simulation.</summary>
        public double? ExamplesPerSecond { get; init; }

        /// <summary>Mean τ over pushed rows since the process began.</summary>
        public double? MeanStaleness { get; init; }

        /// <summary>Thread seconds since the process began, by part of the work.</summary>
        public IReadOnlyDictionary<string, double>? Time { get; init; }

        /// <summary>Every worker.</summary>
        public IReadOnlyList<Worker>? Workers { get; init; }

        /// <summary>Every shard.</summary>
        public IReadOnlyList<Shard>? Shards { get; init; }
    }

    /// <summary>Staleness of pushed rows since the process began.</summary>
    public sealed record Staleness : RunEvent
    {
        /// <summary>Counts of τ = 0, 1, 2, … by "table/bucket".</summary>
        public IReadOnlyDictionary<string, long[]> Histograms { get; init; } = new Dictionary<string, long[]>();
    }

    /// <summary>An epoch ended.</summary>
    public sealed record Epoch : RunEvent
    {
        /// <summary>Its number, from 1.</summary>
        [JsonPropertyName("epoch")]
        public int Number { get; init; }

        /// <summary>Its mean loss per example.</summary>
        public double? Loss { get; init; }

        /// <summary>Its examples per second.</summary>
        public double? ExamplesPerSecond { get; init; }

        /// <summary>Mean τ over pushed rows since the process began.</summary>
        public double? MeanStaleness { get; init; }
    }

    /// <summary>A snapshot was scored on validation.</summary>
    public sealed record Evaluation : RunEvent
    {
        /// <summary>Epochs done, as a fraction where evaluations go by batches.</summary>
        [JsonPropertyName("epoch")]
        public double AfterEpochs { get; init; }

        /// <summary>Whether it is the best so far.</summary>
        public bool Best { get; init; }

        /// <summary>Masked metrics.</summary>
        public IReadOnlyDictionary<string, double> Metrics { get; init; } = new Dictionary<string, double>();

        /// <summary>Low and high end of the 95 % interval of the metrics that are shown most.</summary>
        public IReadOnlyDictionary<string, double[]> Interval { get; init; } = new Dictionary<string, double[]>();
    }

    /// <summary>Something a person should know.</summary>
    public sealed record Notice : RunEvent
    {
        /// <summary>What it is about: <c>worker-lost</c> and so on.</summary>
        public string Kind { get; init; } = "other";

        /// <summary>A sentence.</summary>
        public string Text { get; init; } = string.Empty;
    }

    /// <summary>Who is in the cluster, and where shards are.</summary>
    public sealed record Members : RunEvent
    {
        /// <summary>The members.</summary>
        [JsonPropertyName("members")]
        public IReadOnlyList<ClusterMember> All { get; init; } = [];

        /// <summary>The places of shards.</summary>
        public IReadOnlyList<ShardPlace> Shards { get; init; } = [];

        /// <summary>Copies of shards; null where none are wanted.</summary>
        public IReadOnlyList<CopyCount>? Copies { get; init; }
    }

    /// <summary>The process has nothing more to do.</summary>
    public sealed record End : RunEvent
    {
        /// <summary><c>finished</c>, <c>earlyStopped</c>, <c>interrupted</c>, <c>timeLimit</c> or <c>failed</c>.</summary>
        public string Reason { get; init; } = string.Empty;
    }

    /// <summary>A shard's copies in <see cref="Members"/>.</summary>
    /// <param name="Shard">Its number.</param>
    /// <param name="Wanted">Copies that <c>train.durability</c> asks for.</param>
    /// <param name="There">Copies that other servers have.</param>
    public sealed record CopyCount(int Shard, int Wanted, int There);

    /// <summary>A worker in a <see cref="Progress"/>.</summary>
    /// <param name="Id">Its number.</param>
    /// <param name="Clock">Clock of its next lease; null when it is lost.</param>
    /// <param name="Batches">Batches that it has completed since the process began.</param>
    /// <param name="State"><c>computing</c>, <c>waiting</c> or <c>lost</c>.</param>
    public sealed record Worker(int Id, long? Clock, long Batches, string State);

    /// <summary>A shard in a <see cref="Progress"/>.</summary>
    /// <param name="Id">Its number.</param>
    /// <param name="Pulls">Pulls that it answered since the process began.</param>
    /// <param name="Pushes">Pushes that it took.</param>
    /// <param name="Bytes">Bytes of rows in and out.</param>
    public sealed record Shard(int Id, long Pulls, long Pushes, long Bytes);

    /// <summary>JSON has no word for what is not a number; a key says the same by its absence, and a value
    /// in a table by null, read as NaN.</summary>
    private sealed class FiniteNumbers : JsonConverter<double>
    {
        public override bool HandleNull => true;

        public override double Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.Null ? double.NaN : reader.GetDouble();

        public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options)
        {
            if (double.IsFinite(value))
            {
                writer.WriteNumberValue(value);
            }
            else
            {
                writer.WriteNullValue();
            }
        }
    }
}
