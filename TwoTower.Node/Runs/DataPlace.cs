using TwoTower.Node.Settings;

namespace TwoTower.Node.Runs;

/// <summary>Where the data of a run is, asked from anywhere.</summary>
internal static class DataPlace
{
    private const string Key = "data.path";

    /// <summary>A path of data as a run has it. A relative one is that of the folder which the run was started from; from another one it is
    /// looked for beside the run and in the folders around it, so that a project may be moved whole. Whether it is the
    /// run's data, its fingerprint says.</summary>
    /// <param name="run">The run's folder, or a file that it left.</param>
    /// <param name="path">The path.</param>
    /// <returns>The full path where it was found elsewhere, or the path as it is.</returns>
    public static string Of(string run, string path)
    {
        if (!Path.IsPathRooted(path) && !Path.Exists(path))
        {
            for (var around = Path.GetFullPath(run); around is not null; around = Path.GetDirectoryName(around))
            {
                if (Path.Combine(around, path) is var there && Path.Exists(there))
                {
                    return Path.GetFullPath(there);
                }
            }
        }

        return path;
    }

    /// <summary>Has a run's settings name the place of its data as seen from here.</summary>
    public static void Settle(string run, ResolvedSettings settings)
    {
        if (settings.Values.Data.Path is { } path && Of(run, path) is var found && found != path)
        {
            settings.Set(Key, found, settings.SourceOf(Key));
        }
    }

    /// <summary>Whether two paths of data that a run may have are of one place.</summary>
    public static bool IsSame(string run, string? left, string? right) =>
        left == right || (left is not null && right is not null && Path.GetFullPath(Of(run, left)) == Path.GetFullPath(Of(run, right)));
}
