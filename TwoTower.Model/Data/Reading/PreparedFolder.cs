using System.Text.Json;

namespace TwoTower.Model.Data;

/// <summary>A folder of parquet files that somebody has already split: <c>train_*</c>, <c>val_*</c> or <c>validation_*</c>, and <c>test_*</c>, with
/// the catalogue in <c>user_to_idx.json</c> and <c>item_to_idx.json</c> if those are there.</summary>
/// <param name="Table">All rows: train first, then validation, then test.</param>
/// <param name="TrainRows">Number of train rows.</param>
/// <param name="ValidationRows">Number of validation rows.</param>
/// <param name="Users">User catalogue of the id map, or null without one.</param>
/// <param name="Items">Item catalogue of the id map, or null without one.</param>
/// <param name="Parts">Names of its parts' files, for a message.</param>
internal sealed record PreparedFolder(RatingTable Table, int TrainRows, int ValidationRows, IdCatalogue? Users, IdCatalogue? Items, string Parts)
{
    private static readonly string[] s_parts = ["train", "val", "test"];

    private const string Format = "prepared folder of train, validation and test parquet files";

    /// <summary>Whether these files form a prepared folder.</summary>
    public static bool Matches(IReadOnlyList<(SourceFile File, DetectedContent Content)> files) =>
        Part(files, "train").Any() && (Part(files, "val").Any() || Part(files, "test").Any());

    /// <exception cref="DataException">A file is missing, damaged or ambiguous.</exception>
    public static PreparedFolder Read(IReadOnlyList<(SourceFile File, DetectedContent Content)> files, string name, DataOptions options)
    {
        var table = new RatingTableBuilder(options.Lenient);
        ReadPart(files, "train", table, options);
        var trainRows = table.Count;
        ReadPart(files, "val", table, options);
        var validationRows = table.Count - trainRows;
        ReadPart(files, "test", table, options);
        foreach (var (file, content) in files)
        {
            if (content is DetectedContent.Titles titles)
            {
                TitleReader.Read(file, titles.Layout, table.Titles);
            }
        }

        var users = ReadIdMap(files, "user_to_idx.json");
        var items = ReadIdMap(files, "item_to_idx.json");
        var parts = string.Join(" and ", s_parts.SelectMany(part => Part(files, part)).Select(entry => entry.File.ShortName));
        return new PreparedFolder(table.Complete(name, Format), trainRows, validationRows, users, items, parts);
    }

    private static void ReadPart(
        IReadOnlyList<(SourceFile File, DetectedContent Content)> files, string part, RatingTableBuilder table, DataOptions options)
    {
        foreach (var (file, content) in Part(files, part))
        {
            if (content is not DetectedContent.Parquet)
            {
                throw new DataException($"{file.Name} is {(content is DetectedContent.Empty ? "empty" : "damaged")}: expected a parquet file with the {part} part.");
            }
        }

        SourceFile[] candidates = [.. Part(files, part).Select(entry => entry.File)];
        if (candidates.Length > 1)
        {
            SourceFile[] positives = [.. candidates.Where(file => file.ShortName.Contains("positive", StringComparison.OrdinalIgnoreCase))];
            candidates = positives.Length == 1
                ? positives
                : throw new DataException(
                    $"The prepared folder has {candidates.Length} {part} files ({string.Join(", ", candidates.Select(file => file.ShortName))}): expected one.");
        }

        if (candidates is [var only])
        {
            // A file of positives may have no rating column: being in it is the rating.
            ParquetRatingReader.Read(only, options.Columns, (float)options.PositiveThreshold, table);
        }
    }

    // By content or, so that a damaged file is not passed over, by name.
    private static IEnumerable<(SourceFile File, DetectedContent Content)> Part(IReadOnlyList<(SourceFile File, DetectedContent Content)> files, string part) =>
        from entry in files
        where entry.Content is DetectedContent.Parquet || entry.File.ShortName.EndsWith(".parquet", StringComparison.OrdinalIgnoreCase)
        let stem = entry.File.ShortName.Split('.', '_', '-')[0].ToLowerInvariant()
        where stem == part || (part == "val" && stem is "valid" or "validation")
        select entry;

    private static IdCatalogue? ReadIdMap(IReadOnlyList<(SourceFile File, DetectedContent Content)> files, string name)
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
            throw new DataException($"{file.Name}, line {exception.LineNumber + 1}: expected a JSON object of raw ids and indices.", exception);
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
