using System.Security.Cryptography;

namespace TwoTower.Actors.Simulation.Tracing;

/// <summary>Hashes the trace of a run and, where a stream is given, writes it. After the end event follows the
/// SHA-256 of all bytes up to there.</summary>
/// <param name="metric">The metric of evaluations that is kept.</param>
/// <param name="to">Where to, or null to hash only; stays open.</param>
internal sealed class TraceWriter(string metric, Stream? to) : TraceObserver(metric), IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly byte[] _buffer = new byte[1 << 16];
    private int _filled;
    private long _ticks;

    /// <summary>Events so far.</summary>
    public long Count { get; private set; }

    /// <summary>SHA-256 over the bytes of all events, hex; null until the run has ended by itself.</summary>
    public string? Sha256 { get; private set; }

    /// <summary>Gives what is in the buffer to the stream: for a run that did not end by itself.</summary>
    public void Flush()
    {
        _hash.AppendData(_buffer, 0, _filled);
        to?.Write(_buffer, 0, _filled);
        to?.Flush();
        _filled = 0;
    }

    /// <inheritdoc />
    public void Dispose() => _hash.Dispose();

    /// <inheritdoc />
    protected override void Take(in TraceEvent traced)
    {
        if (Sha256 is not null)
        {
            return; // what the actors still do while they are stopped is no part of the run
        }

        if (_buffer.Length - _filled < TraceEncoding.MaxEvent)
        {
            Flush();
        }

        _filled += TraceEncoding.Write(_buffer.AsSpan(_filled), traced, _ticks);
        _ticks = traced.Ticks;
        Count++;
        if (traced.Kind == TraceKind.End)
        {
            Flush();
            var hash = _hash.GetHashAndReset();
            Sha256 = Convert.ToHexStringLower(hash);
            to?.Write(hash);
            to?.Flush();
        }
    }
}
