using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using DuckDB.NET.Native;

namespace TwoTower.Model.Data.Reading;

/// <summary>A query failed; the message is the database's.</summary>
internal sealed class DuckException(string message) : Exception(message);

/// <summary>What is done with one chunk of a result: some rows of all its columns, each as text.</summary>
/// <param name="cells">The chunk, valid until the call returns.</param>
internal delegate void DuckChunk(DuckCells cells);

/// <summary>A DuckDB in memory and one connection to it. Rows come in the order of the file. Results are read
/// where the database holds them.</summary>
internal sealed class DuckConnection : IDisposable
{
    private const int ChunksAhead = 16; // of 2,048 rows
    private readonly DuckDBDatabase _database;
    private readonly DuckDBNativeConnection _connection;

    public DuckConnection()
    {
        if (NativeMethods.Startup.DuckDBOpen(":memory:", out _database) != DuckDBState.Success
            || NativeMethods.Startup.DuckDBConnect(_database, out _connection) != DuckDBState.Success)
        {
            throw new DuckException("DuckDB cannot be opened.");
        }

        foreach (var setting in (string[])["threads=1", "memory_limit='600MB'", "autoinstall_known_extensions=false",
            "autoload_known_extensions=false", "preserve_insertion_order=true"])
        {
            Run($"SET {setting}", _ => { });
        }
    }

    /// <summary>A text in a query.</summary>
    public static string Quoted(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";

    /// <summary>A name in a query.</summary>
    public static string Name(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    /// <summary>Runs a query whose columns are all texts.</summary>
    /// <param name="query">The query.</param>
    /// <param name="chunk">Gets its rows, in order.</param>
    /// <exception cref="DuckException">It failed.</exception>
    public void Run(string query, DuckChunk chunk)
    {
        DuckDBPreparedStatement? statement = null;
        DuckDBResult result = default;
        nint[] data = [], valid = [];
        try
        {
            if (NativeMethods.PreparedStatements.DuckDBPrepare(_connection, query, out statement) != DuckDBState.Success)
            {
                throw new DuckException(NativeMethods.PreparedStatements.DuckDBPrepareError(statement));
            }

            if (NativeMethods.PreparedStatements.DuckDBExecutePreparedStreaming(statement, out result) != DuckDBState.Success)
            {
                throw new DuckException(NativeMethods.Query.DuckDBResultError(ref result));
            }

            // The database parses on one thread while rows are taken on this one.
            using var chunks = new BlockingCollection<DuckDBDataChunk>(ChunksAhead);
            using var stop = new CancellationTokenSource();
            var pointer = result;
            var parsing = Task.Run(() => Fetch(pointer, chunks, stop.Token));
            try
            {
                foreach (var rows in chunks.GetConsumingEnumerable())
                {
                    using (rows)
                    {
                        Take(rows, ref data, ref valid, chunk);
                    }
                }
            }
            finally
            {
                stop.Cancel();
                parsing.GetAwaiter().GetResult();
                while (chunks.TryTake(out var left))
                {
                    left.Dispose();
                }
            }

            if (NativeMethods.Query.DuckDBResultError(ref result) is { Length: > 0 } error)
            {
                throw new DuckException(error);
            }
        }
        finally
        {
            NativeMethods.Query.DuckDBDestroyResult(ref result);
            statement?.Dispose();
        }
    }

    private static void Fetch(DuckDBResult result, BlockingCollection<DuckDBDataChunk> chunks, CancellationToken stop)
    {
        try
        {
            while (true)
            {
                var rows = NativeMethods.StreamingResult.DuckDBStreamFetchChunk(result);
                if (rows.IsInvalid || NativeMethods.DataChunks.DuckDBDataChunkGetSize(rows) == 0)
                {
                    rows.Dispose();
                    return;
                }

                try
                {
                    chunks.Add(rows, stop);
                }
                catch (OperationCanceledException)
                {
                    rows.Dispose();
                    return;
                }
            }
        }
        finally
        {
            chunks.CompleteAdding();
        }
    }

    private static unsafe void Take(DuckDBDataChunk rows, ref nint[] data, ref nint[] valid, DuckChunk chunk)
    {
        var columns = (int)NativeMethods.DataChunks.DuckDBDataChunkGetColumnCount(rows);
        if (data.Length != columns)
        {
            (data, valid) = (new nint[columns], new nint[columns]);
        }

        for (var column = 0; column < columns; column++)
        {
            var vector = NativeMethods.DataChunks.DuckDBDataChunkGetVector(rows, column);
            data[column] = (nint)NativeMethods.Vectors.DuckDBVectorGetData(vector);
            valid[column] = (nint)NativeMethods.Vectors.DuckDBVectorGetValidity(vector);
        }

        chunk(new DuckCells(data, valid, (int)NativeMethods.DataChunks.DuckDBDataChunkGetSize(rows)));
    }

    /// <summary>All rows of a small result.</summary>
    /// <exception cref="DuckException">It failed.</exception>
    public List<string[]> All(string query, int columns)
    {
        var rows = new List<string[]>();
        Run(query, cells =>
        {
            for (var row = 0; row < cells.Count; row++)
            {
                var texts = new string[columns];
                for (var column = 0; column < columns; column++)
                {
                    texts[column] = TextDialect.TextOf(cells[column, row]);
                }

                rows.Add(texts);
            }
        });
        return rows;
    }

    public void Dispose()
    {
        _connection.Dispose();
        _database.Dispose();
    }
}

/// <summary>Some rows of text columns.</summary>
internal readonly unsafe ref struct DuckCells
{
    private const int TextBytes = 16; // of duckdb_string_t: a length, then up to twelve bytes, or four of a prefix and a pointer
    private const int MostInPlace = 12;
    private readonly ReadOnlySpan<nint> _data;
    private readonly ReadOnlySpan<nint> _valid;

    public DuckCells(ReadOnlySpan<nint> data, ReadOnlySpan<nint> valid, int count)
    {
        _data = data;
        _valid = valid;
        Count = count;
    }

    /// <summary>Rows.</summary>
    public int Count { get; }

    /// <summary>The UTF-8 bytes of a cell without the white space around them.</summary>
    public ReadOnlySpan<byte> Trimmed(int column, int row)
    {
        var cell = this[column, row];
        return cell.IsEmpty || (cell[0] > ' ' && cell[^1] > ' ') ? cell : cell.Trim(" \t"u8);
    }

    /// <summary>The UTF-8 bytes of a cell; none when it is null.</summary>
    public ReadOnlySpan<byte> this[int column, int row]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            if (_valid[column] != 0 && (((ulong*)_valid[column])[row >> 6] & (1UL << (row & 63))) == 0)
            {
                return default;
            }

            var text = (byte*)_data[column] + ((long)row * TextBytes);
            var length = *(int*)text;
            return MemoryMarshal.CreateReadOnlySpan(ref *(length <= MostInPlace ? text + 4 : *(byte**)(text + 8)), length);
        }
    }
}
