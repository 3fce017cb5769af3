namespace TwoTower.Node.Runs;

/// <summary>The folder in a run's that TensorBoard reads.</summary>
internal static class TensorBoardFolder
{
    /// <summary>Its name.</summary>
    public const string Name = "tensorboard";

    /// <summary>Removes what runs have written in a run's folder, and nothing else.</summary>
    public static void DeleteIn(string runFolder)
    {
        var folder = new DirectoryInfo(Path.Combine(runFolder, Name));
        if (!folder.Exists)
        {
            return;
        }

        foreach (var file in folder.GetFiles("events.out.tfevents.*.twotower"))
        {
            file.Delete();
        }

        if (!folder.EnumerateFileSystemInfos().Any())
        {
            folder.Delete();
        }
    }
}
