using System.Globalization;
using TwoTower.Model;
using TwoTower.Model.Storage;
using TwoTower.Node.Settings;

namespace TwoTower.Node.Learned;

/// <summary>What somebody liked, as a text file: an item on each line, by id or title, and behind a tab or the last comma perhaps the time
/// in Unix seconds. Empty lines and lines that begin with # say nothing.</summary>
internal static class HistoryFile
{
    private const int MostItems = 100_000;

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="find">Searches an item by id or title.</param>
    /// <returns>The items in the file's order, or the first search that found no single one.</returns>
    /// <exception cref="StorageException">The file cannot be read.</exception>
    /// <exception cref="SettingException">There is no item in it, or some have a time and some have none.</exception>
    public static (IReadOnlyList<LikedItem> Items, ItemSearch? NotFound) Read(string path, Func<string, ItemSearch> find)
    {
        string[] lines;
        try
        {
            lines = File.ReadAllLines(path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"'{path}' cannot be read: {PlainReason.Of(failure)}.", failure);
        }

        var items = new List<LikedItem>();
        foreach (var line in lines.Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] != '#'))
        {
            var (liked, notFound) = Item(line, find);
            if (notFound is not null)
            {
                return (items, notFound);
            }

            items.Add(liked!);
        }

        return items.Count is 0 or > MostItems
            ? throw new SettingException($"'{path}' names {items.Count} items, and a history has from 1 to {MostItems}.")
            : items.DistinctBy(item => item.Time is null).Count() > 1
            ? throw new SettingException($"'{path}' gives some items a time and others none; give all of them one, or none.")
            : (items, null);
    }

    private static (LikedItem?, ItemSearch?) Item(string line, Func<string, ItemSearch> find)
    {
        // A title may have commas, and numbers after them: what is an item as it stands is taken as that.
        var at = line.LastIndexOf('\t');
        var whole = at < 0 ? find(line) : null;
        if (whole?.Found is { } item)
        {
            return (new LikedItem(item.Id, null), null);
        }

        at = at < 0 ? line.LastIndexOf(',') : at;
        if (at > 0 && long.TryParse(line[(at + 1)..], NumberStyles.AllowLeadingSign | NumberStyles.AllowLeadingWhite,
            CultureInfo.InvariantCulture, out var time))
        {
            var named = find(line[..at].Trim());
            return named.Found is { } timed ? (new LikedItem(timed.Id, time), null) : (null, named);
        }

        return (null, whole ?? find(line));
    }
}
