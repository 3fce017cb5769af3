using System.Text;

namespace TwoTower.Model.Storage;

/// <summary>Reads files that a run at work may be writing, or renaming another into the place of: on Windows an ordinary reader is refused
/// by the one and stops the other.</summary>
internal static class SharedFile
{
    /// <summary>Opens a file that others may write, rename and delete meanwhile.</summary>
    public static FileStream Open(string path) => new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);

    /// <summary>All of a text file in UTF-8.</summary>
    public static string ReadText(string path)
    {
        using var reader = new StreamReader(Open(path), Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
