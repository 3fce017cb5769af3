using TwoTower.Node.Diagnosis;
using TwoTower.Node.Diagnosis.Checks;
using TwoTower.Node.Recipes;
using TwoTower.Node.Settings;

namespace TwoTower.Tests.Diagnosis;

public sealed class UnusedSettingsSpecs
{
    private static readonly DiagnosisSubject s_bare = TrainedSubject.Bare(TrainedSubject.Data);

    [Theory]
    [InlineData("recommended", "loss.negatives", "4", "loss.kind", "bpr")]
    [InlineData("recommended", "loss.hardFromEpoch", "3", "loss.hardNegatives", "8")]
    [InlineData("recommended", "optimizer.momentum", "0.5", "optimizer.kind", "momentum")]
    [InlineData("recommended", "optimizer.decayFactor", "0.1", "optimizer.schedule", "step")]
    [InlineData("recommended", "loss.qRate", "0.1", "loss.qEstimate", "streaming")]
    [InlineData("recommended", "evaluate.minDelta", "0.01", "evaluate.patience", "2")]
    [InlineData("recommended", "model.userTower", "linear:16,dropout:0", "model.userTower", "linear:16,dropout:0.1")]
    [InlineData("recommended", "model.historyLength", "20", "model.userTower", "history+id")]
    [InlineData("recommended", "model.historyAttention", "2", "model.userTower", "history")]
    [InlineData("seed-bpr", "loss.logQ", "0.5", "loss.kind", "softmax")]
    [InlineData("seed-bpr", "loss.candidates", "8", "loss.sampling", "dynamic")]
    [InlineData("seed-bpr", "model.priorWindow", "8d", "model.priorStrength", "1")]
    [InlineData("seed-bpr", "optimizer.beta1", "0.5", "optimizer.kind", "adam")]
    public void A_changed_setting_without_effect_is_named_until_another_gives_it_one(string recipe, string key, string value,
        string otherKey, string otherValue)
    {
        var settings = TrainedSubject.SettingsOf(recipe, (key, value));

        var finding = new UnusedSettingsCheck().Look(s_bare with { Settings = settings })!;

        Assert.StartsWith(key, finding.Headline, StringComparison.Ordinal);
        Assert.StartsWith(key, Assert.Single(finding.Evidence).What, StringComparison.Ordinal);
        var mended = new UnusedSettingsCheck().Look(s_bare with { Settings = settings.With(otherKey, otherValue, "--set") });
        // the other loss may leave others without an effect
        Assert.DoesNotContain(mended?.Evidence ?? [], evidence => evidence.What.StartsWith(key, StringComparison.Ordinal));
    }

    [Fact]
    public void Hard_negatives_that_would_begin_after_the_last_epoch_are_named()
    {
        var settings = TrainedSubject.SettingsOf("recommended", ("loss.hardNegatives", "8"), ("loss.hardFromEpoch", "7"),
            ("train.epochs", "6"));

        Assert.Contains("after the last epoch", new UnusedSettingsCheck().Look(s_bare with { Settings = settings })!.Headline,
            StringComparison.Ordinal);
        Assert.Null(new UnusedSettingsCheck().Look(s_bare with { Settings = settings.With("train.epochs", "7", "--set") }));
    }

    [Fact]
    public void Rules_are_of_settings_that_exist_and_no_recipe_breaks_one()
    {
        Assert.All(UnusedSettings.Rules, rule => Assert.Equal(rule.Key, SettingCatalogue.Find(rule.Key).Key));
        Assert.All(RecipeReader.BuiltIn,
            recipe => Assert.Null(new UnusedSettingsCheck().Look(s_bare with { Settings = TrainedSubject.SettingsOf(recipe) })));
    }
}
