using System.Globalization;
using CsCheck;
using TwoTower.Model;
using TwoTower.Node.Recipes;
using TwoTower.Node.Settings;

namespace TwoTower.Tests.Tuning;

/// <summary>Ranges in which settings are searched.</summary>
public class SearchRangeSpecs
{
    [Fact]
    public void A_draw_lies_in_the_range_and_is_one_that_the_setting_takes() =>
        Gen.Select(Gen.Long[0, 1000], Gen.Double[0.001, 1], Gen.Double[1.5, 50], Gen.Bool).Sample((seed, low, high, isLog) =>
        {
            var range = SearchRange.Parse("loss.temperature",
                string.Create(CultureInfo.InvariantCulture, $"{low}..{high}{(isLog ? " log" : "")}"));
            var random = new SeededRandom(seed);
            for (var n = 0; n < 20; n++)
            {
                var drawn = range.Draw(ref random);
                Assert.InRange(double.Parse(drawn, CultureInfo.InvariantCulture), low, high);
                new ResolvedSettings("test").Set("loss.temperature", drawn, "test");
            }
        });

    [Fact]
    public void Whole_numbers_are_all_drawn_and_alike_often()
    {
        var range = SearchRange.Parse("loss.negatives", "1..4 whole");
        var random = new SeededRandom(1);
        var counts = Enumerable.Range(0, 4000).Select(_ => range.Draw(ref random)).CountBy(value => value).ToDictionary();
        Assert.Equal(["1", "2", "3", "4"], counts.Keys.Order(StringComparer.Ordinal));
        Assert.All(counts.Values, count => Assert.InRange(count, 850, 1150));
    }

    [Fact]
    public void A_logarithmic_range_gives_every_decade_the_same_share()
    {
        var range = SearchRange.Parse("optimizer.learningRate", "0.001..1 log");
        var random = new SeededRandom(1);
        var decades = Enumerable.Range(0, 3000)
            .Select(_ => (int)Math.Floor(Math.Log10(double.Parse(range.Draw(ref random), CultureInfo.InvariantCulture)) + 1e-9))
            .CountBy(decade => Math.Min(decade, -1)).ToArray();
        Assert.Equal(3, decades.Length);
        Assert.All(decades, decade => Assert.InRange(decade.Value, 850, 1150));
    }

    [Fact]
    public void Listed_values_are_drawn_as_they_are_written_commas_and_all()
    {
        var range = SearchRange.Parse("model.userTower", "none|relu,linear:8");
        var random = new SeededRandom(1);
        Assert.Equal(["none", "relu,linear:8"], Enumerable.Range(0, 50).Select(_ => range.Draw(ref random)).Distinct()
            .Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("loss.temperature", "3")]
    [InlineData("loss.temperature", "")]
    [InlineData("loss.temperature", "2..1")]
    [InlineData("loss.temperature", "0.1..1 logarithmic")]
    [InlineData("loss.temperature", "-1..1 log")]
    [InlineData("loss.temperature", "0..1")]
    [InlineData("model.dim", "8|many")]
    [InlineData("loss.heat", "0.1..1")]
    public void What_is_no_range_or_has_ends_that_the_setting_refuses_is_refused(string key, string text) =>
        Assert.Throws<SettingException>(() => SearchRange.Parse(key, text));

    [Fact]
    public void Every_recipe_that_comes_with_the_program_declares_ranges_and_trains_as_if_it_did_not() =>
        Assert.All(RecipeReader.BuiltIn, recipe =>
        {
            var ranges = RecipeReader.Ranges(recipe);
            Assert.NotEmpty(ranges);
            Assert.DoesNotContain(SettingCatalogue.All, setting => setting.Key.StartsWith("tune", StringComparison.Ordinal));
            RecipeReader.Read(recipe).Check();
        });
}
