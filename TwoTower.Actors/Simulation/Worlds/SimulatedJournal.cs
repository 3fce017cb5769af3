using TwoTower.Actors.Protocol;

namespace TwoTower.Actors.Simulation.Worlds;

/// <summary>What a trainer has written down on a simulated disk.</summary>
internal sealed class SimulatedJournal
{
    private readonly List<JournalEntry> _entries = [];

    public void Append(IReadOnlyList<JournalEntry> entries)
    {
        foreach (var entry in entries)
        {
            if (entry is JournalEntry.Evaluated { Best: not null })
            {
                ForgetModels();
            }

            _entries.Add(entry);
        }
    }

    public void Replace(IReadOnlyList<JournalEntry> entries)
    {
        _entries.Clear();
        _entries.AddRange(entries);
    }

    public IReadOnlyList<JournalEntry> Read() => [.. _entries];

    /// <summary>Nobody asks again for parameters that later ones are better than.</summary>
    private void ForgetModels()
    {
        for (var n = 0; n < _entries.Count; n++)
        {
            if (_entries[n] is JournalEntry.Evaluated { Best: not null } surpassed)
            {
                _entries[n] = surpassed with { Best = null };
            }
        }
    }
}
