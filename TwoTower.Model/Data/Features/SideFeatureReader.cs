using TwoTower.Model.Data.Reading;

namespace TwoTower.Model.Data.Features;

/// <summary>Reads side features from the files beside the ratings.</summary>
internal static class SideFeatureReader
{
    private const string Unknown = "(unknown)";

    /// <summary>The data with the features that the options ask for. Its fingerprint is another one then.</summary>
    /// <exception cref="DataException">There is no such feature or file, or a line cannot be used.</exception>
    public static RecommenderData Add(RecommenderData data, DataOptions options)
    {
        if (options.UserFeatures.Count + options.ItemFeatures.Count == 0)
        {
            return data;
        }

        if (options.Path is null)
        {
            throw new DataException("Synthetic data has no side features: ask for none, or name a MovieLens folder or zip.");
        }

        try
        {
            using var source = FilesBeside(options.Path);
            var warnings = new List<string>(data.Split.Warnings);
            var users = Read(source, "users", FeatureFile.OfUsers, options.UserFeatures, data.Users, options, warnings);
            var items = Read(source, "items", FeatureFile.OfItems, options.ItemFeatures, data.Items, options, warnings);
            return data with
            {
                UserFeatures = users,
                ItemFeatures = items,
                Fingerprint = DataFingerprint.With(data.Fingerprint, users, items),
                Split = data.Split with { Warnings = warnings },
            };
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new DataException($"The side features beside {options.Path} cannot be read: {PlainReason.Of(failure)}.", failure);
        }
    }

    /// <summary>The values of one feature of items as texts, by index; an item of which nothing is said has none, and a line that cannot be
    /// used is passed over, as with titles. Null when no file beside the ratings has the feature.</summary>
    /// <exception cref="DataException">The file cannot be read.</exception>
    public static IReadOnlyList<IReadOnlyList<string>>? ItemValues(string name, IdCatalogue items, DataOptions options)
    {
        try
        {
            // A file that happens to lie beside a single file of ratings may be of something else.
            if (RatingSource.IsStream(options.Path!) || !IsSet(options.Path!))
            {
                return null;
            }

            using var source = SourceFiles.Of(options.Path!);
            var (layout, file) = Known(source, FeatureFile.OfItems);
            return file is null || !layout.Features.TryGetValue(name, out var values) ? null
                : Texts(values, Lines(file, layout, new IdMatch("item", file.Name, items, "the items of the ratings"), items.Count,
                    lenient: true, source.Scratch));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new DataException($"The side features beside {options.Path} cannot be read: {PlainReason.Of(failure)}.", failure);
        }
    }

    /// <summary>Whether a path is a folder or a zip, whose files belong together.</summary>
    private static bool IsSet(string path) => Directory.Exists(path)
        || (File.Exists(path) && SourceFile.OnDisk(path).ReadHead(2) is [(byte)'P', (byte)'K']);

    private static SourceFiles FilesBeside(string path) => RatingSource.IsStream(path)
        ? throw new DataException(
            "Side features are read from files beside the ratings, and nothing lies beside a stream: name a folder or a zip.")
        : SourceFiles.Of(IsSet(path) ? path : Path.GetDirectoryName(Path.GetFullPath(path))!);

    private static (FeatureFile Layout, SourceFile? File) Known(SourceFiles source, IReadOnlyList<FeatureFile> known) => known
        .Select(layout =>
            (layout, File: source.Files.FirstOrDefault(file => file.ShortName.Equals(layout.Name, StringComparison.OrdinalIgnoreCase))))
        .FirstOrDefault(pair => pair.File is not null);

    private static SideFeatures? Read(
        SourceFiles source, string what, IReadOnlyList<FeatureFile> known, IReadOnlyList<string> wanted, IdCatalogue catalogue,
        DataOptions options, List<string> warnings)
    {
        if (wanted.Count == 0)
        {
            return null;
        }

        var (layout, file) = Known(source, known);
        if (file is null)
        {
            throw new DataException(
                $"{options.Path} has no features of {what}: expected {string.Join(" or ", known.Select(layout => layout.Name))} beside "
                + $"the ratings, to read {string.Join(", ", wanted)}.");
        }

        if (wanted.FirstOrDefault(name => !layout.Features.ContainsKey(name)) is { } absent)
        {
            throw new DataException(
                $"{file.Name} has no feature '{absent}' of {what}: expected {string.Join(", ", layout.Features.Keys)}.");
        }

        var match = new IdMatch(what.TrimEnd('s'), file.Name, catalogue, $"the {what} of the ratings");
        var lines = Lines(file, layout, match, catalogue.Count, options.Lenient, source.Scratch);
        match.RefuseNone();
        if (match.Known < match.All)
        {
            warnings.Add(
                FormattableString.Invariant($"{match.All - match.Known} of {match.All} lines of {file.Name} are of none of the {what}."));
        }

        return new SideFeatures(
            [.. wanted.Distinct(StringComparer.Ordinal).Select(name => Field(name, layout.Features[name], lines, what, warnings))]);
    }

    /// <summary>The fields of every entity's line, by index; null where there is none.</summary>
    private static string[]?[] Lines(SourceFile file, FeatureFile layout, IdMatch match, int entities, bool lenient, ScratchFolder scratch)
    {
        var lines = new List<string[]>();
        var table = LayoutOf(file, new TextDialect(layout.Separator, layout.HasHeader), layout);
        while (true)
        {
            try
            {
                var rejected = DuckTable.Read(file, table, [.. Enumerable.Range(0, layout.Columns)], scratch,
                    cells => Take(cells, layout.Columns, file, lines));
                return rejected.Count > 0 && !lenient
                    ? throw new DataException(
                        $"{file.Name}, line {file.LineAt(rejected[0].Byte)}: expected at least {layout.Columns} fields with "
                        + $"'{layout.Separator}' between.")
                    : ByIndex(lines, match, entities);
            }
            catch (ReadAgainException)
            {
                lines.Clear();
            }
        }
    }

    private static FileTableLayout LayoutOf(SourceFile file, TextDialect dialect, FeatureFile layout)
    {
        using var scanner = new RecordScanner(file.Open(), dialect);
        return scanner.Next() is { } first && first.Fields.Length >= layout.Columns
            ? new FileTableLayout(dialect, layout.HasHeader ? first.Fields : null, first.Fields.Length, [first])
            : throw new DataException($"{file.Name}, line 1: expected at least {layout.Columns} fields with '{layout.Separator}' between.");
    }

    private static void Take(DuckCells cells, int columns, SourceFile file, List<string[]> lines)
    {
        for (var row = 0; row < cells.Count; row++)
        {
            var texts = new string[columns];
            for (var column = 0; column < texts.Length; column++)
            {
                texts[column] = TextDialect.TextOf(file.BytesOf(cells[column, row])).Trim();
            }

            lines.Add(texts);
        }
    }

    private static string[]?[] ByIndex(List<string[]> lines, IdMatch match, int entities)
    {
        var byIndex = new string[]?[entities];
        foreach (var line in lines)
        {
            if (match.IndexOf(line[0]) is >= 0 and var index)
            {
                byIndex[index] = line;
            }
        }

        return byIndex;
    }

    private static string[][] Texts(Func<string[], IEnumerable<string>> values, string[]?[] lines) =>
        [.. lines.Select(line => line is null ? [] : values(line).Where(value => value.Length > 0).Distinct(StringComparer.Ordinal)
            .ToArray())];

    private static FeatureField Field(string name, Func<string[], IEnumerable<string>> values, string[]?[] lines, string what,
        List<string> warnings)
    {
        var texts = Texts(values, lines);
        var missing = texts.Count(value => value.Length == 0);
        if (missing > 0)
        {
            warnings.Add($"{missing} of {texts.Length} {what} have no {name}; for training it is '{Unknown}'.");
        }

        string[] all = [.. texts.SelectMany(value => value).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal),
            .. missing > 0 ? [Unknown] : Array.Empty<string>()];
        var indexOf = all.Index().ToDictionary(value => value.Item, value => value.Index, StringComparer.Ordinal);
        return new FeatureField(name, all,
            [.. texts.Select(value => value.Length == 0 ? [indexOf[Unknown]] : value.Select(text => indexOf[text]).Order().ToArray())]);
    }
}
