namespace TwoTower.Model.Data.Reading;

/// <summary>One record of a text table: mostly a line, more where quoted fields hold line breaks.</summary>
/// <param name="Line">Number of its first line, from 1.</param>
/// <param name="Fields">Its fields' texts, quotes undone.</param>
/// <param name="IsWhole">Whether its last quote is closed.</param>
internal sealed record TextRecord(long Line, string[] Fields, bool IsWhole)
{
    /// <summary>Whether the database takes it for a row of so many columns: further separators at its end do no harm.</summary>
    public bool IsRow(int columns) => IsWhole && Fields.Length >= columns && Fields.Skip(columns).All(field => field.Length == 0);
}

/// <summary>Tells records apart, slowly: for the first ones of a file, by which it is recognised, and to find the line of a record that
/// cannot be used. Rows are read by <see cref="DuckTable"/>.</summary>
/// <param name="stream">The text; it is closed with this.</param>
/// <param name="dialect">How its fields are told apart.</param>
internal sealed class RecordScanner(Stream stream, TextDialect dialect) : IDisposable
{
    private readonly byte[] _buffer = new byte[1 << 16];
    private readonly byte[] _separator = System.Text.Encoding.UTF8.GetBytes(dialect.Separator);
    private readonly List<byte> _field = [];
    private readonly List<string> _fields = [];
    private int _position;
    private int _end;
    private long _line = 1;
    private bool _started;

    /// <summary>The next record that is no empty line; null at the end.</summary>
    public TextRecord? Next()
    {
        SkipMark();
        while (Peek() >= 0)
        {
            var (line, isEmpty) = (_line, Peek() is '\n' or '\r');
            var whole = Read();
            if (!isEmpty)
            {
                return new TextRecord(line, [.. _fields], whole);
            }
        }

        return null;
    }

    public void Dispose() => stream.Dispose();

    /// <summary>Reads one record; false when its last quote is not closed.</summary>
    private bool Read()
    {
        _fields.Clear();
        _field.Clear();
        while (true)
        {
            if (dialect.Quotes && _field.Count == 0 && Peek() == '"' && !Quoted())
            {
                EndField();
                return false;
            }

            var value = Take();
            if (value is < 0 or '\n' or '\r')
            {
                if (value == '\r' && Peek() == '\n')
                {
                    _position++;
                }

                EndField();
                _line++;
                return true;
            }

            _field.Add((byte)value);
            if (value == _separator[^1] && EndsWithSeparator())
            {
                _field.RemoveRange(_field.Count - _separator.Length, _separator.Length);
                EndField();
            }
        }
    }

    /// <summary>Reads a quoted part; false when it is not closed.</summary>
    private bool Quoted()
    {
        Take();
        while (true)
        {
            var value = Take();
            if (value < 0)
            {
                return false;
            }

            if (value == '"')
            {
                if (Peek() != '"')
                {
                    return true;
                }

                Take();
            }

            _line += value == '\n' || (value == '\r' && Peek() != '\n') ? 1 : 0;
            _field.Add((byte)value);
        }
    }

    private bool EndsWithSeparator()
    {
        for (var n = 1; n <= _separator.Length; n++)
        {
            if (_field.Count < n || _field[^n] != _separator[^n])
            {
                return false;
            }
        }

        return true;
    }

    private void EndField()
    {
        _fields.Add(TextDialect.TextOf(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_field)));
        _field.Clear();
    }

    private void SkipMark()
    {
        if (!_started)
        {
            _started = true;
            _end = stream.ReadAtLeast(_buffer, 3, throwOnEndOfStream: false);
            _position = _buffer.AsSpan(0, _end).StartsWith("\uFEFF"u8) ? 3 : 0;
        }
    }

    private int Peek()
    {
        if (_position == _end)
        {
            (_position, _end) = (0, stream.Read(_buffer));
        }

        return _end == 0 ? -1 : _buffer[_position];
    }

    private int Take()
    {
        var value = Peek();
        _position += value < 0 ? 0 : 1;
        return value;
    }
}
