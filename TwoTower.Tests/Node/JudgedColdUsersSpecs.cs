using TwoTower.Actors.Hosting;
using TwoTower.Actors.Options;
using TwoTower.Actors.Training;
using TwoTower.Model.Data;
using TwoTower.Model.Data.Loading;
using TwoTower.Model.Options;
using TwoTower.Node.Runs;

namespace TwoTower.Tests.Node;

/// <summary>Users who were left out of training are folded in and judged apart.</summary>
public sealed class JudgedColdUsersSpecs : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("twotower-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task They_are_judged_beside_popularity_on_the_same_users_with_intervals()
    {
        SmallRatings.Write(Path.Combine(_folder, "ratings.csv"));
        var data = DataLoader.Load(new DataOptions { Path = Path.Combine(_folder, "ratings.csv"), ColdUsers = 0.3 });
        var options = new TrainingOptions
        {
            Model = new ModelOptions { Dim = 8 },
            BatchSize = 64,
            Epochs = 1,
            Cutoffs = [5, 20],
            Metric = "recall@5",
            Workers = 1
        };
        var outcome = await LocalTraining.RunAsync(new TrainingPlan(options, data));

        var judged = JudgedColdUsers.Of(data, options, outcome.Embeddings, JudgedTasks.Of(data, options, final: false))!;

        var cold = data.Cold!.Users;
        Assert.All(new[] { judged.Model, judged.Bars[0].Result, judged.Bars[1].Result },
            ranking => Assert.Equal(cold, ranking.Masked.Users));
        Assert.DoesNotContain(outcome.Best!.Masked.Users, cold.Contains);
        var dim = outcome.Embeddings.Dim;
        for (var user = 0; user < data.Users.Count; user++)
        {
            // Whoever was trained keeps the vector that was trained.
            Assert.Equal(!cold.Contains(user), outcome.Embeddings.Users.AsSpan(user * dim, dim)
                .SequenceEqual(judged.Embeddings.Users.AsSpan(user * dim, dim)));
        }

        var json = judged.ToJson();
        Assert.Equal(cold.Length, (int)json["users"]!);
        Assert.Equal(judged.Model.Masked.Mean("recall@5") - judged.Bars[0].Result.Masked.Mean("recall@5"),
            (double)json["modelMinusPopularity"]!["recall@5"]!["value"]!, 1e-9);
        Assert.True((double)json["model"]!["intervals"]!["recall@20"]!["low"]! <= (double)json["model"]!["masked"]!["recall@20"]!);
        using var text = new StringWriter();
        judged.Write(new JudgingTables(text, options.Cutoffs));
        Assert.Contains($"{cold.Length} users left out of train", text.ToString(), StringComparison.Ordinal);
        Assert.All(text.ToString().Split('\n'), line => Assert.True(line.Length <= 80, line));
        Assert.Null(JudgedColdUsers.Of(data with { Cold = null }, options, outcome.Embeddings,
            JudgedTasks.Of(data, options, final: false)));
    }
}
