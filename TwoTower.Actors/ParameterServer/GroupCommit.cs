namespace TwoTower.Actors.ParameterServer;

/// <summary>Answers that wait until what they promise has been written: as many as come while one write
/// is on its way go with the next.</summary>
/// <typeparam name="T">An answer.</typeparam>
/// <param name="every">Answers that make a write due.</param>
internal sealed class GroupCommit<T>(int every)
{
    private List<T> _held = [];
    private List<T> _writing = [];

    /// <summary>Whether enough wait, and no write is on its way.</summary>
    public bool Due => _held.Count >= every && !Writing;

    /// <summary>Whether a write is on its way.</summary>
    public bool Writing { get; private set; }

    /// <summary>Answers that wait for the next write.</summary>
    public int Held => _held.Count;

    /// <summary>Takes an answer.</summary>
    public void Hold(T answer) => _held.Add(answer);

    /// <summary>A write begins that covers all that wait; false when none wait or one is on its way.</summary>
    public bool TryBegin()
    {
        if (Writing || _held.Count == 0)
        {
            return false;
        }

        (_held, _writing) = (_writing, _held);
        return Writing = true;
    }

    /// <summary>The write is done: the answers that it covers, in the order in which they came.</summary>
    public IReadOnlyList<T> Complete()
    {
        Writing = false;
        var covered = _writing;
        _writing = [];
        return covered;
    }
}
