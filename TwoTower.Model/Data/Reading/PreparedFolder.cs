using System.Text.Json;

namespace TwoTower.Model.Data.Reading;

/// <summary>A folder of parquet files that somebody has already split: <c>train_*</c>, <c>val_*</c> or <c>validation_*</c>, and
/// <c>test_*</c>, with the catalogue in <c>user_to_idx.json</c> and <c>item_to_idx.json</c> if those are there.</summary>
/// <param name="Table">All rows: train first, then validation, then test.</param>
/// <param name="TrainRows">Number of train rows.</param>
/// <param name="ValidationRows">Number of validation rows.</param>
/// <param name="Users">User catalogue of the id map, or null without one.</param>
/// <param name="Items">Item catalogue of the id map, or null without one.</param>
/// <param name="Parts">Names of its parts' files, for a message.</param>
internal sealed record PreparedFolder(RatingTable Table, int TrainRows, int ValidationRows, IdCatalogue? Users, IdCatalogue? Items,
    string Parts)
{
    private static readonly string[] s_parts = ["train", "val", "test"];

    private const string Format = "prepared folder of train, validation and test files";

    /// <summary>Whether these files form a prepared folder.</summary>
    public static bool Matches(IReadOnlyList<DetectedFile> files) =>
        Part(files, "train").Any() && (Part(files, "val").Any() || Part(files, "test").Any());

    /// <exception cref="DataException">A file is missing, damaged or ambiguous.</exception>
    public static PreparedFolder Read(IReadOnlyList<DetectedFile> files, string name, DataOptions options, ScratchFolder scratch)
    {
        var table = new RatingTableBuilder(options);
        int[] ends = [.. s_parts.Select(part => ReadPart(files, part, table, options, scratch))];
        foreach (var file in files)
        {
            TitleReader.Read(file, table, scratch);
        }

        var users = ReadIdMap(files, "user_to_idx.json");
        var items = ReadIdMap(files, "item_to_idx.json");
        var parts = string.Join(" and ", s_parts.SelectMany(part => Part(files, part)).Select(entry => entry.File.ShortName));
        var whole = table.Complete(name, Format, ends);
        return new PreparedFolder(whole, ends[0], ends[1] - ends[0], users, items, parts);
    }

    /// <summary>Reads a part; gives the rows so far.</summary>
    private static int ReadPart(IReadOnlyList<DetectedFile> files, string part, RatingTableBuilder table, DataOptions options,
        ScratchFolder scratch)
    {
        foreach (var file in Part(files, part))
        {
            if (file.Ratings is null)
            {
                throw new DataException(
                    $"{file.File.Name} {(file.Use is TableUse.Unnamed unnamed ? $"has {unnamed.Reason}" : file.What)}: expected a table "
                    + $"with the {part} part.");
            }
        }

        DetectedFile[] candidates = [.. Part(files, part)];
        if (candidates.Length > 1)
        {
            DetectedFile[] positives =
                [.. candidates.Where(file => file.File.ShortName.Contains("positive", StringComparison.OrdinalIgnoreCase))];
            candidates = positives.Length == 1
                ? positives
                : throw new DataException(
                    $"The prepared folder has {candidates.Length} {part} files "
                        + $"({string.Join(", ", candidates.Select(file => file.File.ShortName))}): expected one.");
        }

        if (candidates is [var only])
        {
            new RatingReader(only.File, only.Layout!, only.Ratings!.Columns, scratch, TimeFormat.Of(options.TimeFormat), table).Read();
        }

        return table.Count;
    }

    // By content or, so that a damaged file is not passed over, by name.
    private static IEnumerable<DetectedFile> Part(IReadOnlyList<DetectedFile> files, string part) =>
        from entry in files
        where entry.Layout is not null || entry.File.ShortName.EndsWith(".parquet", StringComparison.OrdinalIgnoreCase)
        where entry.File.ShortName.ToLowerInvariant().Split('.', '_', '-')
            .Any(stem => stem == part || (part == "val" && stem is "valid" or "validation"))
        select entry;

    private static IdCatalogue? ReadIdMap(IReadOnlyList<DetectedFile> files, string name)
    {
        var file = files.Select(entry => entry.File).FirstOrDefault(file => file.ShortName == name);
        if (file is null)
        {
            return null;
        }

        Dictionary<string, int> map;
        try
        {
            using var stream = file.Open();
            map = JsonSerializer.Deserialize<Dictionary<string, int>>(stream) ?? throw new JsonException("null", null, 0, null);
        }
        catch (JsonException exception)
        {
            throw new DataException($"{file.Name}, line {exception.LineNumber + 1}: expected a JSON object of raw ids and indices.",
                exception);
        }

        var rawIds = new string?[map.Count];
        foreach (var (rawId, index) in map)
        {
            if (index < 0 || index >= rawIds.Length || rawIds[index] is not null)
            {
                throw new DataException(
                    $"{file.Name}: the index {index} of id '{rawId}' is taken or outside 0 … {rawIds.Length - 1}: expected each index once.");
            }

            rawIds[index] = rawId;
        }

        return new IdCatalogue(rawIds!);
    }
}
