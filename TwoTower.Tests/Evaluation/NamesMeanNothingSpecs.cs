using System.Globalization;
using TwoTower.Model;
using TwoTower.Model.Data;
using TwoTower.Model.Data.Loading;
using TwoTower.Model.Evaluation;
using TwoTower.Model.Evaluation.Baselines;
using TwoTower.Model.Towers;
using TwoTower.Node.Runs;
using TwoTower.Node.Settings;
using TwoTower.Tests.Data;

namespace TwoTower.Tests.Evaluation;

/// <summary>Whatever users and items are called, in whatever order and how often rows stand in a file, in every locale: not one figure
/// changes in the last bit that is printed.</summary>
public sealed class NamesMeanNothingSpecs : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private int _written;
    private readonly Row[] _rows = Rows();

    private sealed record Row(int User, int Item, int Rating, long Time);

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string, string> Dresses()
    {
        var dresses = new TheoryData<string, string>();
        foreach (var split in new[] { "global-time", "leave-last-out", "random" })
        {
            foreach (var dress in new[] { "reversed ids", "words", "shuffled rows", "doubled rows", "some doubled rows", "another locale",
                "all of it" })
            {
                dresses.Add(split, dress);
            }
        }

        return dresses;
    }

    [Theory]
    [MemberData(nameof(Dresses))]
    public void No_figure_of_any_baseline_depends_on_names_on_rows_or_on_the_locale(string split, string dress)
    {
        Assert.Equal(Figures(split, _rows, user => $"{user}", item => $"{item}"), Dressed(split, dress));
    }

    [Theory]
    [InlineData("reversed ids")]
    [InlineData("shuffled rows")]
    [InlineData("doubled rows")]
    [InlineData("all of it")]
    public void Nor_where_there_are_no_times(string dress)
    {
        Row[] untimed = [.. _rows.Select(row => row with { Time = 0 })];
        var random = new Random(3);
        Row[] shuffled = [.. untimed];
        random.Shuffle(shuffled);
        var figures = dress switch
        {
            "reversed ids" => Figures("random", untimed, user => $"{99 - user}", item => $"{99 - item}"),
            "shuffled rows" => Figures("random", shuffled, user => $"{user}", item => $"{item}"),
            "doubled rows" => Figures("random", [.. untimed, .. untimed], user => $"{user}", item => $"{item}"),
            _ => Figures("random", [.. shuffled, .. untimed[..31]], user => $"x{(user * 31) % 97}", item => $"{(item * 7) % 41}"),
        };

        Assert.Equal(Figures("random", untimed, user => $"{user}", item => $"{item}"), figures);
    }

    [Fact]
    public void A_file_says_the_same_in_one_piece_and_in_three()
    {
        var whole = Path.Combine(_folder.Path, "whole");
        var parts = Path.Combine(_folder.Path, "parts");
        Directory.CreateDirectory(whole);
        Directory.CreateDirectory(parts);
        Write(Path.Combine(whole, "part-0.csv"), _rows, user => $"{user}", item => $"{item}");
        for (var n = 0; n < 3; n++)
        {
            Write(Path.Combine(parts, $"part-{n}.csv"), [.. _rows.Where((_, at) => at % 3 == 2 - n)], user => $"{user}", item => $"{item}");
        }

        var (one, three) = (LoadFrom("global-time", whole), LoadFrom("global-time", parts));

        Assert.Equal(one.Data.Train.Count, three.Data.Train.Count);
        Assert.Equal(Figures(JudgedData.Of(one.Settings, one.Data, null, TextWriter.Null)),
            Figures(JudgedData.Of(three.Settings, three.Data, null, TextWriter.Null)));
    }

    [Fact]
    public void Another_order_of_what_was_done_does_change_figures() =>
        Assert.NotEqual(
            Figures("global-time", _rows, user => $"{user}", item => $"{item}"),
            Figures("global-time", [.. _rows.Select(row => row with { Item = row.User % 2 == 0 ? row.Item : (row.Item + 1) % 40 })],
                user => $"{user}", item => $"{item}"));

    [Fact]
    public void A_models_figures_do_not_depend_on_which_row_is_whose()
    {
        var (data, _) = Load("global-time", _rows, user => $"{user}", item => $"{item}");
        var (other, settings) = Load("global-time", _rows, user => $"u{(user * 37) % 101}", item => $"{1000 - item}");
        const int Dim = 3;

        // Coarse values, so that scores tie.
        static float Value(string id, int column) => new SeededRandom(int.Parse(id, CultureInfo.InvariantCulture), column).NextInt(3) - 1;
        static TwoTowerEmbeddings Embeddings(RecommenderData on, Func<string, string> user, Func<string, string> item) => new(
            [.. on.Users.RawIds.SelectMany(id => Enumerable.Range(0, Dim).Select(column => Value(user(id), column)))],
            [.. on.Items.RawIds.SelectMany(id => Enumerable.Range(0, Dim).Select(column => Value(item(id), column + Dim)))], Dim);
        var userOf = Enumerable.Range(0, 60).ToDictionary(user => $"u{(user * 37) % 101}", user => $"{user}");

        var one = JudgedData.Of(settings, data, new DotProductScorer(Embeddings(data, id => id, id => id)), TextWriter.Null);
        var two = JudgedData.Of(settings, other,
            new DotProductScorer(Embeddings(other, id => userOf[id], id => $"{1000 - int.Parse(id, CultureInfo.InvariantCulture)}")),
            TextWriter.Null);

        Assert.Contains(one.Card.TiedUsers, ranking => ranking is { Ranking: "two towers", Cut: 5, Users: > 0 });
        Assert.Equal(Figures(one), Figures(two));
    }

    [Fact]
    public void The_number_of_threads_changes_no_score()
    {
        var (data, _) = Load("global-time", _rows, user => $"{user}", item => $"{item}");
        foreach (var kind in BaselineNames.All)
        {
            var (one, three) = (new BaselineFitter(data, "recall@5", 1, 1).Fit(kind), new BaselineFitter(data, "recall@5", 1, 3).Fit(kind));

            Assert.Equal(one.Chosen, three.Chosen);
            Assert.Equal(EaseSpecs.ScoresOf(one.Scorer!, data), EaseSpecs.ScoresOf(three.Scorer!, data));
        }
    }

    [Fact]
    public void Files_of_positives_say_the_same_in_one_piece_and_in_two()
    {
        var (users, items) = (new IdCatalogue(["1", "2"]), new IdCatalogue(["1", "2", "3"]));
        string[] rows = ["1,1,5,100", "2,2,2,100", "2,2,5,200", "1,3,4,50", "1,3,1,50"];
        string File(string name, IEnumerable<string> some)
        {
            var path = Path.Combine(_folder.Path, name);
            System.IO.File.WriteAllLines(path, some.Prepend("user,item,rating,timestamp"));
            return path;
        }

        var whole = FileTask.Of([File("whole.csv", rows)], [], users, items, new DataOptions());
        var parts = FileTask.Of([File("two.csv", rows[2..].Reverse()), File("one.csv", rows[..2])], [], users, items, new DataOptions());

        Assert.Equal((3, 0), (whole.Task.Positives.Count, whole.BelowThreshold)); // of one time the highest rating counts
        Assert.Equal(
            (whole.Task.Positives.Count, whole.BelowThreshold, whole.Misses, whole.Dropped),
            (parts.Task.Positives.Count, parts.BelowThreshold, parts.Misses, parts.Dropped));
    }

    private string Dressed(string split, string dress)
    {
        var random = new Random(11);
        Row[] shuffled = [.. _rows];
        random.Shuffle(shuffled);
        static string Word(int n) => new SeededRandom(n, 3).NextUInt64().ToString("x", CultureInfo.InvariantCulture);
        switch (dress)
        {
            case "reversed ids":
                return Figures(split, _rows, user => $"{500 - user}", item => $"{1000 - item}");
            case "words":
                return Figures(split, _rows, Word, item => Word(item + 7000));
            case "shuffled rows":
                return Figures(split, shuffled, user => $"{user}", item => $"{item}");
            case "doubled rows":
                return Figures(split, [.. _rows, .. _rows], user => $"{user}", item => $"{item}");
            case "some doubled rows":
                return Figures(split, [.. _rows, .. shuffled[..97]], user => $"{user}", item => $"{item}");
            default:
                var before = CultureInfo.CurrentCulture;
                try
                {
                    // Made by hand, because a machine without locale data has no other one.
                    var locale = (CultureInfo)CultureInfo.InvariantCulture.Clone();
                    (locale.NumberFormat.NumberDecimalSeparator, locale.NumberFormat.NumberGroupSeparator,
                        locale.NumberFormat.PercentDecimalSeparator, locale.NumberFormat.NegativeSign) = (",", ".", ",", "\u2212");
                    CultureInfo.CurrentCulture = locale;
                    return dress == "another locale"
                        ? Figures(split, _rows, user => $"{user}", item => $"{item}")
                        : Figures(split, [.. shuffled, .. _rows[..50]], user => $"{(user * 31) % 997}", item => Word(item));
                }
                finally
                {
                    CultureInfo.CurrentCulture = before;
                }
        }
    }

    private string Figures(string split, Row[] rows, Func<int, string> user, Func<int, string> item)
    {
        var (data, settings) = Load(split, rows, user, item);
        return Figures(JudgedData.Of(settings, data, null, TextWriter.Null));
    }

    /// <summary>All that is printed but what names the data and how long it took.</summary>
    private static string Figures(JudgedData judged)
    {
        var shape = judged.ToJson();
        shape.Remove("data");
        shape.Remove("dataFingerprint");
        shape.Remove("warnings");
        foreach (var (_, baseline) in shape["baselines"]!.AsObject())
        {
            baseline!.AsObject().Remove("seconds");
        }

        var table = new StringWriter();
        judged.Write(table);
        return shape.ToJsonString(new() { WriteIndented = true }) + table;
    }

    private (RecommenderData Data, ResolvedSettings Settings) Load(string split, Row[] rows, Func<int, string> user, Func<int, string> item)
    {
        var path = Path.Combine(_folder.Path, $"{++_written}.csv");
        Write(path, rows, user, item);
        return LoadFrom(split, path);
    }

    /// <summary>A file with times, unless all rows have the time 0.</summary>
    private static void Write(string path, Row[] rows, Func<int, string> user, Func<int, string> item)
    {
        var timed = rows.Any(row => row.Time > 0);
        var lines = rows.Select(row => string.Create(CultureInfo.InvariantCulture,
            $"{user(row.User)},{item(row.Item)},{row.Rating}{(timed ? $",{row.Time}" : string.Empty)}"));
        File.WriteAllLines(path, lines.Prepend(timed ? "user,item,rating,timestamp" : "user,item,rating"));
    }

    private static (RecommenderData Data, ResolvedSettings Settings) LoadFrom(string split, string path)
    {
        var settings = new ResolvedSettings("none");
        foreach (var (key, value) in new[] { ("data.path", path), ("data.split", split), ("data.trainShare", "0.7"),
            ("evaluate.baselines", "all"), ("evaluate.cutoffs", "5,10"), ("evaluate.metric", "recall@5") })
        {
            settings.Set(key, value, "spec");
        }

        return (DataLoader.Load(settings.Values.Data), settings);
    }

    /// <summary>Ratings of a few days, many of one time; users have tastes, some items do the same as others.</summary>
    private static Row[] Rows()
    {
        var random = new SeededRandom(17);
        var rows = new HashSet<(int User, int Item)>();
        var all = new List<Row>();
        for (var user = 0; user < 60; user++)
        {
            while (rows.Count(row => row.User == user) < 12 + (user % 5))
            {
                var item = random.NextInt(4) == 0 ? random.NextInt(40) : (int)(10 * random.NextDouble() * random.NextDouble() * 4) / 4 * 4
                    + (user % 4);
                if (rows.Add((user, Math.Min(39, item))))
                {
                    all.Add(new Row(user, Math.Min(39, item), 3 + random.NextInt(3), 1_546_300_800 + (86_400L * random.NextInt(30))));
                }
            }
        }

        // Rated again at the same time with another rating, and later.
        all.AddRange(all[..20].Select(row => row with { Rating = 9 - row.Rating }).ToArray());
        all.AddRange(all[..20].Select(row => row with { Time = row.Time + 86_400 }).ToArray());
        return [.. all];
    }
}
