using System.Globalization;
using System.Text;
using TwoTower.Model.Data;
using TwoTower.Model.Evaluation;
using TwoTower.Model.Storage;

namespace TwoTower.Node.Runs;

/// <summary><c>per_user_metrics.csv</c>: one ranking's metrics user by user, so that another run on the same users
/// can be compared with it in pairs.</summary>
internal static class PerUserMetricsFile
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
            text.Append(CsvText.Cell(users.RawIds[result.Users[n]]));
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

        try
        {
            string[][] rows = [.. CsvText.Rows(File.ReadAllText(path))];
            var names = rows.Length > 0 ? rows[0] : [];
            var users = new string[Math.Max(0, rows.Length - 1)];
            var columns = names.Skip(1).ToDictionary(name => name, _ => new double[users.Length], StringComparer.Ordinal);
            for (var n = 0; n < users.Length; n++)
            {
                var cells = rows[n + 1];
                if (names.Length < 2 || cells.Length != names.Length)
                {
                    throw new StorageException($"row {n + 2} has {cells.Length} cells.");
                }

                users[n] = cells[0];
                for (var c = 1; c < names.Length; c++)
                {
                    columns[names[c]][n] = double.TryParse(cells[c], CultureInfo.InvariantCulture, out var value)
                        ? value : throw new StorageException($"row {n + 2} has '{cells[c]}' where a number is due.");
                }
            }

            return (users, columns);
        }
        catch (StorageException failure)
        {
            throw new StorageException($"'{path}' is damaged: {failure.Message}", failure);
        }
    }
}
