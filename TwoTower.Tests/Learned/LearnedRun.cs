using System.Globalization;
using TwoTower.Model;
using TwoTower.Node.Learned;
using TwoTower.Tests.Node;

namespace TwoTower.Tests.Learned;

/// <summary>A run on a small folder in the layout of MovieLens, with titles and genres, trained once for all
/// specs that ask what was learned.</summary>
public class LearnedRun : IAsyncLifetime
{
    /// <summary>Name of the collection that shares it.</summary>
    public const string Collection = "learned run";

    /// <summary>Users with train positives: u = 1 … 80, who like genre u mod 4.</summary>
    public const int Users = 80;

    /// <summary>Items 1 … 60, of genre i mod 4.</summary>
    public const int Items = 60;

    /// <summary>A user whose every rating is later than train.</summary>
    public const string LateUser = "901";

    /// <summary>A user with low ratings only, all of them late.</summary>
    public const string Grumbler = "902";

    /// <summary>Names of the genres.</summary>
    public static readonly string[] Genres = ["Drama", "Comedy", "Horror", "Western"];

    private readonly string _folder = Directory.CreateTempSubdirectory("twotower-").FullName;

    /// <summary>The run's folder.</summary>
    public string Folder => Path.Combine(_folder, "run");

    /// <summary>The data's folder. The run names it from the folder around both, in which it was started,
    /// and specs ask from another one.</summary>
    public string Data => Path.Combine(_folder, "data");

    /// <summary>Options of the training besides.</summary>
    protected virtual string[] More => [];

    /// <summary>What the training printed on standard output, asked for JSON.</summary>
    public string Printed { get; private set; } = null!;

    /// <summary>The run's model.</summary>
    internal LearnedModel Model { get; private set; } = null!;

    /// <summary>The folder of a copy beside the run, which is made when it is first asked for.</summary>
    public string Copy(string name)
    {
        var copy = Path.Combine(_folder, name);
        Directory.CreateDirectory(copy);
        foreach (var file in Directory.GetFiles(Folder).Where(file => !File.Exists(Path.Combine(copy, Path.GetFileName(file)))))
        {
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        }

        return copy;
    }

    /// <summary>Title of an item: three of them share words, one has its article behind.</summary>
    public static string Title(int item) => item switch
    {
        1 => "Toy Story (1995)",
        2 => "Toy Story 2 (1999)",
        3 => "Matrix, The (1999)",
        4 => "Story of Us, The (1999)",
        5 => "Amélie,\t\"le fabuleux\" 🎬 (2001)",
        _ => $"Film Number {item} (19{50 + (item % 50)})",
    };

    /// <inheritdoc />
    public async Task InitializeAsync()
    {
        Directory.CreateDirectory(Data);
        await File.WriteAllLinesAsync(Path.Combine(Data, "movies.dat"), Enumerable.Range(1, Items)
            .Select(item => $"{item}::{Title(item)}::{Genres[item % 4]}"));
        await File.WriteAllLinesAsync(Path.Combine(Data, "ratings.dat"), Ratings());
        var (code, output, error) = await TwoTowerProcess.RunAsync(
            _folder,
            [
                "train", "--json", "--data", "data", "--out", Folder, "--consistency", "bsp", "--workers", "1", "--shards", "1", "--epochs",
                "8", "--batch-size", "128",
                "--set", "model.dim=8", "--set", "optimizer.learningRate=0.03", "--set", "evaluate.cutoffs=5,10", "--set",
                "evaluate.coldUsers=0.1", "--set", "data.minimumTrainHistory=1", .. More,
            ]);
        Assert.True(code == 0, error);
        Printed = output;
        Model = LearnedModel.Open(Folder);
    }

    /// <inheritdoc />
    public Task DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return Task.CompletedTask;
    }

    private static IEnumerable<string> Ratings()
    {
        var random = new SeededRandom(11);
        var rows = new List<(int User, int Item, int Rating, int Time)>();
        for (var user = 1; user <= Users; user++)
        {
            foreach (var item in Enumerable.Range(1, Items).OrderBy(item => random.NextDouble() * (item % 4 == user % 4 ? 1 : 8)).Take(20))
            {
                rows.Add((user, item, item % 4 == user % 4 ? 5 : 4, 1_000_000_000 + random.NextInt(1_000_000)));
            }
        }

        rows.AddRange(Enumerable.Range(0, 8)
            .Select(n => (int.Parse(LateUser, CultureInfo.InvariantCulture), 2 + (4 * n), n == 7 ? 1 : 5, 1_001_000_900 + n)));
        rows.AddRange(Enumerable.Range(0, 5).Select(n => (int.Parse(Grumbler, CultureInfo.InvariantCulture), 1 + n, 1, 1_001_000_950 + n)));
        return rows.Select(row => $"{row.User}::{row.Item}::{row.Rating}::{row.Time}");
    }
}

/// <summary>Specs that share the run.</summary>
[CollectionDefinition(LearnedRun.Collection)]
public sealed class LearnedRunCollection : ICollectionFixture<LearnedRun>;

/// <summary>The same data under a model whose users are their histories.</summary>
public sealed class LearnedHistoryRun : LearnedRun
{
    /// <inheritdoc />
    protected override string[] More => ["--set", "model.userTower=history", "--set", "model.historyTable=separate", "--set",
        "model.historyHalfLife=8", "--set", "model.historyHalfLifeDays=20", "--set", "model.historyAttention=0.5"];
}
