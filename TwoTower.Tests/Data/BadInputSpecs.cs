using System.IO.Compression;
using TwoTower.Model.Data;

namespace TwoTower.Tests.Data;

public sealed class BadInputSpecs : IDisposable
{
    private const string Good = "1::10::4::100\n2::20::3::200\n1::20::3::300\n2::10::5::400\n";
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("3::x\n", "line 5: expected 4 fields separated by '::', found '3::x'")]
    [InlineData("3::10::4::100::9\n", "line 5: expected 4 fields")]
    [InlineData("3::10::NaN::100\n", "line 5: expected a rating that is a finite number >= 0, found 'NaN'")]
    [InlineData("3::10::Infinity::100\n", "line 5: expected a rating")]
    [InlineData("3::10::-1::100\n", "line 5: expected a rating")]
    [InlineData("3::10::4::-5\n", "line 5: expected a unix time >= 0")]
    [InlineData("3::10::4::soon\n", "line 5: expected a unix time >= 0")]
    [InlineData("::10::4::100\n", "line 5: expected a user id and an item id")]
    public void A_bad_line_is_refused_with_its_place_or_skipped_and_counted(string line, string message)
    {
        var path = _folder.Write("ratings.dat", Good + line);
        Assert.Contains(message, Assert.Throws<DataException>(() => RatingSource.Read(path, new DataOptions())).Message, StringComparison.Ordinal);

        var table = RatingSource.Read(path, new DataOptions { Lenient = true });
        Assert.Equal(4, table.Count);
        Assert.Equal(1, table.BadLines);
        Assert.Contains(message, Assert.Single(table.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void A_quote_that_is_not_closed_is_a_bad_line() =>
        Refused("user,item,rating,timestamp\n\"1,10,4,100\n", "line 2: expected 4 fields separated by commas");

    [Fact]
    public void An_empty_file_is_refused() => Refused(string.Empty, "is empty");

    [Fact]
    public void A_header_without_rows_is_refused() => Refused("userId,movieId,rating,timestamp\n", "holds no data row");

    [Fact]
    public void An_unknown_format_names_what_was_looked_for() => Refused("hello\nworld\n", "unknown format");

    [Fact]
    public void A_missing_column_is_named() => Refused("user,item,timestamp\n1,2,3\n", "the rating column is not among them");

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
    public void A_null_or_negative_parquet_rating_names_its_row() =>
        Assert.Contains("row 2: expected a rating", Message(_folder.WriteBytes("a", ParquetFile.Of((1, 2, 3, 4), (1, 3, -1, 4)))), StringComparison.Ordinal);

    [Theory]
    [InlineData("1::10::4::0\n2::20::4::0\n", "all 2 ratings have the timestamp 0")]
    [InlineData("1::10::4::0\n2::20::4::9\n", "1 of 2 ratings have the timestamp 0")]
    [InlineData("1::10::1::1\n2::20::1::9\n", "no train positives")]
    public void Data_that_cannot_be_split_by_time_says_why(string content, string reason)
    {
        var path = _folder.Write("ratings.dat", content);
        Assert.Contains(reason, Assert.Throws<DataException>(() => DataLoader.Load(new DataOptions { Path = path })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_empty_validation_part_says_why()
    {
        var path = _folder.Write("ratings.dat", Good);
        var message = Assert.Throws<DataException>(() => DataLoader.Load(new DataOptions { Path = path })).Message;
        Assert.Contains("no validation positives", message, StringComparison.Ordinal);
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
