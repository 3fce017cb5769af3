using TwoTower.Model.Data;
using TwoTower.Model.Data.Loading;
using TwoTower.Node.Settings;

namespace TwoTower.Tests.Node;

/// <summary>Small data trains: what asks for more than it has is lowered, told of, and not refused.</summary>
public sealed class DataFitSpecs
{
    private static readonly RecommenderData s_data = DataLoader.Load(new DataOptions { Profile = "tiny", MinimumTrainHistory = 0 });

    [Fact]
    public void Cut_offs_above_the_catalogue_are_left_out_and_the_deciding_metric_is_one_that_is_left()
    {
        var items = s_data.Items.Count;
        var settings = Settings(("evaluate.cutoffs", $"5,{items + 1}"), ("evaluate.metric", $"ndcg@{items + 1}"),
            ("train.batchSize", "16"));

        var note = Assert.Single(DataFit.Apply(settings, s_data));

        Assert.Equal([5], settings.Values.Training.Cutoffs);
        Assert.Equal("ndcg@5", settings.Values.Training.Metric);
        Assert.Contains(
            $"above the catalogue's {items} items are left out ({items + 1}); what is left is 5. ndcg@5 decides which model is best in "
            + $"place of ndcg@{items + 1}.", note, StringComparison.Ordinal);
        settings.Check();
        settings.Check(s_data);
    }

    [Fact]
    public void Where_no_cut_off_is_left_the_catalogue_is_one()
    {
        var settings = Settings(("evaluate.cutoffs", "100000"), ("evaluate.metric", "recall@100000"));
        DataFit.Apply(settings, s_data);
        Assert.Equal([s_data.Items.Count], settings.Values.Training.Cutoffs);
    }

    [Fact]
    public void A_batch_above_the_train_positives_is_lowered_so_that_an_epoch_has_some()
    {
        var settings = Settings(("evaluate.cutoffs", "5"), ("evaluate.metric", "recall@5"),
            ("train.batchSize", $"{s_data.Train.Count + 1}"));

        var note = Assert.Single(DataFit.Apply(settings, s_data));

        Assert.InRange(settings.Values.Training.BatchSize, s_data.Train.Count / 17, s_data.Train.Count / 8);
        Assert.StartsWith($"The batch of {s_data.Train.Count + 1} is more than the {s_data.Train.Count} train positives", note,
            StringComparison.Ordinal);
        settings.Check(s_data);
    }

    [Fact]
    public void What_fits_is_left_alone()
    {
        var settings = Settings(("evaluate.cutoffs", "5"), ("evaluate.metric", "recall@5"), ("train.batchSize", $"{s_data.Train.Count}"));
        Assert.Empty(DataFit.Apply(settings, s_data));
    }

    private static ResolvedSettings Settings(params (string Key, string Value)[] pairs)
    {
        var settings = new ResolvedSettings("none");
        foreach (var (key, value) in pairs)
        {
            settings.Set(key, value, "--set");
        }

        return settings;
    }
}
