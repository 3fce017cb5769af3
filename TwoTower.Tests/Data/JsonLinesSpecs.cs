using TwoTower.Model.Data;
using TwoTower.Model.Data.Reading;

namespace TwoTower.Tests.Data;

/// <summary>A table whose rows are JSON objects, as reviews of shops are published.</summary>
public sealed class JsonLinesSpecs : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Keys_are_columns_in_any_order_and_other_keys_do_no_harm()
    {
        var table = Read("""
            {"reviewerID": "A\u00c4", "asin": "B1", "overall": 4.0, "unixReviewTime": 1546300800, "reviewText": "a \"b\", {c}\n", "helpful": [1, 2]}

            {"overall": 3, "asin": "B\"2", "reviewerID": 7, "unixReviewTime": 1546300801}
            {"overall": null, "asin": "B1", "reviewerID": true, "unixReviewTime": 1546300802}
            """, new DataOptions { Missing = MissingRating.Drop });

        Assert.Equal("JSON lines with columns reviewerID, asin, overall, unixReviewTime, reviewText, helpful", table.Format);
        Assert.Equal(["7", "AÄ"], table.Users.RawIds.Order(StringComparer.Ordinal));
        Assert.Equal([("AÄ", "B1", 4f, 1546300800L), ("7", "B\"2", 3f, 1546300801L)], Enumerable.Range(0, table.Count)
            .Select(row => (table.Users.RawIds[table.UserAt(row)], table.Items.RawIds[table.ItemAt(row)], table.RatingAt(row),
            table.TimestampAt(row))));
    }

    [Theory]
    [InlineData("{\"user\": 2, \"item\": 1, \"rating\": ", "line 3: expected a user id and an item id")]
    [InlineData("{\"user\": 2, \"rating\": 3}", "line 3: expected a user id and an item id")]
    [InlineData("[1, 2]", "line 3: expected a user id and an item id")]
    [InlineData("{\"user\": 2, \"item\": 1, \"rating\": \"good\"}", "line 3: expected a rating that is a finite number")]
    public void A_line_that_cannot_be_used_is_named_and_counted_when_skipped(string line, string sentence)
    {
        var content = "{\"user\": 1, \"item\": 1, \"rating\": 4}\n\n" + line + "\n"
            + string.Concat(Enumerable.Range(0, 30).Select(n => $"{{\"user\": {n % 5}, \"item\": {n % 7}, \"rating\": 4}}\n"));

        Assert.Contains(sentence, Assert.Throws<DataException>(() => Read(content)).Message, StringComparison.Ordinal);
        var table = Read(content, new DataOptions { Lenient = true });
        Assert.Equal((31, 1L), (table.Count, table.BadLines));
    }

    [Fact]
    public void Other_keys_are_named_like_other_columns()
    {
        const string Content = "{\"who.id\": 1, \"what\": 10}\n{\"who.id\": 2, \"what\": 20}\n";

        Assert.Contains("the columns who.id, what, but the user column and the item column are not among them",
            Assert.Throws<DataException>(() => Read(Content)).Message, StringComparison.Ordinal);
        Assert.Equal(["1", "2"], Read(Content, new DataOptions { Columns = new ColumnNames("who.id", "what") }).Users.RawIds);
    }

    [Fact]
    public void Files_of_them_are_one_table_with_titles_beside_whichever_keys_a_line_lacks()
    {
        _folder.Write("set/part-1.jsonl", "{\"user\": 1, \"item\": 10, \"rating\": 5}\n");
        _folder.Write("set/part-2.jsonl", "{\"user\": 2, \"item\": 20, \"rating\": 5, \"note\": \"x\"}\n");
        _folder.Write("set/items.jsonl", "{\"item\": 10, \"title\": \"Ten\"}\n{\"item\": 20, \"title\": \"Twenty\"}\n");

        var table = RatingSource.Read(Path.Combine(_folder.Path, "set"), new DataOptions());

        Assert.Equal(["1", "2"], table.Users.RawIds);
        Assert.Equal("Twenty", table.Titles["20"]);
    }

    private RatingTable Read(string content, DataOptions? options = null) =>
        RatingSource.Read(_folder.Write("lines", content), options ?? new DataOptions());
}
