namespace TwoTower.Model.Data;

/// <summary>Lines of a byte stream without allocating one string each. Knows the byte order mark, CRLF, and a last line without an end.</summary>
internal sealed class LineReader(Stream stream, string file) : IDisposable
{
    private const int LongestLine = 1 << 20;
    private byte[] _buffer = new byte[1 << 16];
    private int _start;
    private int _end;
    private bool _ended;
    private bool _started;

    /// <summary>Number of the line read last, from 1.</summary>
    public long LineNumber { get; private set; }

    /// <summary>The next line; it is valid until the next call.</summary>
    /// <exception cref="DataException">A line is longer than a mebibyte, so this is no text table.</exception>
    public bool TryRead(out ReadOnlySpan<byte> line)
    {
        var searched = 0;
        while (true)
        {
            var window = _buffer.AsSpan(_start, _end - _start);
            var end = window[searched..].IndexOf((byte)'\n');
            if (end >= 0)
            {
                line = window[..(searched + end)];
                _start += line.Length + 1;
                break;
            }

            if (_ended)
            {
                line = window;
                _start = _end;
                if (line.IsEmpty)
                {
                    return false;
                }

                break;
            }

            searched = window.Length;
            Fill();
        }

        LineNumber++;
        if (!line.IsEmpty && line[^1] == '\r')
        {
            line = line[..^1];
        }

        return true;
    }

    public void Dispose() => stream.Dispose();

    private void Fill()
    {
        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        _end -= _start;
        _start = 0;
        if (_end == _buffer.Length)
        {
            if (_buffer.Length >= LongestLine)
            {
                throw new DataException($"{file}, line {LineNumber + 1}: the line is longer than {LongestLine} bytes, expected a text table.");
            }

            Array.Resize(ref _buffer, _buffer.Length * 2);
        }

        if (_started)
        {
            var read = stream.Read(_buffer.AsSpan(_end));
            _ended = read == 0;
            _end += read;
            return;
        }

        // The mark may arrive in pieces from a compressed stream, so the first fill asks for at least its three bytes.
        _started = true;
        _end = stream.ReadAtLeast(_buffer, 3, throwOnEndOfStream: false);
        _ended = _end == 0;
        if (_buffer.AsSpan(0, _end).StartsWith("\uFEFF"u8))
        {
            _start = 3;
        }
    }
}
