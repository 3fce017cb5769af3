using System.IO.Compression;
using TwoTower.Model.Storage;

namespace TwoTower.Model.Data;

/// <summary>Reads ratings from whatever a path points to, recognising it by content.</summary>
public static class RatingSource
{
    private const string LookedFor =
        "looked for MovieLens 100K (tabs), 1M/10M ('::') or CSV ratings, a CSV or parquet file with user, item, rating and timestamp columns, a zip or folder of these, or a prepared folder of train_*/val_*/test_* parquet files";

    /// <summary>Reads all ratings of a file, folder or zip; of a prepared folder the ratings of all its parts.</summary>
    /// <exception cref="DataException">There is nothing at the path, or it cannot be used; the message says what, where and what was expected.</exception>
    public static RatingTable Read(string path, DataOptions options)
    {
        var (table, prepared) = ReadAny(path, options);
        return table ?? prepared!.Table;
    }

    /// <summary>Reads a file of positives or of ratings; without a rating column every row gets <see cref="DataOptions.PositiveThreshold"/>.</summary>
    /// <exception cref="DataException">It cannot be used, or it is a prepared folder, of which nobody said which part is meant.</exception>
    public static RatingTable ReadPart(string path, DataOptions options)
    {
        var (table, prepared) = ReadAny(path, options with { RatingIfAbsent = (float)options.PositiveThreshold });
        return table ?? throw new DataException($"{path} is a prepared folder of {prepared!.Parts}: name the file of it that is meant.");
    }

    internal static (RatingTable? Table, PreparedFolder? Prepared) ReadAny(string path, DataOptions options)
    {
        try
        {
            if (Directory.Exists(path))
            {
                return ReadFiles(SourceFile.InFolder(path), path, options);
            }

            if (!File.Exists(path))
            {
                throw new DataException($"There is no file or folder '{path}': expected ratings to read.");
            }

            var file = SourceFile.OnDisk(path);
            if (Detect(file, options) is DetectedContent.Zip)
            {
                using var archive = ZipFile.OpenRead(path);
                return ReadFiles(SourceFile.InZip(archive, path), path, options);
            }

            return ReadFiles([file], path, options);
        }
        catch (InvalidDataException exception)
        {
            throw new DataException($"{path} is damaged: expected a whole {(path.EndsWith(".zip", StringComparison.OrdinalIgnoreCase) ? "zip" : "file")}.", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new DataException($"{path} cannot be read: {PlainReason.Of(exception)}.", exception);
        }
    }

    private static (RatingTable? Table, PreparedFolder? Prepared) ReadFiles(List<SourceFile> files, string path, DataOptions options)
    {
        List<(SourceFile File, DetectedContent Content)> detected = [.. files.Select(file => (file, Detect(file, options)))];
        var name = NameOf(path);
        if (PreparedFolder.Matches(detected))
        {
            return (null, PreparedFolder.Read(detected, name, options));
        }

        // MovieLens 100K has ten parts of u.data beside it, each in the same format: the largest file is the whole.
        var (ratings, content) = detected
            .Where(entry => entry.Content is DetectedContent.Ratings or DetectedContent.Parquet)
            .OrderByDescending(entry => entry.File.Length)
            .FirstOrDefault();
        if (ratings is null)
        {
            throw new DataException(WhyNothing(detected, path));
        }

        var table = new RatingTableBuilder(options.Lenient);
        string format;
        if (content is DetectedContent.Ratings delimited)
        {
            format = delimited.Layout.Format;
            DelimitedRatingReader.Read(ratings, delimited.Layout, options.RatingIfAbsent, table);
        }
        else
        {
            format = ParquetRatingReader.Read(ratings, options.Columns, options.RatingIfAbsent, table);
        }

        foreach (var (file, other) in detected)
        {
            if (other is DetectedContent.Titles titles)
            {
                TitleReader.Read(file, titles.Layout, table.Titles);
            }
        }

        return (table.Complete(name, format), null);
    }

    private static DetectedContent Detect(SourceFile file, DataOptions options) => FormatDetector.Detect(file, options.Columns, options.RatingIfAbsent is null);

    private static string WhyNothing(List<(SourceFile File, DetectedContent Content)> detected, string path) => detected switch
    {
        [] => $"{path} holds no files: {LookedFor}.",
        _ when detected.Select(entry => (entry.File.Name, Header: entry.Content as DetectedContent.UnnamedColumns)).FirstOrDefault(entry => entry.Header is not null) is { Header: { } header, Name: var file } =>
            $"{file} has the columns {header.Columns}, but {header.Missing}.",
        [(_, DetectedContent.Empty)] => $"{path} is empty: expected ratings to read.",
        [(_, DetectedContent.Titles)] => $"{path} holds titles, not ratings: {LookedFor}.",
        [(_, DetectedContent.Unknown unknown)] => $"{path} has an unknown format ({unknown.Reason}): {LookedFor}.",
        _ => $"{path} holds no ratings among its {detected.Count} files: {LookedFor}.",
    };

    private static string NameOf(string path)
    {
        var full = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(path));
        return Directory.Exists(full) ? System.IO.Path.GetFileName(full) : System.IO.Path.GetFileNameWithoutExtension(full);
    }
}
