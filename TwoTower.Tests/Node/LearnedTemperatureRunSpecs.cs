using System.Text.Json.Nodes;
using TwoTower.Node.Diagnosis;
using TwoTower.Node.Runs;
using TwoTower.Tests.Data;

namespace TwoTower.Tests.Node;

/// <summary>A run that has learned its temperature is judged by what it learned.</summary>
public sealed class LearnedTemperatureRunSpecs : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Whoever_reads_the_run_has_the_temperature_of_its_best_model()
    {
        var (ratings, run) = (Path.Combine(_folder.Path, "ratings.csv"), Path.Combine(_folder.Path, "run"));
        SmallRatings.Write(ratings);
        var trained = await ProgramRun.RunAsync(
            "train", "--data", ratings, "--epochs", "2", "--batch-size", "64", "--consistency", "bsp", "--workers", "1", "--set",
            "model.dim=8", "--set", "loss.learnTemperature=true",
            "--set", "evaluate.cutoffs=5", "--set", "evaluate.metric=recall@5", "--out", run);
        Assert.True(trained.Code == 0, trained.Error);
        var temperature = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(run, "summary.json")))!["temperature"]!;
        var (initial, best) = ((double)temperature["initial"]!, (double)temperature["best"]!);

        var subject = SubjectReader.OfRun(run, null, [], TextWriter.Null).Subject;

        Assert.NotEqual(initial, best);
        Assert.Equal(best, EndedRun.Read(run, null, TextWriter.Null).Embeddings.Temperature);
        Assert.Equal(best, subject.LossOrSay().Temperature);
        Assert.Equal(initial, subject.SettingsOrSay().Training.Loss.Temperature);
    }
}
