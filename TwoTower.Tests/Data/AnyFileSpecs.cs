using System.Globalization;
using System.IO.Compression;
using System.Text;
using TwoTower.Model.Data;
using TwoTower.Model.Data.Loading;
using TwoTower.Model.Data.Reading;

namespace TwoTower.Tests.Data;

/// <summary>Files as people have them: what can be read is read whole, and what is doubtful is refused with the
/// line and the flag that settles it.</summary>
public sealed class AnyFileSpecs : IDisposable
{
    private const string Header = "user,item,rating,timestamp\n";
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("user_id:token\titem_id:token\trating:float\ttimestamp:float\n1\t10\t4\t1546300800\n2\t20\t3\t1546300801\n")] // RecBole
    [InlineData(",user,item,rating,timestamp\n0,1,10,4,1546300800\n1,2,20,3,1546300801\n")] // pandas with its index
    [InlineData("1 10 4 1546300800\n2 20 3 1546300801\n")]
    [InlineData("1|10|4|1546300800\n2|20|3|1546300801\n")]
    [InlineData("sep=;\r\nuser;item;rating;timestamp\r\n1;10;4;1546300800\r\n2;20;3;1546300801\r\n")] // Excel
    [InlineData("\"sep=|\"\n1|10|4|1546300800\n2|20|3|1546300801\n")]
    [InlineData("{\"user\": 1, \"item\": 10, \"rating\": 4, \"time\": 1546300800}\n{\"item\": 20, \"rating\": 3.0, \"time\": "
        + "\"2019-01-01T00:00:01Z\", \"user\": \"2\"}\n")]
    [InlineData("\uFEFFsep=,\n1,10,4,1546300800\n2,20,3,1546300801\n")]
    [InlineData("user,item,rating,timestamp\r\n1,10,4,1546300800\n\n2,20,3,1546300801\r\n")] // line ends of two kinds
    [InlineData("user,item,rating,timestamp,\n1,10,4,1546300800,\n2,20,3,1546300801,\n")]
    [InlineData("user,item,rating,timestamp\n 1 , 10 ,4 ,1546300800.0\n2,20,3.0,1546300801.9\n")]
    [InlineData("User ID;Item-ID;Rating;Time Stamp\n1;10;4;2019-01-01T00:00:00Z\n2;20;3;2019-01-01 00:00:01.5\n")]
    [InlineData("user,item,rating,date\n1,10,4,20190101000000\n2,20,3,20190101000001\n")]
    [InlineData("user,item,rating,time\n1,10,4,1546300800000\n2,20,3,1546300801000\n")]
    [InlineData("user,item,rating,time\n1,10,4,1546300800000000\n2,20,3,1546300801000000\n")]
    [InlineData("user,item,rating,time\n1,10,4,2019-01-01 01:00:00+01:00\n2,20,3,2018-12-31 19:00:01-0500\n")]
    public void Two_ratings_are_the_same_in_every_writing(string content)
    {
        var table = Read(content);

        Assert.Equal(["1", "2"], table.Users.RawIds);
        Assert.Equal(["10", "20"], table.Items.RawIds);
        Assert.Equal([(4f, 1546300800L), (3f, 1546300801L)], Enumerable.Range(0, table.Count)
            .Select(row => (table.RatingAt(row), table.TimestampAt(row))));
    }

    [Theory]
    [InlineData("<!DOCTYPE html>\n<html><body>Log in</body></html>\n", "a web page, not a table, beginning with '<!DOCTYPE html>'")]
    [InlineData("version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 2\n", "a pointer of Git LFS")]
    [InlineData("{\"1\": 0, \"2\": 1}\n", "JSON beginning with '{\"1\": 0")]
    [InlineData("{\n  \"user\": 1,\n  \"item\": 2\n}\n", "JSON beginning with '{'")]
    [InlineData("{'user': 1, 'item': 2}\n{'user': 2, 'item': 2}\n", "Python's text of dictionaries, not JSON, beginning with '{'user': 1")]
    [InlineData("[\n  {\"user\": 1}\n]\n", "JSON")]
    public void What_is_no_table_is_called_what_it_is(string content, string name) =>
        Assert.Contains(name, Refusal(content), StringComparison.Ordinal);

    [Fact]
    public void Utf16_is_called_what_it_is_with_its_first_line_with_or_without_a_mark()
    {
        foreach (var encoding in (Encoding[])[Encoding.Unicode, Encoding.BigEndianUnicode])
        {
            foreach (var mark in new[] { true, false })
            {
                var bytes = encoding.GetBytes(Header + "1,10,4,1546300800\n");
                Assert.Contains("UTF-16 text beginning with 'user,item,rating,timestamp'",
                    Refusal(_folder.WriteBytes("a.csv", mark ? [.. encoding.GetPreamble(), .. bytes] : bytes), new DataOptions()),
                    StringComparison.Ordinal);
            }
        }
    }

    [Theory]
    [InlineData("1,10,1546341973,4", "looks like a time or an id: '{0}'", "data.ratingColumn")] // time and rating changed places
    [InlineData("1,10,4,{1}", "January 1970", "data.timeFormat")]
    [InlineData("1,10,4,2398620000", "a time in the year 2046", "data.timeFormat")]
    [InlineData("1,10,4,14102100", "a time in June 1970", "data.timeFormat")] // YYMMDDhh
    [InlineData("{1},10,4,1546341973", "has a user of its own", "data.userColumn")]
    [InlineData("1,{1},4,1546341973", "has an item of its own", "data.itemColumn")]
    public void What_cannot_be_what_it_is_taken_for_is_doubted_and_a_flag_settles_it(string row, string doubt, string flag)
    {
        var rows = Enumerable.Range(1, 30).Select(n => row.Replace("{1}", $"{n}", StringComparison.Ordinal)).ToArray();
        var path = _folder.Write("ratings.csv",
            Header + string.Join('\n',
            rows.Select((line, n) => line.Contains("1,10,", StringComparison.Ordinal) ? $"{n % 7}{line[1..]}" : line)) + "\n");
        var settled = flag switch
        {
            "data.ratingColumn" => new DataOptions { Columns = new ColumnNames(Rating: "rating"), TimeFormat = "seconds" },
            "data.timeFormat" => new DataOptions { TimeFormat = "seconds" },
            _ => new DataOptions { Columns = new ColumnNames("user", "item") },
        };

        var refusal = Refusal(path, new DataOptions());

        Assert.Contains(doubt.Split('\'')[0], refusal, StringComparison.Ordinal);
        Assert.Contains($"--set {flag}=", refusal, StringComparison.Ordinal);
        Assert.Equal(30, RatingSource.Read(path, settled).Count);
    }

    [Theory]
    [InlineData("", "no rating")]
    [InlineData("NULL", "no rating")]
    [InlineData("NaN", "no rating")]
    [InlineData("-1", "the rating -1")]
    [InlineData("0", "the rating 0")]
    public void A_row_without_a_rating_is_what_was_said_of_it_and_refused_otherwise(string rating, string name)
    {
        var path = _folder.Write("ratings.csv", $"{Header}1,10,5,1546300800\n2,20,{rating},1546300801\n3,30,3,1546300802\n");

        var refusal = Refusal(path, new DataOptions());

        Assert.Contains($"line 3 has {name}", refusal, StringComparison.Ordinal);
        Assert.Contains("--set data.missing=positive or --set data.missing=drop", refusal, StringComparison.Ordinal);
        var dropped = RatingSource.Read(path, new DataOptions { Missing = MissingRating.Drop });
        Assert.Equal((2, 2, 2), (dropped.Count, dropped.Users.Count, dropped.Items.Count)); // who has no row left is nobody
        Assert.Equal(4f, RatingSource.Read(path, new DataOptions { Missing = MissingRating.Positive }).RatingAt(1));
        Assert.Contains(dropped.Warnings, note => note.Contains($"1 with {name}", StringComparison.Ordinal));
    }

    [Fact]
    public void In_a_file_of_held_out_positives_every_item_may_stand_once()
    {
        var path = _folder.Write("held.csv", Header + string.Concat(Enumerable.Range(0, 40).Select(n => $"1,{n},5,1546300800\n")));
        Assert.Equal(40, RatingSource.ReadPart(path, new DataOptions()).Count);
        Assert.Contains("has an item of its own", Refusal(path, new DataOptions()), StringComparison.Ordinal);
    }

    [Fact]
    public void Zero_and_one_are_no_and_yes_and_below_zero_a_scale_may_go()
    {
        Assert.Equal(3, Read(Header + "1,10,0,1546300800\n2,20,1,1546300801\n2,30,1,1546300801\n").Count);
        Assert.Equal(-9.5f, Read(Header + "1,10,-1,1546300800\n2,20,-9.5,1546300801\n3,30,0,1546300802\n").RatingAt(1));
        Assert.Equal(70_000_000f, Read("user,artist,plays\n1,10,70000000\n2,20,3\n").RatingAt(0));
    }

    [Fact]
    public void Columns_that_are_numbered_from_0_in_the_header_have_no_names_and_are_no_row()
    {
        var path = _folder.Write("frame.csv", "0,1,2,3\n1,10,4,1546300800\n2,20,3,1546300801\n");
        Assert.Contains("the columns 1, 2, 3, 4, but the user column and the item column are not among them",
            Refusal(path, new DataOptions()), StringComparison.Ordinal);
        Assert.Equal(["1", "2"], RatingSource.Read(path, new DataOptions { Columns = new ColumnNames("1", "2", "3", "4") }).Users.RawIds);
    }

    [Fact]
    public void Files_that_do_not_fit_together_are_refused_by_name()
    {
        _folder.Write("part-00000.csv", Header + "1,10,5,1546300800\n");
        _folder.Write("part-00001.csv", "user,item,rating,timestamp,note\n1,10,5,1546300800,x\n");
        Assert.Contains("part-00000.csv and", Refusal(_folder.Path, new DataOptions()), StringComparison.Ordinal);

        _folder.Write("part-00001.csv", "a,b\nx,y\n");
        Assert.Contains("part-00001.csv are named like parts of one table and do not fit together",
            Refusal(_folder.Path, new DataOptions()), StringComparison.Ordinal);

        _folder.Write("part-00001.csv", "<html></html>");
        Assert.Contains("part-00001.csv are named like parts", Refusal(_folder.Path, new DataOptions()), StringComparison.Ordinal);
    }

    [Fact]
    public void Parts_in_folders_by_key_in_another_order_of_columns_or_packed_are_one_table()
    {
        foreach (var (year, n) in (ReadOnlySpan<(string, int)>)[("year=2019", 0), ("year=2020", 1)])
        {
            Directory.CreateDirectory(Path.Combine(_folder.Path, "set", year, "month=01"));
            _folder.Write($"set/{year}/month=01/part-0.csv",
                n == 0 ? Header + "1,10,5,1546300800\n" : "item,user,rating,timestamp\n20,2,3,1577836800\n");
            _folder.Write($"set/{year}/month=01/part-1.csv", $"{Header}{n + 3},30,4,1577836801\n");
            _folder.Write($"set/{year}/month=01/_SUCCESS", string.Empty);
        }

        _folder.WriteBytes("set/year=2020/month=01/part-2.csv.gz", Gzip(Header + "9,90,4,1577836802\n"));
        var zip = Path.Combine(_folder.Path, "set.zip");
        ZipFile.CreateFromDirectory(Path.Combine(_folder.Path, "set"), zip);

        foreach (var path in (string[])[Path.Combine(_folder.Path, "set"), zip])
        {
            var table = RatingSource.Read(path, new DataOptions());
            Assert.Equal(["1", "2", "3", "4", "9"], table.Users.RawIds);
            Assert.Equal(["10", "20", "30", "90"], table.Items.RawIds);
            Assert.StartsWith("5 files are one table, with as many rows each: part-0.csv 1, part-1.csv 1,", table.Warnings[0],
                StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_part_without_a_header_has_the_columns_of_the_others_unless_they_differ()
    {
        _folder.Write("set/part-0.csv", "item,user,rating,timestamp\n20,2,3,1577836800\n");
        _folder.Write("set/part-1.csv", "10,1,3,1577836800\n");
        Assert.Equal(["1", "2"], RatingSource.Read(Path.Combine(_folder.Path, "set"), new DataOptions()).Users.RawIds);

        _folder.Write("set/part-2.csv", Header + "1,10,5,1546300800\n");
        Assert.Matches(
            "part-1.csv has no header, and .*part-0.csv has the columns item, user, rating, timestamp where .*part-2.csv has the columns user, item", Refusal(Path.Combine(_folder.Path, "set"), new DataOptions()));
    }

    [Fact]
    public void Lenient_reading_stops_where_more_would_be_skipped_than_it_was_told()
    {
        var rows = string.Concat(Enumerable.Range(0, 90).Select(n => $"{n % 9},{n % 11},4,{1546300800 + n}\n"))
            + string.Concat(Enumerable.Range(0, 10).Select(_ => "x\n"));
        var path = _folder.Write("ratings.csv", Header + rows);

        Assert.Contains("--lenient would skip 10 of 100 rows, 10.0 %, which is more than 5 %",
            Refusal(path, new DataOptions { Lenient = true }), StringComparison.Ordinal);
        Assert.Equal(10, RatingSource.Read(path, new DataOptions { Lenient = true, LenientShare = 0.1 }).BadLines);
    }

    [Theory]
    [InlineData("03/11/2018", "dd/MM/yyyy", 1541203200)]
    [InlineData("11.03.2018 10:30", "MM.dd.yyyy HH:mm", 1541241000)]
    [InlineData("Nov 3, 2018", "MMM d, yyyy", 1541203200)]
    [InlineData("04 25, 2014", "MM d, yyyy", 1398384000)]
    [InlineData("03-Nov-18", "%d-%b-%y", 1541203200)]
    [InlineData("17838", "days", 1541203200)]
    public void Any_other_time_is_read_as_it_was_said_to_be_written(string time, string format, long seconds)
    {
        var path = _folder.Write("ratings.csv", $"user;item;rating;timestamp\n1;10;5;{time}\n");
        Assert.Equal(seconds, RatingSource.Read(path, new DataOptions { TimeFormat = format }).TimestampAt(0));
        Assert.Throws<DataException>(() => RatingSource.Read(path, new DataOptions { TimeFormat = "HH:mm" }));
    }

    [Fact]
    public void Without_times_a_split_is_random_or_by_the_order_of_rows_and_says_what_it_leaks()
    {
        var path = _folder.Write("ratings.csv",
            "user,item,rating\n" + string.Concat(Enumerable.Range(0, 300).Select(n => $"{n % 20},{Item(n % 20, n / 20)},5\n")));

        var random = DataLoader.Load(new DataOptions { Path = path });
        var ordered = DataLoader.Load(new DataOptions { Path = path, Split = SplitKind.LeaveLastOut });

        Assert.Equal((SplitKind.Random, false), (random.Split.Kind, random.Split.HasTimes));
        Assert.Contains(random.Split.Warnings, note => note.Contains("no times, so the split is random", StringComparison.Ordinal)
            && note.Contains("leaks the future", StringComparison.Ordinal));
        // each user's last row
        Assert.All(Enumerable.Range(0, ordered.Test.Count),
            n => Assert.Equal(Item(int.Parse(ordered.Users.RawIds[ordered.Test.Users[n]], CultureInfo.InvariantCulture), 14),
            int.Parse(ordered.Items.RawIds[ordered.Test.Items[n]], CultureInfo.InvariantCulture)));
        Assert.Contains("has no times, which a split by global time would need",
            Refusal(() => DataLoader.Load(new DataOptions { Path = path, Split = SplitKind.GlobalTime })), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pipe_is_read_once_and_its_copy_by_whoever_asks_again()
    {
        if (OperatingSystem.IsWindows())
        {
            return; // named pipes are no files there
        }

        var pipe = Path.Combine(_folder.Path, "pipe");
        using (var made = System.Diagnostics.Process.Start("mkfifo", [pipe]))
        {
            await made.WaitForExitAsync();
        }

        var writing = Task.Run(() => File.WriteAllText(pipe, Header + "1,10,4,1546300800\n2,20,3,1546300801\n"));

        Assert.True(RatingSource.IsStream(pipe));
        Assert.Equal(2, RatingSource.Read(pipe, new DataOptions()).Count);
        Assert.Equal(2, RatingSource.Read(pipe, new DataOptions()).Count);
        await writing;
    }

    [Fact]
    public void A_file_packed_with_zstd_is_read()
    {
        using var zstd = new ZstdSharp.Compressor();
        var path = _folder.WriteBytes("ratings.csv.zst",
            zstd.Wrap(Encoding.UTF8.GetBytes(Header + "1,10,4,1546300800\n2,\"20\",3,1546300801\n")).ToArray());
        Assert.Equal(["10", "20"], RatingSource.Read(path, new DataOptions()).Items.RawIds);
    }

    private static int Item(int user, int place) => ((user * 3) + (place * (1 + (user % 3)))) % 23;

    private RatingTable Read(string content) => RatingSource.Read(_folder.Write("any", content), new DataOptions());

    private string Refusal(string content) => Refusal(_folder.Write("any", content), new DataOptions());

    private static string Refusal(string path, DataOptions options) => Refusal(() => RatingSource.Read(path, options));

    private static string Refusal(Action action) => Assert.Throws<DataException>(action).Message;

    private static byte[] Gzip(string text)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
        {
            gzip.Write(Encoding.UTF8.GetBytes(text));
        }

        return packed.ToArray();
    }
}
