using TwoTower.Model.Data;
using TwoTower.Model.Data.Reading;

namespace TwoTower.Tests.Data;

/// <summary>Folders as other programs leave them.</summary>
public sealed class FolderSpecs : IDisposable
{
    private const string Header = "user,item,rating,timestamp\n";
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_folder_by_key_is_a_column_where_files_have_none_of_its_name()
    {
        _folder.Write("rating=5/date=2019-01-01%2010%3A00/a.csv", "user,item\n1,10\n2,10\n");
        _folder.Write("rating=5/date=2019-01-02/a.csv", "3,10\n"); // goes on without a header
        _folder.Write("rating=2/date=2019-01-03/a.csv", "user,item\n1,20\n");

        var table = RatingSource.Read(_folder.Path, new DataOptions());

        Assert.Equal(
            [("1", 2f, "2019-01-03 00:00"), ("1", 5f, "2019-01-01 10:00"), ("2", 5f, "2019-01-01 10:00"), ("3", 5f, "2019-01-02 00:00")],
            Enumerable.Range(0, table.Count)
                .Select(row => (table.Users.RawIds[table.UserAt(row)], table.RatingAt(row),
                DateTimeOffset.FromUnixTimeSeconds(table.TimestampAt(row))
                .ToString("yyyy-MM-dd HH:mm", System.Globalization.CultureInfo.InvariantCulture))).Order());
    }

    [Fact]
    public void A_column_of_a_files_own_goes_before_a_key_of_its_name()
    {
        _folder.Write("rating=5/a.csv", Header + "1,10,3,1546300800\n");
        Assert.Equal(3f, RatingSource.Read(_folder.Path, new DataOptions()).RatingAt(0));
    }

    [Fact]
    public void Folders_by_unlike_keys_do_not_fit_together()
    {
        _folder.Write("rating=5/a.csv", "user,item\n1,10\n");
        _folder.Write("stars=4/a.csv", "user,item\n2,10\n");
        Assert.Contains("do not fit together", Refusal(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_pipe_in_a_folder_is_not_waited_for_and_a_link_to_nothing_is_named()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        _folder.Write("ratings.csv", Header + "1,10,3,1546300800\n");
        using (var made = System.Diagnostics.Process.Start("mkfifo", [Path.Combine(_folder.Path, "pipe.csv")]))
        {
            made.WaitForExit();
        }

        File.CreateSymbolicLink(Path.Combine(_folder.Path, "to-pipe.csv"), "pipe.csv");
        Assert.Contains(RatingSource.Read(_folder.Path, new DataOptions()).Warnings,
            note => note == "Not read: pipe.csv (empty, or a pipe); to-pipe.csv (empty, or a pipe).");

        File.CreateSymbolicLink(Path.Combine(_folder.Path, "dead.csv"), "gone.csv");
        Assert.Matches("dead.csv is a link to .*gone.csv, which is not there", Refusal());
    }

    [Fact]
    public void A_folder_without_data_says_what_it_has_instead()
    {
        _folder.Write("_SUCCESS", string.Empty);
        Assert.Contains("holds no files, but for such as begin with '_' or a dot", Refusal(), StringComparison.Ordinal);

        _folder.Write("a/ratings.csv", Header);
        _folder.Write("b/ratings.csv", Header);
        Assert.Contains("holds no files itself, and 2 in subfolders", Refusal(), StringComparison.Ordinal);
    }

    [Fact]
    public void Lines_that_are_no_titles_are_counted()
    {
        _folder.Write("ratings.csv", Header + "1,10,3,1546300800\n2,20,3,1546300801\n");
        _folder.Write("movies.csv", "movieId,title\n10,Ten\n20,Twenty, too\n");

        var table = RatingSource.Read(_folder.Path, new DataOptions());

        Assert.Contains(table.Warnings,
            note => note.EndsWith(
            "movies.csv: 1 line is no title and is passed over, line 3 first: expected 2 fields separated by commas, found '20,Twenty, too'.", StringComparison.Ordinal));
        Assert.Equal("Ten", table.Titles["10"]);
    }

    private string Refusal() => Assert.Throws<DataException>(() => RatingSource.Read(_folder.Path, new DataOptions())).Message;
}
