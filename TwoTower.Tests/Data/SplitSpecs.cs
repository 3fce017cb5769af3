using System.Text;
using CsCheck;
using TwoTower.Model.Data;
using TwoTower.Model.Data.Loading;
using TwoTower.Model.Data.Splitting;

namespace TwoTower.Tests.Data;

public sealed class SplitSpecs : IDisposable
{
    private static readonly Gen<(int User, int Item, int Rating, int Time)[]> Ratings =
        Gen.Select(Gen.Int[1, 12], Gen.Int[1, 15], Gen.Int[1, 5], Gen.Int[1, 60]).Array[40, 200];

    private readonly TemporaryFolder _folder = new();
    private int _files;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_global_split_never_leaks_and_conserves_the_train_positives() =>
        Ratings.Sample(
            rows =>
            {
                if (Load(rows, new DataOptions { MinimumTrainHistory = 1 }) is not { } data)
                {
                    return;
                }

                // A row that stands in the source twice moves no cut.
                var times = rows.DistinctBy(row => (row.User, row.Item, row.Time)).Select(row => row.Time).Order().ToArray();
                var cut = times[(int)(0.8 * times.Length)];
                var latestInTrain = rows.Where(row => row.Time < cut).GroupBy(row => (row.User, row.Item))
                    .Select(pair => pair.MaxBy(row => (row.Time, row.Rating))!);
                Assert.Equal(latestInTrain.Count(row => row.Rating >= 4), data.Train.Count);
                Assert.All(data.Train.Timestamps, time => Assert.True(time < cut));
                Assert.All(data.Validation.Timestamps, time => Assert.True(time >= cut));
                Assert.True(data.Test.Count == 0 || data.Validation.Timestamps[^1] < data.Test.Timestamps[0]);
                AssertOrdered(data.Train);
                AssertOrdered(data.Validation);
            },
            iter: 60, threads: 1);

    [Fact]
    public void Leave_last_out_takes_each_users_last_two_positives_and_says_that_it_leaks() =>
        Ratings.Sample(
            rows =>
            {
                if (Load(rows, new DataOptions { Split = SplitKind.LeaveLastOut, MinimumTrainHistory = 0 }) is not { } data)
                {
                    return;
                }

                Assert.All(data.Test.Users.CountBy(user => user), count => Assert.Equal(1, count.Value));
                Assert.All(data.Validation.Users.CountBy(user => user), count => Assert.Equal(1, count.Value));
                Assert.Contains(data.Split.Warnings, warning => warning.Contains("leaks the future", StringComparison.Ordinal));
            },
            iter: 40, threads: 1);

    [Fact]
    public void A_catalogue_is_a_bijection() =>
        Gen.String[1, 12].Array[0, 100].Sample(
            texts =>
            {
                var catalogue = new IdCatalogue([.. texts.Distinct()]);
                for (var index = 0; index < catalogue.Count; index++)
                {
                    Assert.True(catalogue.TryGetIndex(catalogue.RawIds[index], out var found));
                    Assert.Equal(index, found);
                }
            },
            iter: 200, threads: 1);

    [Fact]
    public void A_rating_given_again_counts_once_with_its_latest_value()
    {
        var rows = Enumerable.Range(1, 20).Select(n => (1 + (n % 2), n, 5, n)).Append((1, 2, 1, 15)).Append((2, 19, 5, 12)).ToArray();
        var data = Load(rows, new DataOptions { MinimumTrainHistory = 0, TrainShare = 0.9, ValidationShare = 0.05 }, catalogueOnly: true)!;
        var item = Array.IndexOf([.. data.Items.RawIds], "2");
        Assert.DoesNotContain(item, data.Train.Items);
        Assert.Contains(data.Split.Warnings, warning => warning.StartsWith("Dropped 3 older", StringComparison.Ordinal));
    }

    [Fact]
    public void A_prepared_folder_keeps_its_split_and_takes_its_catalogue_from_the_id_maps()
    {
        WritePrepared(trainTime: 100);
        var data = DataLoader.Load(new DataOptions { Path = _folder.Path });
        Assert.Equal(["7", "5"], data.Users.RawIds);
        Assert.Equal([0, 1], data.Train.Users);
        Assert.Equal([0], data.Validation.Users);
        Assert.Equal([0], data.Validation.Items);
        Assert.Equal([1, 0], data.ValidationUnreachable);
        Assert.Equal(
            [
                "Dropped 1 of 3 validation positives: the user has the item in train already.",
                "1 of 3 validation positives count as misses: the item is not in the catalogue.",
            ],
            data.Split.Warnings);
        Assert.Throws<DataException>(() => DataLoader.Load(new DataOptions { Path = _folder.Path, Split = SplitKind.GlobalTime }));
    }

    [Fact]
    public void A_prepared_folder_that_trains_on_the_future_is_refused()
    {
        WritePrepared(trainTime: 5000);
        Assert.Contains(
            "leaks the future",
            Assert.Throws<DataException>(() => DataLoader.Load(new DataOptions { Path = _folder.Path })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_held_out_pair_that_stands_in_train_is_found()
    {
        var data = DataLoader.Load(new DataOptions());
        var leaky = new InteractionLog([data.Train.Users[0]], [data.Train.Items[0]], [data.Split.ValidationStart!.Value]);
        Assert.Contains("leaks", Assert.Throws<DataException>(() => LeakageCheck.Verify(data with { Validation = leaky })).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_held_out_positive_of_nobody_or_of_a_user_without_another_one_is_dropped_and_counts_as_no_miss()
    {
        _folder.WriteBytes("train.parquet", ParquetFile.Of((5, 50, 5, 100), (7, 51, 4, 100)));
        _folder.WriteBytes("val.parquet", ParquetFile.Of((7, 50, 5, 200), (5, 99, 5, 201), (8, 50, 5, 202)));
        _folder.WriteBytes("test.parquet", ParquetFile.Of((7, 50, 5, 300), (5, 51, 5, 301)));

        var data = DataLoader.Load(new DataOptions { Path = _folder.Path });

        Assert.Equal(
            [
                "Dropped 1 of 3 validation positives: the user is not in the catalogue.",
                "Dropped 1 of 3 validation positives: the item is not in the catalogue and the user has no other one.",
                "Dropped 1 of 2 test positives: the user has the item in train or validation already.",
            ],
            data.Split.Warnings);
    }

    private static void AssertOrdered(InteractionLog log)
    {
        var keys = Enumerable.Range(0, log.Count).Select(n => (log.Timestamps[n], log.Users[n], log.Items[n])).ToArray();
        Assert.Equal(keys.Order(), keys);
    }

    private void WritePrepared(long trainTime)
    {
        _folder.WriteBytes("train_positives.parquet", ParquetFile.Of((5, 50, 5, trainTime), (7, 51, 4, trainTime)));

        // One to keep, one whose item is not in the map, one that train has already.
        _folder.WriteBytes("val_positives.parquet", ParquetFile.Of((7, 50, 5, 200), (7, 99, 5, 201), (7, 51, 5, 202)));
        _folder.Write("user_to_idx.json", """{"7": 0, "5": 1}""");
        _folder.Write("item_to_idx.json", """{"50": 0, "51": 1}""");
    }

    private RecommenderData? Load((int User, int Item, int Rating, int Time)[] rows, DataOptions options, bool catalogueOnly = false)
    {
        var text = new StringBuilder();
        foreach (var row in rows)
        {
            text.Append(row.User).Append("::").Append(row.Item).Append("::").Append(row.Rating).Append("::").Append(row.Time).Append('\n');
        }

        if (catalogueOnly)
        {
            // Somebody must be there to be evaluated.
            text.Append("1::1::5::99\n1::4::5::98\n1::6::5::97\n1::6::5::99\n2::6::5::97\n2::4::5::98\n");
        }

        try
        {
            return DataLoader.Load(options with { TimeFormat = "order", Path = _folder.Write($"{_files++}.dat", text.ToString()) });
        }
        catch (DataException exception) when (exception.Message.Contains("leaves no", StringComparison.Ordinal))
        {
            return null;
        }
    }
}
