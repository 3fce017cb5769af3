using TwoTower.Model.Data;
using TwoTower.Model.Data.Loading;
using Xunit.Abstractions;

namespace TwoTower.Tests.Data;

public sealed class RealDataSpecs(ITestOutputHelper output)
{
    [Fact]
    public void The_prepared_movielens_1m_has_the_figures_of_the_reference()
    {
        if (SharedData.Find("data/ml-1m-positives", output) is not { } path)
        {
            return;
        }

        var data = DataLoader.Load(new DataOptions { Path = path });
        output.WriteLine(data.Split.ToString());
        output.WriteLine(string.Join(Environment.NewLine, data.Split.Warnings));

        Assert.Equal(SplitKind.Prepared, data.Split.Kind);
        Assert.Equal(5400, data.Users.Count);
        Assert.Equal(3662, data.Items.Count);
        Assert.Equal("635", data.Users.RawIds[0]);
        Assert.Equal(463_020, data.Train.Count);
        Assert.Equal(12_527, data.Validation.Count);
        Assert.Equal(490, data.Validation.Users.Distinct().Count());
        Assert.Equal(0, data.Test.Count);
        Assert.Contains("1 of 12528 validation positives count as misses: the item is not in the catalogue.", data.Split.Warnings);
        Assert.Equal("Toy Story (1995)", data.ItemTitles![0]);
        Assert.Contains("Misérables, Les (1995)", data.ItemTitles);
        Assert.True(data.Split.TrainEnd <= data.Split.ValidationStart);
    }

    [Fact]
    public void The_original_movielens_100k_is_read_and_split_by_time()
    {
        if (SharedData.Find("data/ml-100k", output) is not { } path)
        {
            return;
        }

        var summary = DataSummary.Of(new DataOptions { Path = path });
        Assert.Equal(100_000, summary.Rows);
        Assert.Equal(943, summary.Users);
        Assert.Equal(1682, summary.Items);
        Assert.Equal(1682, summary.Titles);
        Assert.Equal([6110, 11_370, 27_145, 34_174, 21_201], summary.RatingHistogram.Select(entry => entry.Rows));
        Assert.Equal(20, summary.RatingsPerUser.Minimum);
        Assert.StartsWith("user, item, rating, timestamp separated by tabs, as MovieLens 100K", summary.Format, StringComparison.Ordinal);

        var data = DataLoader.Load(new DataOptions { Path = path });
        output.WriteLine($"{data.Train.Count} {data.Validation.Count} {data.Test.Count} {string.Join(" ", data.Split.Warnings)}");
        Assert.True(data.Split.TrainEnd < data.Split.ValidationStart);
        Assert.True(data.Split.ValidationEnd < data.Split.TestStart);
        Assert.Equal(data.Fingerprint, DataLoader.Load(new DataOptions { Path = path }).Fingerprint);
    }
}
