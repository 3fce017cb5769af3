using System.Globalization;

namespace TwoTower.Model.Data.Reading;

/// <summary>A record that the database did not take.</summary>
/// <param name="Byte">Where it begins in the file's content, or its line where that is known: then negative.</param>
/// <param name="Text">Its text.</param>
/// <param name="Quote">Whether a quote in it is wrong, so that nobody can tell where it ends.</param>
internal sealed record RejectedRecord(long Byte, string Text, bool Quote);

/// <summary>A table in a file, read by DuckDB with all that was found out about it before: nothing is guessed,
/// and nothing is skipped unseen.</summary>
internal static class DuckTable
{
    private static readonly string[] s_wholeNumbers = ["TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT",
        "UINTEGER", "UBIGINT", "UHUGEINT"];

    /// <summary>The columns of a parquet file, those inside of others not counted.</summary>
    /// <exception cref="DataException">It is damaged.</exception>
    public static FileTableLayout ParquetLayout(SourceFile file, ScratchFolder scratch)
    {
        try
        {
            using var connection = new DuckConnection();
            var columns = Describe(connection, file, scratch);
            return new FileTableLayout(null, [.. columns.Select(column => column.Name)], columns.Length, []);
        }
        catch (DuckException failure)
        {
            throw Damaged(file, failure);
        }
    }

    /// <summary>Reads some columns of a file, as text.</summary>
    /// <param name="file">The file.</param>
    /// <param name="layout">How it lies.</param>
    /// <param name="columns">The columns' numbers; -1 gives an empty one.</param>
    /// <param name="scratch">Where a copy goes if one is needed.</param>
    /// <param name="chunk">Gets the rows, in order.</param>
    /// <returns>What was not taken, in order; always empty for parquet.</returns>
    /// <exception cref="DataException">The file is damaged or cannot be read.</exception>
    /// <exception cref="ReadAgainException">Something was noticed (<see cref="SourceFile.IsLatin1"/>,
    /// <see cref="SourceFile.MixesLineEnds"/>) with which the file has to be read again.</exception>
    public static IReadOnlyList<RejectedRecord> Read(SourceFile file, FileTableLayout layout, IReadOnlyList<int> columns,
        ScratchFolder scratch, DuckChunk chunk)
    {
        file.RefuseCutOff();
        using var connection = new DuckConnection();
        try
        {
            if (!layout.IsText)
            {
                var described = Describe(connection, file, scratch);
                connection.Run(
                    $"SELECT {string.Join(", ", columns.Select((column, role) => Given(layout, column) ?? AsText(described[column], isId: role < 2, file)))} FROM read_parquet({Path(file, scratch)}, hive_partitioning=false)", chunk);
                return [];
            }

            connection.Run(
                $"SELECT {string.Join(", ", columns.Select(column => Given(layout, column) ?? (layout.IsJson ? JsonValue(layout.Header![column]) : FileTableLayout.NameOf(column))))} FROM {Text(file, layout, scratch)}{(layout.IsJson ? $" WHERE {FileTableLayout.NameOf(0)} <> ''" : string.Empty)}", chunk);
            var rejected = Rejected(connection, file);
            return [.. rejected, .. Unclosed(file, layout.Dialect!, rejected)];
        }
        catch (DuckException failure)
            when (layout.IsText && !file.MixesLineEnds && failure.Message.Contains("invalid state", StringComparison.Ordinal))
        {
            file.MixesLineEnds = true;
            throw new ReadAgainException();
        }
        catch (DuckException failure)
        {
            throw Damaged(file, failure);
        }
    }

    /// <summary>The value of a column that is not in the file; null when it is.</summary>
    private static string? Given(FileTableLayout layout, int column) => column < 0 ? "''" : layout.KeyOf(column) is { } key
        ? DuckConnection.Quoted(key.Value) : null;

    /// <summary>The value of a key in a line of JSON, null where there is none or the line is no JSON.</summary>
    private static string JsonValue(string key)
    {
        var path = $"$.\"{key.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
        return $"CASE WHEN json_valid({FileTableLayout.NameOf(0)}) THEN "
            + $"json_extract_string({FileTableLayout.NameOf(0)}, {DuckConnection.Quoted(path)}) END";
    }

    private static string Path(SourceFile file, ScratchFolder scratch) => DuckConnection.Quoted(file.PathFor(scratch));

    private static string Text(SourceFile file, FileTableLayout layout, ScratchFolder scratch)
    {
        var dialect = layout.Dialect!;
        var quote = dialect.Quotes ? "'\"'" : "''";
        var names = string.Join(", ", Enumerable.Range(0, layout.FieldCount)
            .Select(column => $"'{FileTableLayout.NameOf(column)}': 'VARCHAR'"));
        return $$"""
            read_csv({{Path(file, scratch)}}, auto_detect=false, columns={{{names}}}, delim={{DuckConnection.Quoted(dialect.Separator)}}, quote={{quote}}, escape={{quote}},
                header={{(layout.HasHeaderLine ? "true" : "false")}}, skip={{layout.LinesBefore}}, strict_mode=true, null_padding=false, hive_partitioning=false, parallel={{(Divides(file, dialect) ? "true" : "false")}}, store_rejects=true, rejects_limit=0,
                compression='{{(file.MixesLineEnds ? Compression.None : file.Compression).ToString().ToLowerInvariant()}}', encoding='{{(file.IsLatin1 ? "latin-1" : "utf-8")}}')
            """;
    }

    /// <summary>Whether the text may be read from several places on: where quotes are, one place of such is inside a quoted text sooner or
    /// later, and the database (1.5.6) makes rows of what stands there.</summary>
    private static bool Divides(SourceFile file, TextDialect dialect) => !dialect.Quotes || !file.MayHaveQuotes;

    private static List<RejectedRecord> Rejected(DuckConnection connection, SourceFile file)
    {
        var rows = connection.All(
            "SELECT CAST(line_byte_position AS VARCHAR), any_value(csv_line), string_agg(CAST(error_type AS VARCHAR), ',') FROM "
            + "reject_errors GROUP BY line_byte_position ORDER BY line_byte_position", 3);
        if (!file.IsLatin1 && rows.Exists(row => row[2].Contains("ENCODING", StringComparison.Ordinal)))
        {
            file.IsLatin1 = true;
            throw new ReadAgainException();
        }

        return [.. rows.Select(row => new RejectedRecord(long.Parse(row[0], CultureInfo.InvariantCulture), row[1],
            row[2].Contains("UNQUOTED", StringComparison.Ordinal)))];
    }

    /// <summary>The last record if a quote in it is not closed, of which the database says nothing.</summary>
    private static IEnumerable<RejectedRecord> Unclosed(SourceFile file, TextDialect dialect, List<RejectedRecord> rejected)
    {
        if (Divides(file, dialect) || rejected.Exists(record => record.Quote) || !QuoteScan.EndsInside(file, dialect))
        {
            yield break;
        }

        using var scanner = new RecordScanner(file.OpenText(), dialect);
        TextRecord? last = null;
        while (scanner.Next() is { } record)
        {
            last = record;
        }

        if (last is { IsWhole: false })
        {
            yield return new RejectedRecord(-last.Line, string.Join(dialect.Separator, [.. last.Fields[..^1], $"\"{last.Fields[^1]}"]),
                Quote: true);
        }
    }

    private static (string Name, string Type)[] Describe(DuckConnection connection, SourceFile file, ScratchFolder scratch) =>
    [
        .. connection.All(
            $"SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM read_parquet({Path(file, scratch)}, binary_as_string=true, "
            + $"hive_partitioning=false))", 2).Select(row => (row[0], row[1])),
    ];

    /// <summary>A value as the text that a CSV would have in its place: whole numbers exactly, times as seconds.</summary>
    private static string AsText((string Name, string Type) column, bool isId, SourceFile file)
    {
        var name = DuckConnection.Name(column.Name);
        return column.Type switch
        {
            "VARCHAR" => name,
            "BLOB" => $"decode({name})",
            "DATE" or "TIMESTAMP" or "TIMESTAMP WITH TIME ZONE" or "TIMESTAMP_S" or "TIMESTAMP_MS" or "TIMESTAMP_NS" =>
                $"CAST(floor(epoch({name})) AS BIGINT) || 's'",
            // beyond 2^53 one double stands for several ids
            "FLOAT" or "DOUBLE" =>
                $"CASE WHEN isnan({name}) THEN NULL WHEN {name} = floor({name}) AND abs({name}) < 9007199254740992 THEN "
                + $"CAST(CAST({name} AS BIGINT) AS "
                + $"VARCHAR) {(isId ? $"WHEN abs({name}) < 9007199254740992 THEN CAST({name} AS VARCHAR)" : $"ELSE CAST({name} AS VARCHAR)")} END",
            "BOOLEAN" or "UUID" => $"CAST({name} AS VARCHAR)",
            var type when s_wholeNumbers.Contains(type) || type.StartsWith("ENUM", StringComparison.Ordinal) => $"CAST({name} AS VARCHAR)",
            var type when type.StartsWith("DECIMAL", StringComparison.Ordinal) =>
                $"CASE WHEN {name} = floor({name}) THEN CAST(CAST({name} AS HUGEINT) AS VARCHAR) ELSE CAST({name} AS VARCHAR) END",
            var type => throw new DataException(
                $"{file.Name}: the column '{column.Name}' holds {type} values: expected numbers, texts or times."),
        };
    }

    private static DataException Damaged(SourceFile file, DuckException failure) =>
        new($"{file.Name} is damaged, or of a kind that cannot be read: {failure.Message.Split('\n')[0].Trim()}", failure);
}

/// <summary>What was noticed of a file while it was read asks for reading it again from its start.</summary>
internal sealed class ReadAgainException : Exception;
