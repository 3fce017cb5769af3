using TwoTower.Model.Data;
using TwoTower.Model.Options;

namespace TwoTower.Model.Towers;

/// <summary>The layouts of both towers.</summary>
/// <param name="Users">The user table.</param>
/// <param name="Items">The item table.</param>
internal sealed record TowerLayouts(TowerLayout Users, TowerLayout Items)
{
    /// <summary>What users' vectors are made from, where they are not ids alone.</summary>
    public UserHistories? Histories { get; init; }

    /// <summary>Whether users have rows of their own that a batch reads.</summary>
    public bool HasUserIds => Users.Spec.Input != UserInput.History;

    /// <summary>The towers of a model on a data set, and the temperature of a loss that learns it.</summary>
    /// <exception cref="ArgumentException">A tower does not fit the model; the message is one sentence.</exception>
    public static TowerLayouts Of(ModelOptions model, RecommenderData data, long seed, LossOptions? loss = null) => new(
        new TowerLayout(model, 0, data.Users.Count, data.UserFeatures, seed),
        new TowerLayout(model, 1, data.Items.Count, data.ItemFeatures, seed, loss is { LearnTemperature: true } ? loss.Temperature : null))
    {
        Histories = UserHistories.Of(model, data),
    };
}
