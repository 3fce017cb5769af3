using System.Runtime.InteropServices;
using TwoTower.Actors.Ids;
using TwoTower.Actors.Protocol;

namespace TwoTower.Actors.Simulation.Checking;

/// <summary>A 64-bit hash that is fed one thing after the other: SplitMix64's mixing function (Steele, Lea and Flood 2014) over the running
/// value. The same on every machine and run.</summary>
internal struct RollingHash
{
    public ulong Value { get; private set; }

    public void Add(ulong part)
    {
        unchecked
        {
            var z = (Value ^ part) + 0x9E3779B97F4A7C15UL;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
            Value = z ^ (z >> 31);
        }
    }

    public void Add(long part) => Add(unchecked((ulong)part));

    public void Add(double part) => Add(BitConverter.DoubleToUInt64Bits(part));

    public void Add(string part)
    {
        Add((ulong)part.Length);
        foreach (var letter in part)
        {
            Add((ulong)letter);
        }
    }

    public void Add(NodeId? node) => Add(node is { } id ? ((ulong)id.Role << 32) | (uint)id.Index : ulong.MaxValue);

    public void Add(ReadOnlySpan<float> values)
    {
        Add((ulong)values.Length);
        foreach (var bits in MemoryMarshal.Cast<float, uint>(values))
        {
            Add((ulong)bits);
        }
    }

    public void Add(ReadOnlySpan<int> values)
    {
        Add((ulong)values.Length);
        foreach (var value in values)
        {
            Add((ulong)value);
        }
    }

    /// <summary>A message with all that it carries; of one that it does not know, kind and size.</summary>
    public void Add(in Crossing crossing)
    {
        Add(crossing.Number);
        Add(crossing.From);
        Add(crossing.To);
        Add(crossing.Bytes);
        Add(crossing.Message.GetType().Name);
        switch (crossing.Message)
        {
            case ParameterProtocol.Pull pull:
                Add(pull.Ticket);
                Add(pull.Clock);
                Add(pull.Users.Span);
                Add(pull.Items.Span);
                break;
            case ParameterProtocol.Rows rows:
                Add(rows.Ticket);
                Add(rows.Version);
                Add(rows.Users);
                Add(rows.Items);
                break;
            case ParameterProtocol.Push push:
                Add(push.Birth);
                Add(push.Lease.Batch.Number);
                Add(push.Lease.Clock);
                Add(push.Users);
                Add(push.Items);
                break;
            case ParameterProtocol.PushAck ack:
                Add(ack.Batch.Number);
                Add(ack.Version);
                Add(ack.StalenessSum);
                break;
            case LeaseProtocol.LeaseGranted granted:
                Add(granted.Ordinal);
                Add(granted.Lease.Batch.Number);
                Add(granted.Lease.Clock);
                break;
            case LeaseProtocol.Completed completed:
                Add(completed.Ordinal);
                Add(completed.Report.Batch.Number);
                Add(completed.Report.Loss.LossSum);
                break;
            case SnapshotProtocol.Part part:
                Add(part.Applied);
                Add(part.Users);
                Add(part.Items);
                break;
        }
    }

    private void Add(in RowBlock block)
    {
        Add(block.Keys.Span);
        Add(block.Versions.AsSpan(0, block.Count));
        Add(block.Values.AsSpan(0, block.Count * block.Width));
    }
}
