using System.Text.Json;
using TwoTower.Model.Storage;

namespace TwoTower.Node.Reproductions.Windows;

/// <summary>One ranking of one window, user by user: kept in a file, so that a study that was stopped goes on.</summary>
/// <param name="Made">The settings that it was made with; with others it is made again. The program's version is not among them: after a
/// change of the code take another folder.</param>
/// <param name="Label">Its name with what was chosen for it.</param>
/// <param name="PerUser">Masked metrics by name, one value per evaluated user.</param>
internal sealed record StudiedCell(string Made, string Label, IReadOnlyDictionary<string, double[]> PerUser)
{
    /// <summary>What a file holds, or what is made and written.</summary>
    /// <param name="path">The file.</param>
    /// <param name="made">What the cell is to be made with.</param>
    /// <param name="make">Makes it.</param>
    public static StudiedCell Of(string path, string made, Func<(string Label, IReadOnlyDictionary<string, double[]> PerUser)> make)
    {
        if (Read(path) is { } known && known.Made == made)
        {
            return known;
        }

        var (label, perUser) = make();
        var cell = new StudiedCell(made, label, perUser);
        AtomicFile.WriteText(path, JsonSerializer.Serialize(cell));
        return cell;
    }

    private static StudiedCell? Read(string path)
    {
        try
        {
            return File.Exists(path) ? JsonSerializer.Deserialize<StudiedCell>(File.ReadAllText(path)) : null;
        }
        catch (JsonException)
        {
            return null; // a damaged cell is made again
        }
    }
}
