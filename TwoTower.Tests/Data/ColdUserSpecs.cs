using TwoTower.Model.Data;
using TwoTower.Model.Data.Loading;
using TwoTower.Tests.Node;

namespace TwoTower.Tests.Data;

/// <summary>Users who are left out of training.</summary>
public sealed class ColdUserSpecs : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("twotower-").FullName;

    public ColdUserSpecs() => SmallRatings.Write(Ratings);

    private string Ratings => Path.Combine(_folder, "ratings.csv");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void They_are_a_seeded_share_of_the_evaluated_users_and_in_no_part_of_the_rest()
    {
        var (whole, cold) = (Load(0, 1), Load(0.3, 1));

        var evaluated = whole.Validation.Users.Distinct().Count();
        Assert.Equal((int)Math.Round(0.3 * evaluated), cold.Cold!.Users.Length);
        Assert.All(new[] { cold.Train, cold.Validation, cold.Test }, part => Assert.Empty(part.Users.Intersect(cold.Cold.Users)));
        Assert.All(new[] { cold.Cold.Train, cold.Cold.Validation }, part => Assert.Equal(cold.Cold.Users, part.Users.Distinct().Order()));
        Assert.Equal(whole.Train.Count, cold.Train.Count + cold.Cold.Train.Count);
        Assert.Equal(whole.Validation.Count, cold.Validation.Count + cold.Cold.Validation.Count);
        Assert.Equal(cold.Cold.Users, Load(0.3, 1).Cold!.Users);
        Assert.NotEqual(cold.Cold.Users, Load(0.3, 2).Cold!.Users);
    }

    [Fact]
    public void The_fingerprint_names_them_and_the_report_tells_of_them()
    {
        var cold = Load(0.3, 1);

        Assert.Equal(3, new[] { Load(0, 1), cold, Load(0.3, 2) }.Select(data => data.Fingerprint).Distinct().Count());
        Assert.Contains(cold.Split.Warnings, warning => warning.Contains("evaluate.coldUsers", StringComparison.Ordinal));
        Assert.Null(Load(0, 1).Cold);
    }

    [Fact]
    public void The_same_people_are_left_out_whatever_they_are_called()
    {
        var lines = File.ReadAllLines(Ratings);
        var renamed = Path.Combine(_folder, "renamed.csv");
        File.WriteAllLines(renamed,
            lines[..1].Concat(lines[1..].Select(line => line.Split(','))
            .Select(fields =>
            $"x{(int.Parse(fields[0], System.Globalization.CultureInfo.InvariantCulture) * 37) % 1009},{string.Join(',', fields[1..])}")
            .Reverse()));

        string[] Left(string path, Func<string, string> name)
        {
            var data = DataLoader.Load(new DataOptions { Path = path, ColdUsers = 0.3, Seed = 5 });
            return [.. data.Cold!.Users.Select(user => name(data.Users.RawIds[user])).Order(StringComparer.Ordinal)];
        }

        Assert.Equal(Left(Ratings, id => $"x{(int.Parse(id, System.Globalization.CultureInfo.InvariantCulture) * 37) % 1009}"),
            Left(renamed, id => id));
    }

    [Theory]
    [InlineData(0.0001, "nobody")]
    [InlineData(0.9999, "everybody")]
    public void A_share_that_leaves_out_nobody_or_everybody_is_refused(double share, string who) =>
        Assert.Contains(who, Assert.Throws<DataException>(() => Load(share, 1)).Message, StringComparison.Ordinal);

    private RecommenderData Load(double share, int seed) =>
        DataLoader.Load(new DataOptions { Path = Ratings, ColdUsers = share, Seed = seed });
}
