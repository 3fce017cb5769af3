using TwoTower.Actors.ParameterServer;
using TwoTower.Actors.Protocol;

namespace TwoTower.Actors.Training;

/// <summary>One worker's read copies of one table's hot rows, each with what it takes to measure its staleness when a
/// gradient made from it is pushed.</summary>
/// <param name="hot">Which rows are hot.</param>
/// <param name="width">Floats per row.</param>
/// <param name="refreshClocks">A copy that was pulled at clock c serves batches up to clock c + this; 0 keeps none.</param>
/// <param name="probe">Sees copies expire.</param>
internal sealed class RowCopies(HotSet hot, int width, int refreshClocks, ProtocolProbe? probe = null)
{
    private readonly int _rows = refreshClocks > 0 ? hot.Count : 0;
    private readonly Copy?[] _copies = new Copy?[refreshClocks > 0 ? hot.Count : 0];

    /// <summary>The copy of a row, or null when it is not hot, was never pulled, or is too old for a batch at a clock.</summary>
    public Copy? Find(int row, long clock)
    {
        if (_rows == 0 || hot.IndexOf(row) is not (>= 0 and var index) || _copies[index] is not { } copy)
        {
            return null;
        }

        if (clock - copy.Clock <= refreshClocks)
        {
            return copy;
        }

        probe?.Reached(ProtocolState.HotCopyExpired);
        return null;
    }

    /// <summary>Keeps a row that was pulled, when it is hot and was pulled at no earlier clock than the copy there is.</summary>
    /// <param name="row">The row.</param>
    /// <param name="clock">The clock of the batch that it was pulled for.</param>
    /// <param name="values">Its values.</param>
    /// <param name="version">Its version.</param>
    /// <param name="shardVersion">The shard's version.</param>
    public void Keep(int row, long clock, ReadOnlySpan<float> values, int version, long shardVersion)
    {
        if (_rows == 0 || hot.IndexOf(row) is not (>= 0 and var index))
        {
            return;
        }

        var copy = _copies[index] ??= new Copy(new float[width]) { Clock = long.MinValue };
        if (clock >= copy.Clock)
        {
            values.CopyTo(copy.Values);
            (copy.Clock, copy.Version, copy.ShardVersion) = (clock, version, shardVersion);
        }
    }

    /// <summary>Forgets all copies: another life of the worker has begun, and its clock with it.</summary>
    public void Clear() => Array.Clear(_copies);

    /// <summary>A row as it was when it was pulled.</summary>
    /// <param name="values">Its values.</param>
    public sealed class Copy(float[] values)
    {
        /// <summary>Its values, [width].</summary>
        public float[] Values => values;

        /// <summary>The clock of the batch that it was pulled for.</summary>
        public long Clock { get; set; }

        /// <summary>Pushes applied to the row by then.</summary>
        public int Version { get; set; }

        /// <summary>Pushes applied by the shard by then.</summary>
        public long ShardVersion { get; set; }
    }
}
