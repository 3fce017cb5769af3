using System.IO.Compression;
using TwoTower.Model.Data;
using TwoTower.Model.Data.Loading;
using TwoTower.Model.Data.Reading;

namespace TwoTower.Tests.Data;

public sealed class BadInputSpecs : IDisposable
{
    private const string Good = "1::10::4::100\n2::20::3::200\n1::20::3::300\n2::10::5::400\n";
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("3::x\n", "line 5: expected 4 fields separated by '::', found '3::x'")]
    [InlineData("3::10::4::100::9\n", "line 5: expected 4 fields")]
    [InlineData("3::10::Infinity::100\n", "line 5: expected a rating")]
    [InlineData("3::10::soso::100\n", "line 5: expected a rating that is a finite number, or true or false, found 'soso'")]
    [InlineData("3::10::4::-5\n", "line 5: expected a unix time >= 0")]
    [InlineData("3::10::4::soon\n", "line 5: expected a unix time >= 0")]
    [InlineData("::10::4::100\n", "line 5: expected a user id and an item id")]
    public void A_bad_line_is_refused_with_its_place_or_skipped_and_counted(string line, string message)
    {
        var path = _folder.Write("ratings.dat", Good + line);
        var refusal = Assert.Throws<DataException>(() => RatingSource.Read(path, new DataOptions())).Message;
        Assert.Contains(message, refusal, StringComparison.Ordinal);
        Assert.Contains("--lenient", refusal, StringComparison.Ordinal);

        var table = RatingSource.Read(path, new DataOptions { Lenient = true, LenientShare = 0.2 });
        Assert.Equal(4, table.Count);
        Assert.Equal(1, table.BadLines);
        Assert.Contains(message, table.Warnings[0], StringComparison.Ordinal);
        Assert.Equal("Skipped 1 of 5 rows in all (20.0 %).", table.Warnings[1]);
    }

    [Fact]
    public void A_quote_that_is_not_closed_is_refused_under_lenient_reading_too()
    {
        Refused("user,item,rating,timestamp\n\"1,10,4,100\n", "line 2: expected every quote to be closed");
        Refused("user,item,rating,timestamp\n1,10,4,\"100\n", "line 2: expected every quote to be closed");
        var path = _folder.Write("ratings.csv", "user,item,rating,timestamp\n1,10,4,100\n2,\"20\"x,4,100\n3,10,4,100\n");
        Assert.Contains("line 3: expected every quote to be closed",
            Assert.Throws<DataException>(() => RatingSource.Read(path, new DataOptions { Lenient = true, LenientShare = 1 })).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void An_empty_file_is_refused() => Refused(string.Empty, "is empty");

    [Fact]
    public void A_header_without_rows_is_refused() => Refused("userId,movieId,rating,timestamp\n", "holds no data row");

    [Fact]
    public void An_unknown_format_names_what_was_looked_for() => Refused("hello\nworld\n", "unknown format");

    [Fact]
    public void A_missing_column_is_named() => Refused("user,rating,timestamp\n1,2,3\n", "the item column is not among them");

    [Fact]
    public void A_missing_path_is_refused() =>
        Assert.Contains("no file or folder", Message(Path.Combine(_folder.Path, "absent")), StringComparison.Ordinal);

    [Fact]
    public void An_empty_folder_is_refused() => Assert.Contains("holds no files", Message(_folder.Path), StringComparison.Ordinal);

    [Fact]
    public void A_damaged_parquet_file_is_refused() =>
        Assert.Contains("is damaged", Message(_folder.WriteBytes("a", ParquetFile.Of((1, 2, 3, 4))[..40])), StringComparison.Ordinal);

    [Fact]
    public void A_damaged_zip_is_refused()
    {
        var path = Path.Combine(_folder.Path, "a.zip");
        using (var archive = ZipFile.Open(path, ZipArchiveMode.Create))
        {
            using var writer = new StreamWriter(archive.CreateEntry("ratings.dat").Open());
            for (var row = 0; row < 100_000; row++)
            {
                writer.Write($"{row}::{row * 31 % 1009}::4::{row}\n");
            }
        }

        var bytes = File.ReadAllBytes(path);
        Assert.Contains("is damaged", Message(_folder.WriteBytes("cut.zip", bytes[..(bytes.Length / 2)])), StringComparison.Ordinal);
        bytes.AsSpan(bytes.Length / 2, 2_000).Fill(0xA5);
        Assert.Throws<DataException>(() => RatingSource.Read(_folder.WriteBytes("flipped.zip", bytes), new DataOptions()));
    }

    [Fact]
    public void A_parquet_rating_that_may_stand_for_none_names_its_row() =>
        Assert.Contains("row 2 has the rating -1, and nothing says",
            Message(_folder.WriteBytes("a", ParquetFile.Of((1, 2, 3, 4), (1, 3, -1, 4)))), StringComparison.Ordinal);

    [Theory]
    [InlineData("1::10::4::0\n2::20::4::0\n", "all 2 ratings have the timestamp 0")]
    [InlineData("1::10::4::0\n2::20::4::9\n", "1 of 2 ratings have the timestamp 0")]
    [InlineData("1::10::4::7\n", "cannot be split by time: it holds a single rating.")]
    [InlineData("1::10::1::1\n2::20::1::9\n", "no train positives of its 2 ratings")]
    public void Data_that_cannot_be_split_by_time_says_why(string content, string reason)
    {
        var path = _folder.Write("ratings.dat", content);
        Assert.Contains(reason, Assert.Throws<DataException>(() => DataLoader.Load(new DataOptions { Path = path })).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void An_empty_validation_part_says_why()
    {
        var path = _folder.Write("ratings.dat", Good);
        var message = Assert.Throws<DataException>(() => DataLoader.Load(new DataOptions { Path = path })).Message;
        Assert.EndsWith(
            "leaves no validation positives under the global time split of its 4 ratings (positives are >= 4): there is no positive "
                + "rating in the validation part.",
            message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Seconds_and_milliseconds_in_one_file_are_refused_with_file_and_line(bool lenient)
    {
        var path = _folder.Write("ratings.dat", "1::10::4::0\n1::11::4::978300760\n2::20::4::978300761000\n");

        var message = Assert.Throws<DataException>(() => RatingSource.Read(path, new DataOptions { Lenient = lenient })).Message;

        Assert.Contains(
            "ratings.dat mixes units of time: line 3 has 978300761000, which is in milliseconds, but others before are in seconds", message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("member,film,score,when\n1,10,4,100\n2,20,3,200\n",
        "the columns member, film, score, when, but the user column and the item column and the timestamp column are not among them")]
    [InlineData("member,film,score,when,note\n1,10,4,100,x\n2,20,3,200,y\n",
        "--set data.userColumn=… --set data.itemColumn=… --set data.timestampColumn=…")]
    [InlineData("user,film,rating,timestamp\n1,10,4,100\n",
        "the item column is not among them: say which is which, by name or number, with --set data.itemColumn=…")]
    public void A_header_of_unknown_names_is_no_bad_line_and_the_refusal_says_how_to_name_them(string content, string message)
    {
        var path = _folder.Write("ratings.csv", content);
        foreach (var lenient in new[] { false, true })
        {
            Assert.Contains(message, Assert.Throws<DataException>(() => RatingSource.Read(path, new DataOptions { Lenient = lenient }))
                .Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(0, "val_positives.parquet is empty")]
    [InlineData(20, "val_positives.parquet is damaged")]
    public void A_part_of_a_prepared_folder_that_cannot_be_read_is_named(int length, string message)
    {
        var bytes = ParquetFile.Of((1, 2, 4, 4));
        _folder.WriteBytes("train_positives.parquet", bytes);
        _folder.WriteBytes("val_positives.parquet", bytes[..length]);
        _folder.WriteBytes("test_positives.parquet", ParquetFile.Of((1, 3, 4, 5)));

        Assert.Contains(message, Message(_folder.Path), StringComparison.Ordinal);
        Assert.Contains(message, Assert.Throws<DataException>(() => DataSummary.Of(new DataOptions { Path = _folder.Path })).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("[1]")]
    [InlineData("{\"1\": 0.5}")]
    public void An_id_map_that_is_none_is_refused_in_words(string content)
    {
        _folder.WriteBytes("train.parquet", ParquetFile.Of((1, 2, 4, 4)));
        _folder.WriteBytes("val.parquet", ParquetFile.Of((1, 3, 4, 5)));
        _folder.Write("user_to_idx.json", content);

        Assert.EndsWith("user_to_idx.json, line 1: expected a JSON object of raw ids and indices.", Message(_folder.Path),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_prepared_folder_is_refused_where_one_of_its_parts_is_meant()
    {
        _folder.WriteBytes("train.parquet", ParquetFile.Of((1, 2, 4, 4)));
        _folder.WriteBytes("val.parquet", ParquetFile.Of((1, 3, 4, 5)));

        var message = Assert.Throws<DataException>(() => RatingSource.ReadPart(_folder.Path, new DataOptions())).Message;

        Assert.Contains("train.parquet and val.parquet: name the file", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_of_positives_may_have_no_rating_column()
    {
        var path = _folder.Write("val.csv", "user,item,timestamp\n1,10,100\n2,20,200\n");

        Assert.Equal(4f, RatingSource.ReadPart(path, new DataOptions()).RatingAt(1));
        Assert.Equal(4f, RatingSource.Read(path, new DataOptions()).RatingAt(1));
    }

    [Fact]
    public void Impossible_settings_are_refused()
    {
        Assert.Throws<DataException>(() => DataLoader.Load(new DataOptions { TrainShare = 0.9, ValidationShare = 0.2 }));
        Assert.Throws<DataException>(() => DataLoader.Load(new DataOptions { PositiveThreshold = double.NaN }));
        Assert.Throws<DataException>(() => DataLoader.Load(new DataOptions { MinimumTrainHistory = -1 }));
        Assert.Throws<DataException>(() => DataLoader.Load(new DataOptions { Profile = "huge" }));
        Assert.Throws<DataException>(() => DataLoader.Load(new DataOptions { Split = SplitKind.Prepared }));
    }

    private void Refused(string content, string message) =>
        Assert.Contains(message, Message(_folder.Write("ratings.dat", content)), StringComparison.Ordinal);

    private static string Message(string path) => Assert.Throws<DataException>(() => RatingSource.Read(path, new DataOptions())).Message;
}
