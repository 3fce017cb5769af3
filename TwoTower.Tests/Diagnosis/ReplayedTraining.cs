using TwoTower.Model.Data;
using TwoTower.Model.Diagnosis;
using TwoTower.Model.Optimizers;
using TwoTower.Model.Options;
using TwoTower.Model.Sampling;
using TwoTower.Model.Towers;

namespace TwoTower.Tests.Diagnosis;

/// <summary>Small data of very unequal popularity, and embeddings trained on it in a moment.</summary>
internal static class ReplayedTraining
{
    public static RecommenderData Data { get; } = SmallData.Make(users: 200, items: 120, perUser: 20);

    public static ModelOptions Model { get; } = new() { Dim = 16 };

    public static TrainingSet Set { get; } = new(Data.Users.Count, Data.Items.Count, Data.Train);

    public static TwoTowerEmbeddings Train(LossOptions loss, int epochs = 20)
    {
        using var replay = new TrainingReplay(Model, loss, new OptimizerOptions { LearningRate = 0.02 }, Set, 128, epochs, 1);
        var state = replay.Initial();
        for (var epoch = 0; epoch < epochs; epoch++)
        {
            (state, _) = replay.Epoch(state, epoch);
        }

        return EmbeddingTower.ToEmbeddings(Model, state.Users.Values, state.Items.Values,
            ItemPrior.Scores(ItemPrior.Of(Model, Set)?.Logits, loss.Temperature));
    }

    /// <summary>Embeddings that give every item one score whoever asks.</summary>
    public static TwoTowerEmbeddings Scores(Func<int, double> score) => new(
        [.. Enumerable.Repeat(1f, Set.Users)], [.. Enumerable.Range(0, Set.Items).Select(item => (float)score(item))], 1);
}
