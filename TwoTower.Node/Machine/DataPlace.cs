namespace TwoTower.Node.Machine;

/// <summary>Whether all nodes of a cluster see the data where it lies. Every node reads it itself,
/// from the path that it is given.</summary>
/// <param name="InContainer">Whether this is a container.</param>
/// <param name="Mounts">What is mounted where, and as which kind of file system.</param>
internal sealed record DataPlace(bool InContainer, IReadOnlyList<(string Place, string Kind)> Mounts)
{
    private const string What = "data for nodes", ComposeVolume = "/data";

    // What only one container sees: its own layers, and its memory.
    private static readonly string[] s_own = ["overlay", "aufs", "tmpfs", "ramfs"];

    /// <summary>This machine.</summary>
    public static DataPlace Here()
    {
        var inContainer = Environment.GetEnvironmentVariable("DOTNET_RUNNING_IN_CONTAINER") == "true" || File.Exists("/.dockerenv");
        return new DataPlace(inContainer, inContainer && File.Exists("/proc/self/mountinfo") ? [.. File.ReadLines("/proc/self/mountinfo")
            .Select(Mount)] : []);
    }

    /// <summary>Looks at a path that nodes are given.</summary>
    /// <param name="path">The path, or null for synthetic data.</param>
    public MachineCheck Of(string? path)
    {
        if (path is null)
        {
            return new MachineCheck(What, true, "synthetic data, which every node makes itself", string.Empty);
        }

        if (!Path.IsPathFullyQualified(path))
        {
            return new MachineCheck(What, false, $"'{path}' is relative, so every node looks for it in a working folder of its own",
                "Give the absolute path that the data has on every node, on a disk or volume that all of them see.");
        }

        if (InContainer && MountOf(path) is var (place, kind) && s_own.Contains(kind, StringComparer.Ordinal))
        {
            return new MachineCheck(
                What, false,
                $"'{path}' lies in this container's own {(place == "/" ? "file system" : $"{kind} at {place}")}, which no other container sees", $"Put it into a volume that every node mounts (docker-compose.yml: the volume 'data', at {ComposeVolume}).");
        }

        return new MachineCheck(What, true,
            $"'{path}', as every node is given it{(InContainer ? ", in a volume" : "; it has to lie there on every machine")}",
            string.Empty);
    }

    /// <summary>Looks at what compose is given for <c>TWOTOWER_DATA</c>.</summary>
    /// <param name="value">Its value.</param>
    public static MachineCheck OfCompose(string value) => new(
        What, value.StartsWith($"{ComposeVolume}/", StringComparison.Ordinal) && !value.Split('/').Contains(".."), $"TWOTOWER_DATA={value}",
        $"Containers see none of this machine's folders, only the volume 'data' at {ComposeVolume}: copy the data into it, and give its "
            + $"path there, such as TWOTOWER_DATA={ComposeVolume}/{Path.GetFileName(value.TrimEnd('/'))}.");

    private (string Place, string Kind)? MountOf(string path)
    {
        var full = Path.GetFullPath(path);
        return Mounts.Where(mount => mount.Place == "/" || full == mount.Place || full.StartsWith($"{mount.Place}/",
            StringComparison.Ordinal)).OrderBy(mount => mount.Place.Length).Cast<(string, string)?>().LastOrDefault();
    }

    /// <summary>A line of mountinfo (proc(5)): the fifth field is the place, and the first behind the dash the kind.</summary>
    private static (string Place, string Kind) Mount(string line)
    {
        var fields = line.Split(' ');
        return (fields[4].Replace("\\040", " ", StringComparison.Ordinal), fields[Array.IndexOf(fields, "-") + 1]);
    }
}
