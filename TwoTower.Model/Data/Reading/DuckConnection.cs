using System.Runtime.InteropServices;
using DuckDB.NET.Native;

namespace TwoTower.Model.Data;

/// <summary>A query failed; the message is the database's.</summary>
internal sealed class DuckException(string message) : Exception(message);

/// <summary>What is done with one chunk of a result: some rows of all its columns, each as text.</summary>
/// <param name="cells">The chunk, valid until the call returns.</param>
internal delegate void DuckChunk(DuckCells cells);

/// <summary>A DuckDB in memory and one connection to it, of one thread, so that rows come in the order of the file. Results are read where the database holds them.</summary>
internal sealed class DuckConnection : IDisposable
{
    private readonly DuckDBDatabase _database;
    private readonly DuckDBNativeConnection _connection;

    public DuckConnection()
    {
        if (NativeMethods.Startup.DuckDBOpen(":memory:", out _database) != DuckDBState.Success || NativeMethods.Startup.DuckDBConnect(_database, out _connection) != DuckDBState.Success)
        {
            throw new DuckException("DuckDB cannot be opened.");
        }

        foreach (var setting in (string[])["threads=1", "autoinstall_known_extensions=false", "autoload_known_extensions=false", "preserve_insertion_order=true"])
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
    public unsafe void Run(string query, DuckChunk chunk)
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

            while (true)
            {
                using var rows = NativeMethods.StreamingResult.DuckDBStreamFetchChunk(result);
                var count = rows.IsInvalid ? 0 : (int)NativeMethods.DataChunks.DuckDBDataChunkGetSize(rows);
                if (count == 0)
                {
                    if (NativeMethods.Query.DuckDBResultError(ref result) is { Length: > 0 } error)
                    {
                        throw new DuckException(error);
                    }

                    return;
                }

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

                chunk(new DuckCells(data, valid, count));
            }
        }
        finally
        {
            NativeMethods.Query.DuckDBDestroyResult(ref result);
            statement?.Dispose();
        }
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

    /// <summary>The UTF-8 bytes of a cell; none when it is null.</summary>
    public ReadOnlySpan<byte> this[int column, int row]
    {
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
