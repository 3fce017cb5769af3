using System.Globalization;
using TwoTower.Actors.Training;
using TwoTower.Model.Sampling;
using TwoTower.Model.Storage;

namespace TwoTower.Node.Runs;

/// <summary>A checkpoint as a safetensors file with a hash over all that is in it.</summary>
internal static class CheckpointFile
{
    private const string Format = "twotower-checkpoint-1", Steps = "/steps", Ranking = "ranking";

    /// <summary>Writes it, atomically.</summary>
    public static void Write(string path, TrainingCheckpoint checkpoint)
    {
        var floats = new SortedDictionary<string, float[]>(checkpoint.Tensors.ToDictionary(), StringComparer.Ordinal);
        foreach (var (name, values) in checkpoint.BestTensors ?? new Dictionary<string, float[]>())
        {
            floats.Add($"best/{name}", values);
        }

        var integers = checkpoint.RowSteps.ToDictionary(table => table.Key + Steps, table => table.Value);
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["format"] = Format,
            ["step"] = checkpoint.Step.ToString(CultureInfo.InvariantCulture),
            ["lossByEpoch"] = Numbers(checkpoint.LossByEpoch),
            ["batchLosses"] = Numbers(checkpoint.BatchLosses),
            ["evaluationSteps"] = Numbers(checkpoint.Evaluations.Select(evaluation => (double)evaluation.Step)),
            ["evaluationValues"] = Numbers(checkpoint.Evaluations.Select(evaluation => evaluation.Value)),
        };
        if (checkpoint.Ranking is { } ranking)
        {
            integers.Add(Ranking, ranking.Items);
            metadata.Add("rankingStep", ranking.Step.ToString(CultureInfo.InvariantCulture));
            metadata.Add("rankingDepth", ranking.Depth.ToString(CultureInfo.InvariantCulture));
        }

        new SafetensorsFile(floats, integers, metadata).WithSha256().Write(path);
    }

    /// <summary>Reads it.</summary>
    /// <exception cref="StorageException">It is missing, damaged, or of another version.</exception>
    public static TrainingCheckpoint Read(string path)
    {
        var file = SafetensorsFile.Read(path);
        if (file.Metadata.GetValueOrDefault("format") != Format)
        {
            throw new StorageException($"'{path}' is not a checkpoint that this version reads.");
        }

        if (!file.IsWhole)
        {
            throw new StorageException($"'{path}' is damaged: its content does not have the SHA-256 that it was written with.");
        }

        var best = file.Floats.Where(tensor => tensor.Key.StartsWith("best/", StringComparison.Ordinal))
            .ToDictionary(tensor => tensor.Key[5..], tensor => tensor.Value);
        return new TrainingCheckpoint
        {
            Step = long.Parse(file.Metadata["step"], CultureInfo.InvariantCulture),
            Tensors = file.Floats.Where(tensor => !tensor.Key.StartsWith("best/", StringComparison.Ordinal)).ToDictionary(),
            RowSteps = file.Integers.Where(table => table.Key.EndsWith(Steps, StringComparison.Ordinal))
                .ToDictionary(table => table.Key[..^Steps.Length], table => table.Value),
            Ranking = file.Integers.TryGetValue(Ranking, out var ranked)
                ? new RankedNegatives(long.Parse(file.Metadata["rankingStep"], CultureInfo.InvariantCulture),
                    int.Parse(file.Metadata["rankingDepth"], CultureInfo.InvariantCulture), ranked)
                : null,
            LossByEpoch = Numbers(file.Metadata["lossByEpoch"]),
            BatchLosses = Numbers(file.Metadata["batchLosses"]),
            Evaluations = [.. Numbers(file.Metadata["evaluationSteps"]).Zip(Numbers(file.Metadata["evaluationValues"]),
                (step, value) => ((long)step, value))],
            BestTensors = best.Count > 0 ? best : null,
        };
    }

    // "R" gives back the same bits.
    private static string Numbers(IEnumerable<double> values) =>
        string.Join(' ', values.Select(value => value.ToString("R", CultureInfo.InvariantCulture)));

    private static double[] Numbers(string text) =>
        [.. text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(part => double.Parse(part, CultureInfo.InvariantCulture))];
}
