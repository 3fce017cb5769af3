using System.Text;
using TwoTower.Model.Data;
using TwoTower.Model.Data.Loading;
using TwoTower.Model.Data.Reading;
using TwoTower.Model.Data.Splitting;
using TwoTower.Model.Evaluation;

namespace TwoTower.Tests.Data;

/// <summary>Who is evaluated and on what, on ratings small enough to be followed by hand.</summary>
public sealed class SplitRulesSpecs : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(null, new[] { "5", "6", "7", "8", "9" })]
    [InlineData(0, new[] { "0", "1", "2", "3", "4", "5", "6", "7", "8", "9" })]
    [InlineData(3, new[] { "3", "4", "5", "6", "7", "8", "9" })]
    [InlineData(9, new[] { "9" })]
    public void Only_users_with_the_minimum_train_history_are_evaluated(int? minimum, string[] expected)
    {
        // User u has u train positives and a rating of 3, which makes it known and is no positive; then
        // everybody has one in validation and one in test.
        var rows = new List<(object User, object Item, int Rating, int Time)>();
        for (var user = 0; user < 10; user++)
        {
            rows.Add((user, 100, 3, 1));
            rows.AddRange(Enumerable.Range(0, user).Select(item => ((object)user, (object)item, 5, 2)));
            rows.AddRange([(user, 50, 5, 1000), (user, 51, 5, 2000)]);
        }

        // Items 50 and 51 are in the catalogue through a user of their own.
        rows.AddRange([(77, 50, 5, 3), (77, 51, 5, 3)]);
        var data = DataLoader.Load(new DataOptions
        {
            Path = Write(rows),
            TimeFormat = "order",
            MinimumTrainHistory = minimum,
            TrainShare = 57 / 77.0,
            ValidationShare = 10 / 77.0
        });

        Assert.Equal(expected, data.Validation.Users.Select(user => data.Users.RawIds[user]).Order(StringComparer.Ordinal));
        Assert.Equal(expected, data.Test.Users.Select(user => data.Users.RawIds[user]).Order(StringComparer.Ordinal));
        Assert.Equal(minimum ?? 5, data.Split.MinimumTrainHistory);
        Assert.Equal(expected.Length < 10,
            data.Split.Warnings.Any(warning => warning.Contains($"fewer than {minimum ?? 5} train positives", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_pair_rated_in_validation_and_again_in_test_is_no_test_positive_and_the_report_says_so()
    {
        var rows = new List<(object User, object Item, int Rating, int Time)>();
        rows.AddRange(Enumerable.Range(0, 80).Select(n => ((object)(n % 4), (object)(n / 4), 5, 1 + n)));
        rows.AddRange(Enumerable.Range(0, 4).Select(user => ((object)user, (object)(30 + user), 5, 10 + user)));

        // Validation: item 31 for user 0, liked, and item 32 for user 0, disliked. Test: both liked, and item 33.
        rows.AddRange([(0, 31, 5, 1000), (0, 32, 2, 1001), (1, 30, 5, 1002), (0, 31, 5, 2000), (0, 32, 5, 2001), (0, 33, 5, 2002)]);
        var data = DataLoader.Load(new DataOptions
        {
            Path = Write(rows),
            TimeFormat = "order",
            TrainShare = 84 / 90.0,
            ValidationShare = 3 / 90.0
        });
        var task = RankingTask.Test(data);

        Assert.Equal(["32", "33"], data.Test.Items.Select(item => data.Items.RawIds[item]));
        Assert.All(task.Users, user => Assert.All(task.Positives.ItemsOf(user).ToArray(),
            item => Assert.False(task.Seen.Contains(user, item))));
        Assert.Contains("Dropped 1 of 3 test positives: the user has the item in train or validation already.", data.Split.Warnings);
    }

    [Fact]
    public void A_test_pair_that_stands_in_validation_is_found_by_the_check_of_leaks()
    {
        var data = DataLoader.Load(new DataOptions());
        var again = new InteractionLog([data.Validation.Users[0]], [data.Validation.Items[0]], [data.Split.TestStart!.Value]);

        var refusal = Assert.Throws<DataException>(() => LeakageCheck.Verify(data with { Test = again }));

        Assert.Contains("in validation and in test", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_shares_decide_where_the_parts_end()
    {
        var rows = Enumerable.Range(0, 100).Select(n => ((object)(n % 5), (object)(n / 5), 5, 1 + n)).ToList();

        // The items of the later parts are rated 3 in train by somebody, or they would not be in the catalogue.
        rows.AddRange(Enumerable.Range(0, 20).Select(item => ((object)9, (object)item, 3, 1)));
        var data = DataLoader.Load(new DataOptions
        {
            Path = Write(rows),
            TimeFormat = "order",
            TrainShare = 70 / 120.0,
            ValidationShare = 30 / 120.0,
            MinimumTrainHistory = 0
        });

        Assert.Equal((50L, 51L, 80L, 81L), (data.Split.TrainEnd, data.Split.ValidationStart, data.Split.ValidationEnd,
            data.Split.TestStart));
    }

    [Theory]
    [InlineData(0.9, 0.1)]
    [InlineData(0.8, 0.3)]
    public void Shares_that_leave_no_test_part_are_refused(double train, double validation)
    {
        var refusal =
            Assert.Throws<DataException>(() => DataLoader.Load(new DataOptions { TrainShare = train, ValidationShare = validation }));

        Assert.Contains("less than 1", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Ids_in_latin_1_stay_distinct_and_one_in_utf_8_is_the_same_text()
    {
        // é, è and ê in Latin-1; then é again, and è in UTF-8.
        byte[][] users = [[0xE9], [0xE8], [0xEA], [0xE9], [0xC3, 0xA8]];
        var bytes = users.SelectMany((user, n) => (byte[])[.. user, .. Encoding.ASCII.GetBytes($"::i{n}::4::{100 + n}\n")]).ToArray();

        var table = RatingSource.Read(_folder.WriteBytes("ratings.dat", bytes), new DataOptions());

        Assert.Equal(["è", "é", "ê"], table.Users.RawIds);
        Assert.Equal(["é", "è", "ê", "é", "è"], Enumerable.Range(0, 5).Select(row => table.Users.RawIds[table.UserAt(row)]));
    }

    private string Write(IEnumerable<(object User, object Item, int Rating, int Time)> rows) =>
        _folder.Write("ratings.dat", string.Concat(rows.Select(row => $"{row.User}::{row.Item}::{row.Rating}::{row.Time}\n")));
}
