using TwoTower.Model.Data;
using TwoTower.Model.Data.Reading;

namespace TwoTower.Tests.Data;

/// <summary>Every type that a column of parquet may have means what the same column of a text means.</summary>
public sealed class ParquetTypeSpecs : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("CAST({0} AS TINYINT)")]
    [InlineData("CAST({0} AS USMALLINT)")]
    [InlineData("CAST({0} AS UBIGINT)")]
    [InlineData("CAST({0} AS DOUBLE)")]
    [InlineData("CAST({0} AS DECIMAL(12,2))")]
    [InlineData("CAST({0} AS VARCHAR)")]
    [InlineData("encode(CAST({0} AS VARCHAR))")]
    public void Ids_are_the_same_texts_in_every_type(string type)
    {
        var table = Read(
            $"SELECT {string.Format(type, "u")} AS user, {string.Format(type, "i")} AS item, 5 AS rating, 1546300800 AS timestamp FROM "
            + $"(VALUES (1, 10), (2, 20)) t(u, i)");

        Assert.Equal(["1", "2"], table.Users.RawIds);
        Assert.Equal(["10", "20"], table.Items.RawIds);
    }

    [Fact]
    public void Ids_beyond_what_a_double_holds_are_exact()
    {
        var table = Read(
            "SELECT CAST(18446744073709551615::HUGEINT - x AS UBIGINT) AS user, 9007199254740993 + x AS item, 5 AS rating, 1546300800 AS "
            + "timestamp FROM range(2) t(x)");

        Assert.Equal(["18446744073709551614", "18446744073709551615"], table.Users.RawIds);
        Assert.Equal(["9007199254740993", "9007199254740994"], table.Items.RawIds);
        Assert.Contains("row 1: expected a user id and an item id",
            Refusal("SELECT CAST(9007199254740993 AS DOUBLE) AS user, 1 AS item, 5 AS rating, 1546300800 AS timestamp"),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("TIMESTAMP '2019-01-01 00:00:00.9'")]
    [InlineData("CAST(TIMESTAMP '2019-01-01 00:00:00' AS TIMESTAMP_NS)")]
    [InlineData("CAST(TIMESTAMP '2019-01-01 00:00:00' AS TIMESTAMP_MS)")]
    [InlineData("CAST('2019-01-01 01:00:00+01' AS TIMESTAMPTZ)")]
    [InlineData("DATE '2019-01-01'")]
    [InlineData("1546300800")]
    [InlineData("CAST(1546300800000 AS DOUBLE)")]
    [InlineData("'2019-01-01T00:00:00Z'")]
    public void Times_are_seconds_in_every_type(string time) =>
        Assert.Equal(1546300800, Read($"SELECT 1 AS user, 2 AS item, 5 AS rating, {time} AS timestamp").TimestampAt(0));

    [Theory]
    [InlineData("CAST(3.5 AS DECIMAL(3,1))", 3.5f)]
    [InlineData("CAST(3.5 AS FLOAT)", 3.5f)]
    [InlineData("'3.5'", 3.5f)]
    [InlineData("true", 4f)]
    [InlineData("false", 0f)]
    [InlineData("CAST(3 AS UTINYINT)", 3f)]
    public void Ratings_are_numbers_or_yes_and_no_in_every_type(string rating, float expected) =>
        Assert.Equal(expected, Read($"SELECT 1 AS user, 2 AS item, {rating} AS rating, 1546300800 AS timestamp").RatingAt(0));

    [Fact]
    public void A_column_that_is_no_value_is_refused_by_name_when_it_is_needed_and_left_alone_when_not()
    {
        Assert.Contains("the column 'user' holds INTEGER[] values",
            Refusal("SELECT [1] AS user, 2 AS item, 5 AS rating, 1546300800 AS timestamp"), StringComparison.Ordinal);
        Assert.Contains("row 2 has no rating",
            Refusal("SELECT x AS user, 2 AS item, CASE WHEN x = 0 THEN 5 END AS rating, 1546300800 AS timestamp FROM range(2) t(x)"),
            StringComparison.Ordinal);
        Assert.Equal(1,
            Read("SELECT {'user': 7, 'item': 8} AS context, [1, 2] AS tags, 1 AS user, 2 AS item, 5 AS rating, 1546300800 AS timestamp")
            .Count);
    }

    private RatingTable Read(string query)
    {
        var path = Path.Combine(_folder.Path, "table.parquet");
        using (var connection = new DuckConnection())
        {
            connection.Run($"COPY ({query}) TO {DuckConnection.Quoted(path)} (FORMAT parquet, COMPRESSION zstd, PARQUET_VERSION v2)",
                _ => { });
        }

        return RatingSource.Read(path, new DataOptions());
    }

    private string Refusal(string query) => Assert.Throws<DataException>(() => Read(query)).Message;
}
