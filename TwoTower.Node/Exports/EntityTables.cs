using System.Globalization;
using System.Text;
using TwoTower.Model.Storage;
using TwoTower.Node.Learned;

namespace TwoTower.Node.Exports;

/// <summary>Who and what the rows of a table are.</summary>
internal static class EntityTables
{
    /// <summary>Names of the files.</summary>
    public const string UsersFile = "users.csv", ItemsFile = "items.csv";

    /// <summary>Train positives of every user, by index: 0 where no vector was trained.</summary>
    public static int[] PositivesOfUsers(LearnedModel model)
    {
        var positives = new int[model.Run.Data.Users.Count];
        foreach (var user in model.Run.Data.Train.Users)
        {
            positives[user]++;
        }

        return positives;
    }

    /// <summary>Writes <c>users.csv</c> (row, id, train positives) and <c>items.csv</c> (row, id, title, genres with | between, train
    /// positives), in row order.</summary>
    public static IReadOnlyList<string> Write(LearnedModel model, string folder)
    {
        var positives = PositivesOfUsers(model);
        WriteText(Path.Combine(folder, UsersFile), to =>
        {
            to.Write("row,id,positives\n");
            foreach (var (user, id) in model.Run.Data.Users.RawIds.Index())
            {
                to.Write(string.Create(CultureInfo.InvariantCulture, $"{user},{CsvText.Cell(id)},{positives[user]}\n"));
            }
        });
        WriteText(Path.Combine(folder, ItemsFile), to =>
        {
            to.Write("row,id,title,genres,positives\n");
            for (var item = 0; item < model.Run.Data.Items.Count; item++)
            {
                var view = model.View(item);
                to.Write(string.Create(CultureInfo.InvariantCulture,
                    $"{item},{CsvText.Cell(view.Id)},{CsvText.Cell(view.Title)},{CsvText.Cell(view.Genres.Count == 0 ? null : Genres(view))},{view.Positives}\n"));
            }
        });
        return [UsersFile, ItemsFile];
    }

    /// <summary>An item's genres in one cell.</summary>
    public static string Genres(ItemView item) => string.Join('|', item.Genres);

    /// <summary>Writes a text file in UTF-8, atomically and in pieces.</summary>
    public static void WriteText(string path, Action<TextWriter> write) => AtomicFile.Write(path, stream =>
    {
        using var text = new StreamWriter(stream, new UTF8Encoding(false), 1 << 16, leaveOpen: true);
        write(text);
    });
}
