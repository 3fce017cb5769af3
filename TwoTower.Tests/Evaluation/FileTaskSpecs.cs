using TwoTower.Model;
using TwoTower.Model.Data;
using TwoTower.Model.Data.Loading;
using TwoTower.Model.Evaluation;
using TwoTower.Model.Towers;
using TwoTower.Tests.Data;

namespace TwoTower.Tests.Evaluation;

public sealed class FileTaskSpecs : IDisposable
{
    private static readonly int[] s_cutoffs = [1, 5, 10];
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Files_are_judged_as_the_prepared_folder_that_they_are_the_parts_of()
    {
        // Without id maps the catalogue is what train has: of the 40 items of validation a quarter is
        // outside, and some ratings are no positives.
        var random = new SeededRandom(11);
        var train = Rows(ref random, 600, users: 25, items: 30, from: 1_000_001_000);
        var validation = Rows(ref random, 200, users: 28, items: 40, from: 1_000_002_000);
        var (trainFile, validationFile) = (_folder.WriteBytes("train.parquet", ParquetFile.Of(train)),
            _folder.WriteBytes("val.parquet", ParquetFile.Of(validation)));
        var data = DataLoader.Load(new DataOptions { Path = _folder.Path });
        var scorer = new DotProductScorer(new TwoTowerEmbeddings(Values(ref random, data.Users.Count * 4),
            Values(ref random, data.Items.Count * 4), 4));
        var trained = RankingTask.Validation(data);

        var judged = FileTask.Of([validationFile], [trainFile], data.Users, data.Items, new DataOptions());

        Assert.Contains(data.Split.Warnings, warning => warning.Contains("count as misses", StringComparison.Ordinal));
        Assert.True(judged is { Misses: > 0, Dropped: > 0, BelowThreshold: > 0 });
        foreach (var protocol in Enum.GetValues<RankingProtocol>())
        {
            var (expected, found) = (RankingEvaluator.Evaluate(scorer, trained, protocol, s_cutoffs, 2),
                RankingEvaluator.Evaluate(scorer, judged.Task, protocol, s_cutoffs, 2));
            Assert.Equal(expected.Users, found.Users);
            Assert.All(expected.Metrics, metric => Assert.Equal(expected.Mean(metric), found.Mean(metric), 1e-12));
        }
    }

    [Fact]
    public void Ratings_under_the_threshold_are_left_out_and_said_to_be()
    {
        var (users, items) = (new IdCatalogue(["1", "2"]), new IdCatalogue(["10", "20", "30"]));
        var held = _folder.Write("val.csv", "user,item,rating,timestamp\n1,10,5,9\n1,20,3,9\n2,30,2,9\n");
        var seen = _folder.Write("train.csv", "user,item,timestamp\n2,10,1\n");

        var four = FileTask.Of([held], [seen], users, items, new DataOptions());
        var two = FileTask.Of([held], [seen], users, items, new DataOptions { PositiveThreshold = 2 });

        Assert.Equal((1, 2, 3, 0), (four.Task.Positives.Count, four.BelowThreshold, two.Task.Positives.Count, two.BelowThreshold));
        Assert.Contains("Left out 2 rows whose rating is under 4 (2 held-out, 0 seen).", four.Notes);
        Assert.Equal(1, four.Task.Seen.Count);
    }

    [Theory]
    [InlineData("1,10,5,9\n", "1 cannot be used because the user has the item in the --seen files already")]
    [InlineData("1,10,3,9\n", "hold no positive: the only rating is under 4.")]
    public void Nothing_to_judge_is_refused_with_the_reason(string row, string reason)
    {
        var file = _folder.Write("val.csv", "user,item,rating,timestamp\n" + row);

        var refusal = Assert.Throws<DataException>(() => FileTask.Of([file], [file], new IdCatalogue(["1"]), new IdCatalogue(["10", "20"]),
            new DataOptions()));

        Assert.Contains(reason, refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1.0,10,5,1", "1,20,5,9",
        "No user in the --seen files is one of the embeddings' users: there is '1.0' in the --seen files, and '1' among the embeddings' users.")]
    [InlineData("1,10.0,5,1", "1,20,5,9",
        "No item in the --seen files is one of the embeddings' items: there is '10.0' in the --seen files, and '10' among the embeddings' items.")]
    [InlineData("1,10,5,1", "u1,20,5,9",
        "No user in the --positives files is one of the embeddings' users: there is 'u1' in the --positives files, and '1' among the "
        + "embeddings' users.")]
    [InlineData("1,10,5,1", "1, 020,5,9", "No item in the --positives files is one of the embeddings' items: there is '020'")]
    [InlineData("1,99,5,1\n99,10,5,1", "1,20,5,9",
        "None of the 2 rows of the --seen files has both a user and an item of the embeddings, so nothing is masked")]
    [InlineData("1,10,3,1", "1,20,5,9", "The --seen files hold no positive, so nothing is masked")]
    public void Files_whose_ids_are_none_of_the_embeddings_are_refused_with_one_of_each_side(string seen, string held, string reason)
    {
        var (seenFile, heldFile) = (_folder.Write("seen.csv", $"user,item,rating,timestamp\n{seen}\n"),
            _folder.Write("held.csv", $"user,item,rating,timestamp\n{held}\n"));

        var refusal = Assert.Throws<DataException>(() => FileTask.Of([heldFile], [seenFile], new IdCatalogue(["1", "2"]),
            new IdCatalogue(["10", "20"]), new DataOptions()));

        Assert.Contains(reason, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Rows_that_mask_nothing_and_users_of_whom_nothing_is_masked_are_counted()
    {
        var seen = _folder.Write("seen.csv", "user,item,rating,timestamp\n1,10,5,1\none,10,5,1\ntwo,20,5,1\n1,99,5,1\n");
        var held = _folder.Write("held.csv", "user,item,rating,timestamp\n1,20,5,9\n2,20,5,9\n3,20,5,9\n");

        var task = FileTask.Of([held], [seen], new IdCatalogue(["1", "2", "3"]), new IdCatalogue(["10", "20"]), new DataOptions());

        Assert.Contains("3 of 4 rows of the --seen files mask nothing: the embeddings lack the user or the item.", task.Notes);
        Assert.Contains("2 of 3 judged users have no row in the --seen files: nothing is masked for them.", task.Notes);
    }

    private static (long User, long Item, double Rating, long Timestamp)[] Rows(ref SeededRandom random, int count, int users,
        int items, long from)
    {
        var rows = new (long, long, double, long)[count];
        for (var n = 0; n < count; n++)
        {
            rows[n] = (random.NextInt(users), random.NextInt(items), 2 + random.NextInt(4), from + n);
        }

        return rows;
    }

    private static float[] Values(ref SeededRandom random, int count)
    {
        var values = new float[count];
        for (var n = 0; n < count; n++)
        {
            values[n] = (float)random.NextDouble() - 0.5f;
        }

        return values;
    }
}
