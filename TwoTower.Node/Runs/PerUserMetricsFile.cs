using System.Globalization;
using System.Text;
using TwoTower.Model.Data;
using TwoTower.Model.Evaluation;
using TwoTower.Model.Storage;

namespace TwoTower.Node.Runs;

/// <summary><c>per_user_metrics.csv</c>: one ranking's metrics user by user, so that another run on the same users can be compared with it in pairs.</summary>
public static class PerUserMetricsFile
{
    /// <summary>Its name in a run's folder.</summary>
    public const string Name = "per_user_metrics.csv";

    /// <summary>Writes a ranking's metrics.</summary>
    public static void Write(RunFolder folder, RankingResult result, IdCatalogue users)
    {
        string[] metrics = [.. result.Metrics];
        var text = new StringBuilder().Append("user");
        foreach (var metric in metrics)
        {
            text.Append(',').Append(metric);
        }

        text.Append('\n');
        for (var n = 0; n < result.Users.Length; n++)
        {
            text.Append(Quoted(users.RawIds[result.Users[n]]));
            foreach (var metric in metrics)
            {
                text.Append(',').Append(result.PerUser(metric)[n].ToString("R", CultureInfo.InvariantCulture));
            }

            text.Append('\n');
        }

        AtomicFile.WriteText(folder.File(Name), text.ToString());
    }

    /// <summary>Reads the columns of a run's file; null when there is none.</summary>
    /// <exception cref="StorageException">It is damaged.</exception>
    public static (string[] Users, IReadOnlyDictionary<string, double[]> Metrics)? Read(string folder)
    {
        var path = Path.Combine(folder, Name);
        if (!File.Exists(path))
        {
            return null;
        }

        var lines = File.ReadAllLines(path);
        var names = lines.Length > 0 ? lines[0].Split(',') : [];
        var users = new string[Math.Max(0, lines.Length - 1)];
        var columns = names.Skip(1).ToDictionary(name => name, _ => new double[users.Length], StringComparer.Ordinal);
        for (var n = 0; n < users.Length; n++)
        {
            // Numbers hold no comma, so the cells are counted from the end; what is left is the id.
            var cells = lines[n + 1].Split(',');
            var first = cells.Length - (names.Length - 1);
            if (names.Length < 2 || first < 1)
            {
                throw new StorageException($"'{path}' is damaged: line {n + 2} has {cells.Length} cells.");
            }

            users[n] = string.Join(',', cells[..first]);
            for (var c = 1; c < names.Length; c++)
            {
                columns[names[c]][n] = double.TryParse(cells[first + c - 1], CultureInfo.InvariantCulture, out var value)
                    ? value
                    : throw new StorageException($"'{path}' is damaged: line {n + 2} has '{cells[first + c - 1]}' where a number is due.");
            }
        }

        return (users, columns);
    }

    private static string Quoted(string id) => id.AsSpan().IndexOfAny(",\"\r\n") < 0 ? id : $"\"{id.Replace("\"", "\"\"", StringComparison.Ordinal).Replace('\n', ' ').Replace('\r', ' ')}\"";
}
