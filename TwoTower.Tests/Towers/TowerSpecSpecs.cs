using TwoTower.Model.Options;

namespace TwoTower.Tests.Towers;

public class TowerSpecSpecs
{
    [Theory]
    [InlineData("none", "")]
    [InlineData("mlp:256,128", "linear:256 relu linear:128")]
    [InlineData("mlp:7", "linear:7")]
    [InlineData("ReLU, Linear:128, BatchNorm, Dropout:0.2, ReLU, Linear:128", "relu linear:128 batchnorm dropout:0.2 relu linear:128")]
    public void A_tower_is_read_as_its_layers_and_prints_what_can_be_read_again(string text, string layers)
    {
        var tower = TowerSpec.Parse(text);

        Assert.Equal(layers, string.Join(' ', tower.Layers));
        Assert.Equal(tower, TowerSpec.Parse(tower.ToString()));
    }

    [Theory]
    [InlineData("relu,conv:3", "'conv:3' is no layer")]
    [InlineData("linear", "needs a number")]
    [InlineData("linear:0", "a width from 1 to 4096")]
    [InlineData("linear:-5", "a width from 1 to 4096")]
    [InlineData("mlp:12,x", "a width from 1 to 4096")]
    [InlineData("dropout:1", "from 0 to under 1")]
    [InlineData("dropout:NaN", "from 0 to under 1")]
    [InlineData("relu,,relu", "'' is no layer")]
    [InlineData("none,relu", "'none' is no layer")]
    [InlineData("history,relu", "'history' stands alone")]
    [InlineData("relu,history", "'history' is no layer")]
    public void What_is_no_tower_is_refused_with_the_word_that_is_wrong(string text, string reason) =>
        Assert.Contains(reason, Assert.Throws<FormatException>(() => TowerSpec.Parse(text)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("history", UserInput.History)]
    [InlineData("History+Id", UserInput.HistoryAndId)]
    [InlineData("id+history", UserInput.HistoryAndId)]
    [InlineData("none", UserInput.Id)]
    [InlineData("mlp:7", UserInput.Id)]
    public void A_tower_says_whether_it_reads_a_history(string text, UserInput input)
    {
        var tower = TowerSpec.Parse(text);

        Assert.Equal((input, text == "none"), (tower.Input, tower.IsNone));
        Assert.Equal(tower, TowerSpec.Parse(tower.ToString()));
    }

    [Fact]
    public void No_more_layers_are_taken_than_there_is_room_for() =>
        Assert.Contains("65 layers", Assert.Throws<FormatException>(() => TowerSpec.Parse(string.Join(',', Enumerable.Repeat("relu", 65))))
            .Message, StringComparison.Ordinal);
}
