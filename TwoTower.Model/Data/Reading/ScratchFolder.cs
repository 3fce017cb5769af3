namespace TwoTower.Model.Data.Reading;

/// <summary>Copies of what cannot be read where it lies (entries of a zip, pipes), for as long as a source is read.</summary>
internal sealed class ScratchFolder : IDisposable
{
    private string? _path;
    private int _count;

    /// <summary>Writes a stream to a file of the folder and closes it.</summary>
    /// <returns>The file's path.</returns>
    public string Keep(Stream content, string name)
    {
        _path ??= Directory.CreateTempSubdirectory("twotower-reading-").FullName;
        var safe = string.Concat(name.Where(character => char.IsAsciiLetterOrDigit(character) || character is '.' or '-' or '_'));
        var path = Path.Combine(_path, $"{_count++}-{safe}");
        using (content)
        using (var file = File.Create(path))
        {
            content.CopyTo(file);
        }

        return path;
    }

    public void Dispose()
    {
        if (_path is not null)
        {
            Directory.Delete(_path, recursive: true);
        }
    }
}
