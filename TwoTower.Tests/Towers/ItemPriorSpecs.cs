using TwoTower.Model.Data;
using TwoTower.Model.Losses;
using TwoTower.Model.Sampling;
using TwoTower.Model.Towers;

namespace TwoTower.Tests.Towers;

public class ItemPriorSpecs
{
    private const long Day = 86_400;

    // Item 0 three times long ago, item 1 twice and item 0 once on the last two days, item 2 never.
    private static readonly TrainingSet s_set = new(1, 3, new InteractionLog([0, 0, 0, 0, 0, 0], [0, 0, 0, 1, 0, 1], [0, 0, 0, 99 * Day, 100 * Day, 100 * Day]));

    [Fact]
    public void Without_strength_there_is_no_prior() =>
        Assert.Null(ItemPrior.Logits(new ModelOptions { PriorDays = 2 }, s_set));

    [Fact]
    public void The_prior_is_the_log_of_the_smoothed_share_of_recent_positives()
    {
        // Three positives in two days, and a third as many again (one) spread over three items.
        var logits = ItemPrior.Logits(new ModelOptions { PriorStrength = 2, PriorDays = 2, PriorSmoothing = 1.0 / 3 }, s_set)!;

        Assert.Equal([2 * Math.Log((1 + (1.0 / 3)) / 4), 2 * Math.Log((2 + (1.0 / 3)) / 4), 2 * Math.Log(1.0 / 3 / 4)], logits.Select(logit => (double)logit), (a, b) => Math.Abs(a - b) < 1e-5);
    }

    [Fact]
    public void Without_days_all_positives_count_and_the_more_popular_item_is_ahead()
    {
        var logits = ItemPrior.Logits(new ModelOptions { PriorStrength = 1 }, s_set)!;

        Assert.True(logits[0] > logits[1] && logits[1] > logits[2]);
    }

    [Fact]
    public void A_score_s_prior_is_the_logit_s_times_the_temperature()
    {
        var model = new ModelOptions { PriorStrength = 1 };

        var scores = ItemPrior.Scores(model, new LossOptions { Temperature = 0.25 }, s_set)!;

        Assert.Equal(ItemPrior.Logits(model, s_set)!.Select(logit => logit / 4), scores);
    }
}
