using TwoTower.Model.Diagnosis;
using TwoTower.Model.Options;
using TwoTower.Model.Towers;
using TwoTower.Tests.Losses;

namespace TwoTower.Tests.Diagnosis;

/// <summary>What the probe shows is what the kernels see: the loss that follows from it is theirs.</summary>
public class NegativeProbeSpecs
{
    public static TheoryData<string> Losses => [.. s_losses.Keys];

    private static readonly Dictionary<string, LossOptions> s_losses = new()
    {
        ["in-batch, all masks"] = new() { Temperature = 0.3, LogQ = 1 },
        ["in-batch, duplicates"] = new() { Temperature = 0.3, LogQ = 0.5, MaskKnownPositives = false },
        ["in-batch, no masks"] = new() { Temperature = 0.3, LogQ = 0, MaskKnownPositives = false, MaskDuplicates = false },
        ["in-batch, mixed"] = new() { Temperature = 0.3, MixedNegatives = 12, MaskKnownPositives = false },
        ["in-batch, hard"] = new() { Temperature = 0.3, HardNegatives = 3, MaskKnownPositives = false },
        ["sampled"] = new() { Kind = LossKind.SampledSoftmax, Negatives = 15, Sampling = NegativeSampling.Popularity },
        ["full"] = new() { Kind = LossKind.FullSoftmax, MaskKnownPositives = false },
        ["pairs"] = new() { Kind = LossKind.Bpr, Negatives = 3, Temperature = 0.5 },
        ["pairs, dynamic"] = new() { Kind = LossKind.Bpr, Negatives = 2, Sampling = NegativeSampling.Dynamic, Candidates = 3 },
    };

    [Theory]
    [MemberData(nameof(Losses))]
    public void The_loss_of_the_examples_shown_is_the_kernels(string name)
    {
        var loss = s_losses[name];
        var set = GradientSpecs.Set();
        var model = new ModelOptions { Dim = 6 };
        const int Batch = 24;
        using var replay = new TrainingReplay(model, loss, new(), set, Batch, 1, 3);
        var state = replay.Initial();
        var expected = replay.Read(state, 0, 1);
        var sum = 0.0;

        var shown = new NegativeProbe(EmbeddingTower.ToEmbeddings(model, state.Users.Values, state.Items.Values), set, loss, Batch, 3, 0)
            .Visit(Batch, (in ScoredExample example) => sum += example.Weight * LossOf(example, loss));

        Assert.Equal(Batch, shown);
        Assert.Equal(expected.Loss * Batch, sum, 1e-3);
    }

    private static double LossOf(in ScoredExample example, LossOptions loss)
    {
        var negatives = new double[example.NegativeScores.Length];
        var own = example.Score - (loss.LogQ * example.LogQ);
        for (var n = 0; n < negatives.Length; n++)
        {
            negatives[n] = loss.Kind == LossKind.Bpr
                ? Math.Log(1 + Math.Exp(example.NegativeScores[n] - example.Score)) / negatives.Length
                : example.NegativeCounts[n] * Math.Exp(example.NegativeScores[n] - (loss.LogQ * example.NegativeLogQ[n]) - own);
        }

        return loss.Kind == LossKind.Bpr ? negatives.Sum() : Math.Log(1 + negatives.Sum());
    }
}
