namespace TwoTower.Actors.ParameterServer;

/// <summary>What one update changed in one table.</summary>
/// <param name="Locals">Rows, by their place on the shard.</param>
/// <param name="Pushes">Per row, pushes in the update that had it.</param>
/// <param name="Steps">Per row, its values after less its values before, [rows, width].</param>
internal sealed record TableUpdate(int[] Locals, int[] Pushes, float[] Steps);

/// <summary>Collects the steps of the rows of one table until they are taken as an update.</summary>
internal sealed class UpdateRecorder
{
    private readonly List<int> _locals = [];
    private readonly List<int> _pushes = [];
    private readonly List<float> _steps = [];

    /// <summary>A row was stepped.</summary>
    public void Add(int local, int pushes, ReadOnlySpan<float> before, ReadOnlySpan<float> after)
    {
        _locals.Add(local);
        _pushes.Add(pushes);
        for (var n = 0; n < before.Length; n++)
        {
            _steps.Add(after[n] - before[n]);
        }
    }

    /// <summary>The update since the last was taken.</summary>
    public TableUpdate Take()
    {
        var update = new TableUpdate([.. _locals], [.. _pushes], [.. _steps]);
        _locals.Clear();
        _pushes.Clear();
        _steps.Clear();
        return update;
    }
}
