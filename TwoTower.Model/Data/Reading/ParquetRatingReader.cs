using Parquet;
using Parquet.Schema;

namespace TwoTower.Model.Data;

/// <summary>Reads ratings out of a parquet file, one row group at a time.</summary>
internal static class ParquetRatingReader
{
    /// <summary>Appends the file's rows to the table.</summary>
    /// <param name="file">The file.</param>
    /// <param name="names">Column names.</param>
    /// <param name="ratingIfAbsent">Rating of every row when there is no rating column; null makes the column required.</param>
    /// <param name="table">Where the rows go.</param>
    /// <returns>What the file was recognised as.</returns>
    /// <exception cref="DataException">The file is damaged, a column is missing or of a wrong type, or a row is bad and reading is strict.</exception>
    public static string Read(SourceFile file, ColumnNames names, float? ratingIfAbsent, RatingTableBuilder table)
    {
        try
        {
            using var stream = file.OpenSeekable();
            return ReadAsync(stream, file.Name, names, ratingIfAbsent, table).GetAwaiter().GetResult();
        }
        catch (Exception exception) when (exception is not DataException and not OutOfMemoryException)
        {
            // The library meets damage with whatever exception its decoder happens to hit.
            throw new DataException($"{file.Name} is damaged: expected a whole parquet file.", exception);
        }
    }

    private static async Task<string> ReadAsync(
        Stream stream, string file, ColumnNames names, float? ratingIfAbsent, RatingTableBuilder table)
    {
        var reader = await ParquetReader.CreateAsync(stream, leaveStreamOpen: true).ConfigureAwait(false);
        await using (reader.ConfigureAwait(false))
        {
            var fields = reader.Schema.GetDataFields();
            var columns = fields.Select(field => field.Name).ToArray();
            var found = names.Find(columns);
            var ratingIsAbsent = found.Rating < 0 && ratingIfAbsent is not null;
            if (found.User < 0 || found.Item < 0 || found.Timestamp < 0 || (found.Rating < 0 && !ratingIsAbsent))
            {
                throw new DataException(
                    $"{file} has the columns {string.Join(", ", columns)}, but {names.Missing(ratingIfAbsent is null ? found : found with { Rating = 0 })}.");
            }

            table.BeginFile(file, "row");
            long firstRow = 1;
            for (var group = 0; group < reader.RowGroupCount; group++)
            {
                using var rows = reader.OpenRowGroupReader(group);
                var count = checked((int)rows.RowCount);
                var users = await ReadIdsAsync(rows, fields[found.User], table.Users, file, count).ConfigureAwait(false);
                var items = await ReadIdsAsync(rows, fields[found.Item], table.Items, file, count).ConfigureAwait(false);
                var ratings = ratingIsAbsent ? null : await ReadNumbersAsync(rows, fields[found.Rating], file, count).ConfigureAwait(false);
                var timestamps = await ReadNumbersAsync(rows, fields[found.Timestamp], file, count).ConfigureAwait(false);
                for (var row = 0; row < count; row++)
                {
                    AddRow(table, firstRow + row, users[row], items[row], ratings is null ? ratingIfAbsent : ratings[row], timestamps[row]);
                }

                firstRow += count;
            }

            return $"parquet with columns {string.Join(", ", columns)}";
        }
    }

    private static void AddRow(RatingTableBuilder table, long row, int user, int item, double? rating, double? timestamp)
    {
        if (user < 0 || item < 0)
        {
            table.Reject(row, "a user id and an item id", "a null");
        }
        else if (rating is not >= 0 || !double.IsFinite(rating.Value))
        {
            table.Reject(row, "a rating that is a finite number >= 0", rating?.ToString() ?? "a null");
        }
        else if (timestamp is not >= 0 || !double.IsFinite(timestamp.Value))
        {
            table.Reject(row, "a unix time >= 0", timestamp?.ToString() ?? "a null");
        }
        else
        {
            table.Add(user, item, (float)rating.Value, (long)timestamp.Value, row);
        }
    }

    /// <summary>Codes of one id column; -1 stands for a null.</summary>
    private static async Task<int[]> ReadIdsAsync(ParquetRowGroupReader rows, DataField field, IdInterner ids, string file, int count)
    {
        var codes = new int[count];
        if (field.ClrType == typeof(string))
        {
            var texts = new string?[count];
            await rows.ReadAsync(field, texts.AsMemory()!).ConfigureAwait(false);
            for (var row = 0; row < count; row++)
            {
                codes[row] = texts[row] is { Length: > 0 } text ? ids.Intern(text) : -1;
            }

            return codes;
        }

        var numbers = await ReadNumbersAsync(rows, field, file, count).ConfigureAwait(false);
        for (var row = 0; row < count; row++)
        {
            // Beyond 2^53 a double no longer tells neighbouring ids apart, so such ids must come as text.
            codes[row] = numbers[row] switch
            {
                null => -1,
                { } number when Math.Abs(number) < (1L << 53) && number == Math.Floor(number) => ids.Intern((long)number),
                { } number => throw new DataException($"{file}: the id {number} in column '{field.Name}' is no whole number below 2^53."),
            };
        }

        return codes;
    }

    private static async Task<double?[]> ReadNumbersAsync(ParquetRowGroupReader rows, DataField field, string file, int count)
    {
        var type = field.ClrType;
        return type == typeof(long) ? await ReadAsync<long>(rows, field, count, value => value).ConfigureAwait(false)
            : type == typeof(int) ? await ReadAsync<int>(rows, field, count, value => value).ConfigureAwait(false)
            : type == typeof(double) ? await ReadAsync<double>(rows, field, count, value => value).ConfigureAwait(false)
            : type == typeof(float) ? await ReadAsync<float>(rows, field, count, value => value).ConfigureAwait(false)
            : type == typeof(short) ? await ReadAsync<short>(rows, field, count, value => value).ConfigureAwait(false)
            : type == typeof(byte) ? await ReadAsync<byte>(rows, field, count, value => value).ConfigureAwait(false)
            : type == typeof(sbyte) ? await ReadAsync<sbyte>(rows, field, count, value => value).ConfigureAwait(false)
            : type == typeof(uint) ? await ReadAsync<uint>(rows, field, count, value => value).ConfigureAwait(false)
            : type == typeof(ulong) ? await ReadAsync<ulong>(rows, field, count, value => value).ConfigureAwait(false)
            : type == typeof(DateTime) ? await ReadAsync<DateTime>(rows, field, count, UnixSeconds).ConfigureAwait(false)
            : throw new DataException($"{file}: column '{field.Name}' holds {type.Name} values, expected numbers.");
    }

    private static double UnixSeconds(DateTime time) => Math.Floor((DateTime.SpecifyKind(time, DateTimeKind.Utc) - DateTime.UnixEpoch).TotalSeconds);

    private static async Task<double?[]> ReadAsync<T>(ParquetRowGroupReader rows, DataField field, int count, Func<T, double> convert)
        where T : struct
    {
        var numbers = new double?[count];
        if (field.IsNullable)
        {
            var values = new T?[count];
            await rows.ReadAsync<T>(field, values.AsMemory()).ConfigureAwait(false);
            for (var row = 0; row < count; row++)
            {
                numbers[row] = values[row] is { } value ? convert(value) : null;
            }
        }
        else
        {
            var values = new T[count];
            await rows.ReadAsync<T>(field, values.AsMemory()).ConfigureAwait(false);
            for (var row = 0; row < count; row++)
            {
                numbers[row] = convert(values[row]);
            }
        }

        return numbers;
    }
}
