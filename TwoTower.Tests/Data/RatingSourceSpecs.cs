using System.IO.Compression;
using System.Text;
using TwoTower.Model.Data;
using TwoTower.Model.Data.Reading;

namespace TwoTower.Tests.Data;

public sealed class RatingSourceSpecs : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("1\t10\t4\t100\n2\t20\t3\t200\n", "user, item, rating, timestamp separated by tabs, as MovieLens 100K")]
    [InlineData("1::10::4::100\n2::20::3::200\n", "user::item::rating::timestamp, as MovieLens 1M and 10M")]
    [InlineData("userId,movieId,rating,timestamp\n1,10,4.0,100\n2,20,3.0,200\n", "MovieLens CSV")]
    [InlineData("rating;when;uid;sku\n4;100;1;10\n3;200;2;20\n", "text separated by semicolons with columns rating, when, uid, sku")]
    [InlineData("1,10,4,100\n2,20,3,200\n", "text without header, 4 fields separated by commas")]
    [InlineData("\uFEFFuser_id,item_id,rating,timestamp\r\n1,10,4,100\r\n2,20,3,200", "CSV with columns")]
    [InlineData("\"user\",\"item\",\"note\",\"rating\",\"timestamp\"\n\"1\",10,\"a, \"\"b\"\"\",4,1970-01-01T00:01:40Z\n2,20,,3,200.0\n",
        "CSV with columns")]
    public void A_file_is_recognised_by_its_content_whatever_its_name(string content, string format)
    {
        var table = RatingSource.Read(_folder.Write("anything.bin", content), new DataOptions { Columns = Names(content) });

        Assert.StartsWith(format, table.Format, StringComparison.Ordinal);
        Assert.Equal(["1", "2"], table.Users.RawIds);
        Assert.Equal(["10", "20"], table.Items.RawIds);
        Assert.Equal([(0, 0, 4f, 100L), (1, 1, 3f, 200L)], Rows(table));
    }

    [Fact]
    public void Numeric_ids_are_ordered_by_number_and_other_ids_ordinally()
    {
        var table = RatingSource.Read(_folder.Write("a", "10::b::4::1\n9::B::4::2\n9000000::a10::4::3\n007::a9::4::4\n"),
            new DataOptions());
        Assert.Equal(["007", "9", "10", "9000000"], table.Users.RawIds);
        Assert.Equal(["B", "a10", "a9", "b"], table.Items.RawIds);
    }

    [Fact]
    public void A_folder_and_its_zip_give_the_same_ratings_with_titles_in_latin_1()
    {
        var inner = Directory.CreateDirectory(Path.Combine(_folder.Path, "set", "ml")).FullName;
        File.WriteAllText(Path.Combine(inner, "x1"), "1::10::4::100\n2::20::3::200\n");
        File.WriteAllText(Path.Combine(inner, "x2"), "10::Misérables, Les (1995)::Drama\n20::Jumanji (1995)::Adventure\n", Encoding.Latin1);
        File.WriteAllText(Path.Combine(inner, "x3"), "1::F::1::10::48067\n2::M::56::16::70072\n");
        File.WriteAllText(Path.Combine(inner, "README"), "Ratings of films.\n");
        var zip = Path.Combine(_folder.Path, "set.zip");
        ZipFile.CreateFromDirectory(Path.Combine(_folder.Path, "set"), zip);

        foreach (var path in (string[])[Path.Combine(_folder.Path, "set"), zip])
        {
            var table = RatingSource.Read(path, new DataOptions());
            Assert.Equal("set", table.Name);
            Assert.Equal([(0, 0, 4f, 100L), (1, 1, 3f, 200L)], Rows(table));
            Assert.Equal("Misérables, Les (1995)", table.Titles["10"]);
        }
    }

    [Fact]
    public void The_parts_of_movielens_100k_beside_the_whole_are_not_mistaken_for_it()
    {
        _folder.Write("a.base", "1\t10\t4\t100\n");
        _folder.Write("u.data", "1\t10\t4\t100\n2\t20\t3\t200\n");
        _folder.Write("u.user", "1|24|M|technician|85711\n");
        _folder.Write("u.item", "10|Toy Story (1995)|01-Jan-1995||http://x" + string.Concat(Enumerable.Repeat("|0", 19)) + "\n");
        var table = RatingSource.Read(_folder.Path, new DataOptions());
        Assert.Equal(2, table.Count);
        Assert.Equal("Toy Story (1995)", table.Titles["10"]);
    }

    [Fact]
    public void Quoted_titles_and_tags_beside_csv_ratings_are_told_apart()
    {
        _folder.Write("a.csv", "userId,movieId,rating,timestamp\n1,10,4.0,100\n");
        _folder.Write("b.csv", "movieId,title,genres\n10,\"Good, the \"\"Bad\"\", Ugly (1966)\",Western\n");
        _folder.Write("c.csv", "userId,movieId,tag,timestamp\n1,10,slow,100\n1,10,long,100\n1,10,good,100\n");
        var table = RatingSource.Read(_folder.Path, new DataOptions());
        Assert.Equal(1, table.Count);
        Assert.Equal("Good, the \"Bad\", Ugly (1966)", table.Titles["10"]);
    }

    [Fact]
    public void A_parquet_file_is_read_by_its_column_names()
    {
        var path = _folder.WriteBytes("ratings", ParquetFile.Of((1, 10, 4, 100), (2, 20, 3.5, 200)));
        Assert.Equal([(0, 0, 4f, 100L), (1, 1, 3.5f, 200L)], Rows(RatingSource.Read(path, new DataOptions())));
    }

    [Fact]
    public void Times_in_milliseconds_become_seconds_with_a_warning()
    {
        var table = RatingSource.Read(_folder.Write("a", "1::10::4::978300760000\n1::11::4::978300761999\n"), new DataOptions());
        Assert.Equal(978_300_761, table.TimestampAt(1));
        Assert.Contains("divided by 1000", Assert.Single(table.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void Two_million_rows_load_in_bounded_memory()
    {
        var path = Path.Combine(_folder.Path, "ratings.csv");
        using (var writer = new StreamWriter(path))
        {
            writer.Write("userId,movieId,rating,timestamp\n");
            for (var row = 0; row < 2_000_000; row++)
            {
                writer.Write($"{(row / 100) + 1},{(row * 7919L % 30_011) + 1},{(row % 10 / 2.0) + 0.5:F1},{1_000_000_000 + row}\n");
            }
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        var table = RatingSource.Read(path, new DataOptions());
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal(2_000_000, table.Count);

        // Twenty bytes a row and the catalogues: nothing is allocated for a line or a field.
        Assert.InRange(allocated, 40_000_000, 60_000_000);
    }

    private static ColumnNames Names(string content) =>
        content.Contains("sku", StringComparison.Ordinal) ? new ColumnNames(Item: "sku", Timestamp: "when") : new ColumnNames();

    private static IEnumerable<(int User, int Item, float Rating, long Timestamp)> Rows(RatingTable table) =>
        Enumerable.Range(0, table.Count).Select(row => (table.UserAt(row), table.ItemAt(row), table.RatingAt(row), table.TimestampAt(row)));
}
