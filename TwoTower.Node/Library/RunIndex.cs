using System.Globalization;
using Microsoft.Data.Sqlite;
using TwoTower.Model.Evaluation;

namespace TwoTower.Node.Library;

/// <summary>What was read of runs, in SQLite, so that it need not be read again. It holds nothing that the folders do not:
/// it may be deleted at any time.</summary>
internal sealed class RunIndex : IDisposable
{
    /// <summary>The file's name in a library's folder.</summary>
    public const string Name = "runs.db";

    private const int Version = 1;

    private static readonly string[] s_columns =
    [
        "path", "stamp", "status", "problem", "command", "recipe", "data", "fingerprint", "workers", "shards", "consistency", "metric",
        "recall", "recall_low", "recall_high",
        "minus_popularity", "minus_popularity_low", "minus_popularity_high", "mean_staleness", "examples_per_second", "done",
        "started", "seconds",
    ];

    private readonly SqliteConnection _connection;

    private RunIndex(SqliteConnection connection) => _connection = connection;

    /// <summary>Opens the index of a folder; one in memory where the folder cannot be written, or something
    /// else lies in the file's place.</summary>
    public static RunIndex Open(string folder) => TryOpen(Path.Combine(folder, Name)) ?? InMemory();

    /// <summary>An index that nobody else sees, for where the one in the folder is damaged: a file that was deleted
    /// while others had it open may be.</summary>
    public static RunIndex InMemory() => TryOpen(":memory:")!;

    /// <summary>All that was read, by path, each with the stamp of the files that it was read from;
    /// null where the index is damaged.</summary>
    public IReadOnlyDictionary<string, (string Stamp, RunEntry Entry)>? TryRead()
    {
        try
        {
            return Read();
        }
        catch (Exception damaged) when (damaged is SqliteException or InvalidCastException or ArgumentException or FormatException)
        {
            return null;
        }
    }

    private Dictionary<string, (string Stamp, RunEntry Entry)> Read()
    {
        using var command = _connection.CreateCommand();
        command.CommandText = $"select {string.Join(", ", s_columns)} from runs";
        using var rows = command.ExecuteReader();
        var found = new Dictionary<string, (string, RunEntry)>(StringComparer.Ordinal);
        while (rows.Read())
        {
            found[rows.GetString(0)] = (rows.GetString(1), EntryOf(rows));
        }

        return found;
    }

    /// <summary>Notes what was read, and forgets runs that are gone. A database that somebody else is writing, or a disk that is full, is
    /// left as it is: next time is early enough.</summary>
    public void Note(IReadOnlyCollection<(string Stamp, RunEntry Entry)> read, IReadOnlyCollection<string> gone)
    {
        if (read.Count == 0 && gone.Count == 0)
        {
            return;
        }

        try
        {
            using var transaction = _connection.BeginTransaction();
            foreach (var path in gone)
            {
                using var delete = _connection.CreateCommand();
                delete.CommandText = "delete from runs where path = $path";
                delete.Parameters.AddWithValue("$path", path);
                delete.ExecuteNonQuery();
            }

            foreach (var (stamp, entry) in read)
            {
                Write(stamp, entry);
            }

            transaction.Commit();
        }
        catch (SqliteException)
        {
            // What was read is not lost: it is in the folders.
        }
    }

    /// <inheritdoc />
    public void Dispose() => _connection.Dispose();

    private static RunIndex? TryOpen(string path)
    {
        SqliteConnection? connection = null;
        try
        {
            connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, DefaultTimeout = 2 }
                .ToString());
            connection.Open();
            Run("pragma journal_mode = wal; pragma synchronous = normal;");
            if (Convert.ToInt64(Ask("pragma user_version"), CultureInfo.InvariantCulture) != Version)
            {
                // No transaction of another is under way here for longer than a moment; whoever comes second finds the work done.
                Run($"begin immediate; drop table if exists runs; create table runs "
                    + $"({string.Join(", ", s_columns.Select(column => column == "path" ? "path text primary key" : column))}); pragma "
                    + $"user_version = {Version}; commit;");
            }

            return new RunIndex(connection);
        }
        catch (SqliteException)
        {
            connection?.Dispose();
            return null;
        }

        void Run(string sql)
        {
            using var command = connection!.CreateCommand();
            command.CommandText = sql;
            command.ExecuteNonQuery();
        }

        object? Ask(string sql)
        {
            using var command = connection!.CreateCommand();
            command.CommandText = sql;
            return command.ExecuteScalar();
        }
    }

    private void Write(string stamp, RunEntry entry)
    {
        object?[] values =
        [
            entry.Path, stamp, entry.Status.ToString(), entry.Problem, entry.Command, entry.Recipe, entry.Data, entry.Fingerprint,
            entry.Workers, entry.Shards, entry.Consistency, entry.Metric,
            entry.Recall?.Value, Finite(entry.Recall?.Low), Finite(entry.Recall?.High), entry.MinusPopularity?.Value,
            Finite(entry.MinusPopularity?.Low), Finite(entry.MinusPopularity?.High),
            entry.MeanStaleness, entry.ExamplesPerSecond, entry.Done, entry.Started?.ToString("O", CultureInfo.InvariantCulture),
            entry.Seconds,
        ];
        using var command = _connection.CreateCommand();
        command.CommandText =
            $"insert or replace into runs ({string.Join(", ", s_columns)}) values "
            + $"({string.Join(", ", s_columns.Select(column => $"${column}"))})";
        for (var n = 0; n < values.Length; n++)
        {
            command.Parameters.AddWithValue($"${s_columns[n]}", values[n] ?? DBNull.Value);
        }

        command.ExecuteNonQuery();
    }

    private static double? Finite(double? value) => value is { } number && double.IsFinite(number) ? number : null;

    private static RunEntry EntryOf(SqliteDataReader row)
    {
        string? Text(string column) => row.IsDBNull(row.GetOrdinal(column)) ? null : row.GetString(row.GetOrdinal(column));
        double? Number(string column) => row.IsDBNull(row.GetOrdinal(column)) ? null : row.GetDouble(row.GetOrdinal(column));
        Interval? Range(string column) => Number(column) is { } value
            ? new Interval(value, Number($"{column}_low") ?? double.NaN, Number($"{column}_high") ?? double.NaN) : null;
        return new RunEntry(row.GetString(0), Enum.Parse<RunStatus>(Text("status")!))
        {
            Problem = Text("problem"),
            Command = Text("command"),
            Recipe = Text("recipe"),
            Data = Text("data"),
            Fingerprint = Text("fingerprint"),
            Workers = (int?)Number("workers"),
            Shards = (int?)Number("shards"),
            Consistency = Text("consistency"),
            Metric = Text("metric"),
            Recall = Range("recall"),
            MinusPopularity = Range("minus_popularity"),
            MeanStaleness = Number("mean_staleness"),
            ExamplesPerSecond = Number("examples_per_second"),
            Done = Number("done"),
            Started = Text("started") is { } started
                ? DateTime.Parse(started, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind) : null,
            Seconds = Number("seconds"),
        };
    }
}
