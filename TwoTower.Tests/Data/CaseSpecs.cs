using TwoTower.Model.Data;
using TwoTower.Model.Data.Reading;
using Xunit.Abstractions;

namespace TwoTower.Tests.Data;

/// <summary>One table in many dresses: whatever it is written in, its 1,200 ratings of 40 users on 60 items are the same, and what can be
/// read in two ways is refused.</summary>
public sealed class CaseSpecs(ITestOutputHelper output)
{
    [Theory]
    [InlineData("parts/whole.csv")]
    [InlineData("parts/csv-parts")]
    [InlineData("parts/parts.zip")]
    [InlineData("compressed/ratings.csv.gz")]
    [InlineData("quoting/reviews.csv")]
    [InlineData("quoting/triple-quotes.csv")]
    [InlineData("quoting/cr-only.csv")]
    [InlineData("parquet/enum-ids.parquet")]
    [InlineData("parquet/ts-micro-v2.parquet")]
    [InlineData("parquet/nested-same-name.parquet")]
    [InlineData("parquet/decimal-rating.parquet")]
    [InlineData("parquet/big-ids.parquet")]
    [InlineData("dates/yyyymmdd.csv")]
    [InlineData("implicit/clicks.csv")]
    [InlineData("implicit/likes.csv")]
    [InlineData("no-times/ratings.csv")]
    public void A_table_is_the_same_in_every_dress(string file)
    {
        if (SharedData.Find("cases", output) is not { } cases)
        {
            return;
        }

        var whole = RatingSource.Read(Path.Combine(cases, "parts/whole.csv"), new DataOptions());

        var table = RatingSource.Read(Path.Combine(cases, file), new DataOptions());

        Assert.Equal((1200, 40, 60, 0), (table.Count, table.Users.Count, table.Items.Count, table.BadLines));
        Assert.Equal(Counts(whole), Counts(table));
        if (table.HasTimes)
        {
            Assert.Equal(whole.TimestampAt(0) / 86_400, table.TimestampAt(0) / 86_400);
            Assert.Equal(whole.TimestampAt(1199) / 86_400, table.TimestampAt(1199) / 86_400);
        }
    }

    [Fact]
    public void Columns_without_names_are_numbered()
    {
        if (SharedData.Find("cases", output) is { } cases)
        {
            var table = RatingSource.Read(Path.Combine(cases, "headerless/item-user-rating-time.csv"),
                new DataOptions { Columns = new ColumnNames("2", "1") });
            Assert.Equal((1200, 40, 60), (table.Count, table.Users.Count, table.Items.Count));
        }
    }

    [Theory]
    [InlineData("dates/two-rows.csv", "3 November 2018 as dd/MM/yyyy or 11 March 2018 as MM/dd/yyyy")]
    [InlineData("dates/mixed-days.csv", "as dd/MM/yyyy HH:mm or")]
    public void Days_that_can_be_read_in_two_ways_are_refused_with_both_strict_or_lenient(string file, string readings)
    {
        if (SharedData.Find("cases", output) is not { } cases)
        {
            return;
        }

        foreach (var lenient in new[] { false, true })
        {
            Assert.Contains(readings,
                Assert.Throws<DataException>(() => RatingSource.Read(Path.Combine(cases, file),
                new DataOptions { Lenient = lenient, LenientShare = 1 })).Message, StringComparison.Ordinal);
        }

        foreach (var format in (string[])["dd/MM/yyyy HH:mm", "%d/%m/%Y %H:%M"])
        {
            Assert.Equal(1200, RatingSource.Read(Path.Combine(cases, "dates/mixed-days.csv"), new DataOptions { TimeFormat = format })
                .Count);
        }
    }

    /// <summary>Rows by user and by item, without their names.</summary>
    private static (string Users, string Items) Counts(RatingTable table) =>
        (string.Join(',', Enumerable.Range(0, table.Count).CountBy(table.UserAt).Select(count => count.Value).Order()),
            string.Join(',', Enumerable.Range(0, table.Count).CountBy(table.ItemAt).Select(count => count.Value).Order()));
}
