using TwoTower.Actors.Hosting;
using TwoTower.Actors.Training;
using TwoTower.Model.Data.Loading;
using TwoTower.Node.Recipes;
using TwoTower.Node.Settings;

namespace TwoTower.Tests.Node;

public class ConsultationRecipeSpecs
{
    [Fact]
    public async Task The_consultations_towers_train_on_synthetic_data()
    {
        var settings = RecipeReader.Read("consultation");
        settings.Set("train.epochs", "2", "test");
        settings.Check();
        Assert.Equal("relu linear:128 batchnorm dropout:0.2 relu linear:128",
            string.Join(' ', settings.Values.Training.Model.UserTower.Layers));

        var outcome = await LocalTraining.RunAsync(new TrainingPlan(settings.Values.Training, DataLoader.Load(settings.Values.Data)));

        Assert.True(outcome.LossByEpoch[1] < outcome.LossByEpoch[0], string.Join(' ', outcome.LossByEpoch));
        Assert.True(outcome.Evaluations[^1].Masked.Mean("recall@50") > 0.1,
            $"recall@50 {outcome.Evaluations[^1].Masked.Mean("recall@50")}");
    }

    [Theory]
    [InlineData("model.userTower=mlp:64,96", "model.userTower ends with 96 columns, but model.dim is 128")]
    [InlineData("model.itemTower=tanh", "model.itemTower cannot be 'tanh': 'tanh' is no layer")]
    [InlineData("model.itemFeatures=genres,mood", "model.itemFeatures cannot be 'genres,mood'; it takes none, or some of genres, year")]
    [InlineData("model.userFeatures=age,age", "model.userFeatures cannot be 'age,age'")]
    public void A_tower_that_cannot_be_is_refused_before_any_data_is_read(string pair, string reason)
    {
        var settings = RecipeReader.Read("recommended");

        var refusal = Assert.Throws<SettingException>(() =>
        {
            var (key, value) = SettingCatalogue.Pair(pair);
            settings.Set(key, value, "--set");
            settings.Check();
        });

        Assert.StartsWith(reason, refusal.Message, StringComparison.Ordinal);
    }
}
