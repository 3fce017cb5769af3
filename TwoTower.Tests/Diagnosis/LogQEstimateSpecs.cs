using TwoTower.Model.Data;
using TwoTower.Model.Diagnosis;
using TwoTower.Model.Options;
using TwoTower.Model.Sampling;

namespace TwoTower.Tests.Diagnosis;

public class LogQEstimateSpecs
{
    private static readonly LossOptions s_loss = new() { Temperature = 0.2, MaskKnownPositives = false };
    private static readonly float[] s_logQ = ItemFrequencies.LogQ(ReplayedTraining.Set);

    [Theory]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(0.5)]
    [InlineData(1)]
    [InlineData(2)]
    public void Scores_that_are_so_many_times_log_q_have_that_strength(double strength)
    {
        var estimate = Estimate(ReplayedTraining.Scores(item => strength * s_loss.Temperature * s_logQ[item]), s_loss);

        Assert.Equal(strength, estimate.Strength, 4 * estimate.StandardError);
        Assert.InRange(estimate.StandardError, 1e-4, 0.05);
        Assert.Equal(strength, estimate.Slope, 1e-3);
        Assert.Equal(strength == 0 ? 0 : Math.Sign(strength), estimate.Correlation, 1e-3);
    }

    [Theory]
    [InlineData(-1, -4, -0.4)]
    [InlineData(0, -0.4, 0.4)]
    [InlineData(1, 0.6, 1.4)]
    [InlineData(2, 1.5, 4)]
    public void Finished_embeddings_tell_the_strength_that_they_were_trained_with(double strength, double from, double to)
    {
        var embeddings = ReplayedTraining.Train(s_loss with { LogQ = strength });

        // What the loss says of itself is not looked at.
        Assert.InRange(Estimate(embeddings, s_loss with { LogQ = 1 }).Strength, from, to);
    }

    [Fact]
    public void Corrected_embeddings_have_a_strength_of_one()
    {
        var embeddings = ReplayedTraining.Train(s_loss with { LogQ = 0 });

        var corrected = Estimate(embeddings, s_loss).Corrected(embeddings, ReplayedTraining.Set, s_loss.Temperature);

        Assert.Equal(1, Estimate(corrected, s_loss).Strength, 1e-3);
    }

    [Fact]
    public void Where_q_does_not_differ_there_is_nothing_to_estimate()
    {
        var flat = new TrainingSet(4, 3, new InteractionLog([0, 0, 1, 1, 2, 3], [0, 1, 1, 2, 2, 0], new long[6]));
        var embeddings = new Model.Towers.TwoTowerEmbeddings([1, 1, 1, 1], [1, 2, 3], 1);

        Assert.Null(LogQEstimate.Of(embeddings, flat, s_loss, 6, 1));
        Assert.Null(LogQEstimate.Of(embeddings, flat, s_loss with { Kind = LossKind.Bpr }, 6, 1));
        Assert.Null(LogQEstimate.Of(embeddings, flat, s_loss with { Kind = LossKind.FullSoftmax }, 6, 1));
        Assert.Null(LogQEstimate.Of(embeddings, flat, s_loss, 1, 1)); // a batch of one has no negatives
    }

    private static LogQEstimate Estimate(Model.Towers.TwoTowerEmbeddings embeddings, LossOptions loss) =>
        LogQEstimate.Of(embeddings, ReplayedTraining.Set, loss, 128, 1)!;
}
