using TwoTower.Model;

namespace TwoTower.Node.Machine;

/// <summary>Whether something can be written in a folder, which need not be there yet.</summary>
internal static class WritableFolder
{
    /// <summary>Writes a small file into the folder, or into the nearest one around it that is there, and takes it away again.</summary>
    /// <param name="what">What the folder is for.</param>
    /// <param name="folder">The folder.</param>
    /// <param name="flag">How another one is given.</param>
    public static MachineCheck Of(string what, string folder, string flag)
    {
        var at = Path.GetFullPath(folder);
        while (!Directory.Exists(at) && !File.Exists(at) && Path.GetDirectoryName(at) is { } around)
        {
            at = around;
        }

        var advice =
            $"Go to a folder that is yours, or name one with {flag}; in a container mount a volume there that its user may write to.";
        var file = Path.Combine(at, $".twotower-{Environment.ProcessId}");
        try
        {
            if (File.Exists(at))
            {
                return new MachineCheck(what, false, $"nothing can be written in {folder}: {at} is a file", advice);
            }

            using (File.Create(file, 1, FileOptions.DeleteOnClose))
            {
                return new MachineCheck(what, true, $"{folder} can be written", advice);
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return new MachineCheck(what, false,
                $"nothing can be written "
                + $"in {(at == Path.GetFullPath(folder) ? folder : at)}: {(failure is UnauthorizedAccessException ? "permission is denied" : PlainReason.Of(failure))}", advice);
        }
    }
}
