using System.Text.RegularExpressions;

namespace TwoTower.Model.Data.Reading;

/// <summary>Reads ratings from whatever a path points to, recognising it by content.</summary>
internal static partial class RatingSource
{
    private const string LookedFor =
        "looked for a table of users and items (CSV, tabs, '::' as in MovieLens, JSON lines or parquet; gzip, zstd or zip), a folder or "
            + "zip of such files, or a prepared folder of train, val and test files";

    /// <summary>Whether the path stands for something that can be read once only: standard input or a pipe.</summary>
    public static bool IsStream(string path) => SourceFiles.IsStream(path);

    /// <summary>Reads all ratings of a file, folder, zip or pipe; of a prepared folder the ratings of all its parts.</summary>
    /// <exception cref="DataException">There is nothing at the path, or it cannot be used; the message says what,
    /// where and what was expected.</exception>
    public static RatingTable Read(string path, DataOptions options)
    {
        var (table, prepared) = ReadAny(path, options);
        return table ?? prepared!.Table;
    }

    /// <summary>Reads a file of held-out positives, or of what somebody liked: a part of what is known, in which
    /// every user or item may stand once.</summary>
    /// <exception cref="DataException">It cannot be used, or it is a prepared folder, of which nobody said which part is meant.</exception>
    public static RatingTable ReadPart(string path, DataOptions options)
    {
        var (table, prepared) = ReadAny(path, options, isPart: true);
        return table ?? throw new DataException($"{path} is a prepared folder of {prepared!.Parts}: name the file of it that is meant.");
    }

    internal static (RatingTable? Table, PreparedFolder? Prepared) ReadAny(string path, DataOptions options, bool isPart = false)
    {
        try
        {
            using var files = SourceFiles.Of(path);
            while (true)
            {
                try
                {
                    return ReadFiles(files, path, options, isPart);
                }
                catch (ReadAgainException)
                {
                    // Something was noticed of a file that is known now; rows were added that are thrown away with their table.
                }
            }
        }
        catch (InvalidDataException exception)
        {
            throw new DataException(
                $"{path} is damaged: expected a whole {(path.EndsWith(".zip", StringComparison.OrdinalIgnoreCase) ? "zip" : "file")}.",
                exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new DataException($"{path} cannot be read: {PlainReason.Of(exception)}.", exception);
        }
    }

    private static (RatingTable? Table, PreparedFolder? Prepared) ReadFiles(SourceFiles source, string path, DataOptions options,
        bool isPart)
    {
        List<DetectedFile> detected = [.. source.Files.Select(file => DetectedFile.Of(file, options, source.Scratch))];
        var name = NameOf(path);
        if (PreparedFolder.Matches(detected))
        {
            return (null, PreparedFolder.Read(detected, name, options, source.Scratch));
        }

        var parts = Parts(detected, path, source);
        var table = new RatingTableBuilder(options, isPart);
        var format = TimeFormat.Of(options.TimeFormat);
        var counts = new List<string>();
        foreach (var part in parts)
        {
            var before = table.Count;
            new RatingReader(part.File, part.Layout!, part.Ratings!.Columns, source.Scratch, format, table).Read();
            counts.Add(FormattableString.Invariant($"{part.File.ShortName} {table.Count - before}"));
        }

        Tell(table, parts, detected, counts, source.PassedOver);
        foreach (var file in detected)
        {
            TitleReader.Read(file, table, source.Scratch);
        }

        var first = parts[0].Ratings!;
        return (table.Complete(name, parts.Count == 1 ? first.Format : $"{parts.Count} files of {first.Format}"), null);
    }

    /// <summary>The files that are the table.</summary>
    private static List<DetectedFile> Parts(List<DetectedFile> detected, string path, SourceFiles source)
    {
        List<DetectedFile> ratings = [.. detected.Where(file => file.Ratings is not null)];

        // Tags and clicks beside ratings are something else.
        if (ratings.Exists(file => file.Ratings!.Columns.Rating >= 0))
        {
            ratings.RemoveAll(file => file.Ratings!.Columns.Rating < 0 && !ratings.Exists(other => other.Ratings!.Columns.Rating >= 0
                && Stem(other) == Stem(file)));
        }

        // MovieLens 100K has ten folds of u.data beside it, each in the same format.
        if (ratings.Find(file => file.File.ShortName == "u.data") is { } whole)
        {
            return [whole];
        }

        if (ratings.Count > 1 && ratings.TrueForAll(file => Fold().IsMatch(file.File.ShortName)))
        {
            throw new DataException(
                $"{path} has folds of MovieLens 100K ({string.Join(", ", ratings.Select(file => file.File.ShortName))}), which hold the "
                + $"same ratings several times, and no u.data: name the file that is meant.");
        }

        if (ratings.Count == 0)
        {
            throw new DataException(WhyNothing(detected, path, source));
        }

        if (detected.Find(file => file.Use is TableUse.Unnamed { HasPairs: true }) is { Use: TableUse.Unnamed unnamed } doubtful)
        {
            throw new DataException(
                $"{doubtful.File.Name} lies beside {ratings[0].File.Name}, and whether it is a part of the same table nobody can tell: it "
                + $"has {unnamed.Reason}.");
        }

        ratings = Fitted(ratings, detected);

        if (detected.Find(file => file.Content is not FileContent.Empty && file.Titles is null
            && !ratings.Exists(other => other.File == file.File) && IsName(file)
            && ratings.Exists(other => Stem(other) == Stem(file))) is { } odd)
        {
            throw new DataException(
                $"{ratings[0].File.Name} and {odd.File.Name} are named like parts of one table and do not fit together: the "
                + $"second {odd.What}.");
        }

        return ratings;
    }

    /// <summary>The files as parts of one table, in their order; such as go on without a header have the columns of the first.</summary>
    /// <exception cref="DataException">They do not fit together, or those with a header name their columns in orders of their own, so that
    /// nobody can tell which one the others have.</exception>
    private static List<DetectedFile> Fitted(List<DetectedFile> ratings, List<DetectedFile> detected)
    {
        // With few columns and no header nobody knows such a part by itself.
        bool GoesOn(DetectedFile file) => ratings[0].Layout is { Header: not null } first && file.Layout is { Header: null } part
            && part.Dialect == first.Dialect && part.FieldCount == first.FieldCount && Stem(file) == Stem(ratings[0]);
        List<DetectedFile> parts =
            [.. detected.Where(file => ratings.Exists(part => part.File == file.File) || (file.Ratings is null && GoesOn(file)))];
        if (parts[0].Layout is { Header: { } header, IsJson: false } && parts.Find(file => file.Layout!.Header is null) is { } bare
            && parts.Find(file => file.Layout!.Header is { } other && !other.SequenceEqual(header, StringComparer.Ordinal)) is { } odd)
        {
            throw new DataException(
                $"{bare.File.Name} has no header, "
                + $"and {parts[0].File.Name} has {parts[0].Layout!.Columns} where {odd.File.Name} has {odd.Layout!.Columns}: which of "
                + $"them it follows nobody can tell; give it a header.");
        }

        return [parts[0], .. parts.Skip(1).Select(file => file.FitTo(parts[0]))];
    }

    private static void Tell(RatingTableBuilder table, List<DetectedFile> parts, List<DetectedFile> detected, List<string> counts,
        int passedOver)
    {
        if (parts.Count > 1)
        {
            table.Note($"{parts.Count} files are one table, with as many rows "
                + $"each: {(counts.Count > 6 ? $"{string.Join(", ", counts.Take(3))}, … {string.Join(", ", counts.TakeLast(2))}" : string.Join(", ", counts))}.");
        }

        string[] left = [.. detected.Where(file => file.IsData && file.Titles is null && !parts.Exists(part => part.File == file.File)
            && !Fold().IsMatch(file.File.ShortName) && !file.IsKnownSide).Select(file => $"{file.File.ShortName} ({file.WhyNot})")];
        if (left.Length > 0)
        {
            table.Note($"Not read: {string.Join("; ", left.Take(6))}{(left.Length > 6 ? $"; and {left.Length - 6} more" : string.Empty)}.");
        }

        if (parts[0].Ratings!.Taken is { } taken)
        {
            table.Note($"{taken}.");
        }

        if (parts.Exists(part => part.Ratings!.Columns.Rating < 0))
        {
            table.Note($"There is no column of ratings "
                + $"among {parts[0].Layout!.Columns.Replace("the columns ", string.Empty, StringComparison.Ordinal)}: every row is a positive.");
        }

        if (passedOver > 0)
        {
            table.Note($"Not read: {passedOver} {(passedOver == 1 ? "file" : "files")} in subfolders.");
        }
    }

    private static string WhyNothing(List<DetectedFile> detected, string path, SourceFiles source) => detected switch
    {
        [] when source.PassedOver > 0 =>
            $"{path} holds no files itself, and {source.PassedOver} in subfolders, which are no parts of one table (as year=2019 and "
            + $"year=2020 are): name the one that is meant.",
        [] => $"{path} holds no files{(source.LeftBehind > 0 ? ", but for such as begin with '_' or a dot" : string.Empty)}: {LookedFor}.",
        _ when detected.Find(file => file.Use is TableUse.Unnamed) is { Use: TableUse.Unnamed unnamed } file =>
            $"{file.File.Name} has {unnamed.Reason}.",
        [{ Content: FileContent.Empty }] => $"{path} is empty: expected ratings to read.",
        [{ Titles: not null }] => $"{path} holds titles, not ratings: {LookedFor}.",
        [{ Content: FileContent.Foreign foreign }] => $"{path} has an unknown format: it is {foreign.What}. The program {LookedFor}.",
        _ when detected.Find(file => file.Content is FileContent.Foreign { IsKnown: true })
            is { Content: FileContent.Foreign foreign } file =>
            $"{path} holds no ratings; {file.File.Name} is {foreign.What}. The program {LookedFor}.",
        _ => $"{path} holds no ratings among its {detected.Count} files: {LookedFor}.",
    };

    private static string NameOf(string path)
    {
        if (SourceFiles.IsStandardInput(path))
        {
            return "standard input";
        }

        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        var name = Path.GetFileName(full);
        return Directory.Exists(full) ? name : Path.GetFileNameWithoutExtension(name.EndsWith(".gz", StringComparison.OrdinalIgnoreCase)
            || name.EndsWith(".zst", StringComparison.OrdinalIgnoreCase) ? Path.GetFileNameWithoutExtension(name) : name);
    }

    // A letter and a number say nothing.
    private static bool IsName(DetectedFile file) => file.File.ShortName.Split('.')[0].Count(char.IsLetter) is 0 or > 2;

    /// <summary>A file's name but for its numbers, as parts of one table share it.</summary>
    private static string Stem(DetectedFile file) => Digits().Replace(file.File.ShortName, "#");

    [GeneratedRegex("[0-9]+")]
    private static partial Regex Digits();

    [GeneratedRegex(@"^u[1-5ab]\.(base|test)$")]
    private static partial Regex Fold();
}
