using TwoTower.Model.Data;
using TwoTower.Node.Recipes;
using TwoTower.Node.Runs;
using TwoTower.Node.Settings;

namespace TwoTower.Tests.Node;

public class InnerChoiceSpecs
{
    [Fact]
    public async Task What_is_left_to_be_chosen_is_settled_inside_train_and_told()
    {
        var (settings, data) = Left();
        var told = new StringWriter();

        await InnerChoice.SettleAsync(settings, data, told, CancellationToken.None);

        var chosen = SettingCatalogue.Find("model.priorWindow").Read(settings.Values);
        Assert.Contains(chosen, InnerChoice.Windows);
        Assert.Equal("auto", settings.SourceOf("model.priorWindow"));
        Assert.Contains($"model.priorWindow={chosen}, of 8% 0.", told.ToString(), StringComparison.Ordinal);
        Assert.Contains("loss.recencyHalfLife=", told.ToString(), StringComparison.Ordinal);
        settings.Check(data);
    }

    [Fact]
    public async Task Validation_has_no_say_in_it()
    {
        var (settings, data) = Left();
        var (again, _) = Left();
        var (one, two) = (new StringWriter(), new StringWriter());

        await InnerChoice.SettleAsync(settings, data, one, CancellationToken.None);
        await InnerChoice.SettleAsync(again,
            data with { Validation = data.Validation with { Items = [.. data.Validation.Items.Reverse()] } }, two, CancellationToken.None);

        Assert.Equal(one.ToString(), two.ToString());
    }

    [Fact]
    public async Task A_train_that_is_too_small_gets_the_first_candidates_and_a_note()
    {
        var (settings, data) = Left();
        settings.Set("train.batchSize", "4096", "--set");
        var told = new StringWriter();

        await InnerChoice.SettleAsync(settings, data, told, CancellationToken.None);

        Assert.Equal("8%", SettingCatalogue.Find("model.priorWindow").Read(settings.Values));
        Assert.Contains("too small", told.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("model.priorWindow", "auto", "32%", true)]
    [InlineData("model.priorWindow", "8%", "32%", false)]
    [InlineData("data.minimumTrainHistory", "auto", "5", false)]
    public void A_run_agrees_with_a_setting_that_was_left_to_be_chosen_whatever_was_chosen(string key, string wanted, string recorded,
        bool agrees) =>
            Assert.Equal(agrees, InnerChoice.Agrees(key, wanted, recorded));

    [Fact]
    public void Where_nobody_chooses_what_is_left_to_be_chosen_is_refused()
    {
        var (settings, data) = Left();

        Assert.Contains("model.priorWindow=auto", Assert.Throws<SettingException>(() => settings.Check(data)).Message,
            StringComparison.Ordinal);
    }

    private static (ResolvedSettings Settings, RecommenderData Data) Left()
    {
        var settings = RecipeReader.Read("recommended");
        foreach (var (key, value) in new[]
        {
            ("model.dim", "4"), ("train.batchSize", "64"), ("train.epochs", "1"), ("evaluate.cutoffs", "5"),
            ("evaluate.metric", "recall@5"),
            ("model.priorWindow", "auto"), ("loss.recencyHalfLife", "auto"),
        })
        {
            settings.Set(key, value, "--set");
        }

        return (settings, SmallData.Make(users: 120, items: 60, perUser: 16));
    }
}
