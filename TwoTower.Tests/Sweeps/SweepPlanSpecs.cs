using TwoTower.Node.Settings;
using TwoTower.Node.Sweeps;
using TwoTower.Tests.Data;

namespace TwoTower.Tests.Sweeps;

public class SweepPlanSpecs
{
    [Fact]
    public void One_variable_at_a_time_leaves_all_others_at_the_base()
    {
        var plan = Plan(["workers=1,2,4", "staleness=0,4"]);

        Assert.Equal(["base", "workers=2", "workers=4", "staleness=4"], plan.Points.Select(plan.Label));
        Assert.All(plan.Points, point => Assert.InRange(point.DistanceTo(plan.Base), 0, 1));
        Assert.Equal(plan.Points.Count, plan.PointCount);
    }

    [Fact]
    public void All_is_the_product_and_counts_what_differs()
    {
        var plan = Plan(["workers=1,2,4", "staleness=0,4", "shards=1,3"], draft => draft with { Vary = SweepVary.All, SeedCount = 2 });

        Assert.Equal(12, plan.Points.Count);
        Assert.Equal(24, plan.Cells.Count);
        Assert.Equal(24, plan.Cells.Select(cell => cell.Name).Distinct().Count());
        Assert.Equal(plan.Points.Count, plan.PointCount);
        Assert.Equal(3, plan.Points.Max(point => point.DistanceTo(plan.Base)));
    }

    [Theory]
    [InlineData("staleness=0", "train.consistency", "bsp")]
    [InlineData("staleness=16", "train.consistency", "ssp:16")]
    [InlineData("staleness=asp", "train.consistency", "asp")]
    [InlineData("batch=64", "train.batchSize", "64")]
    [InlineData("optimizer=sgd", "optimizer.kind", "sgd")]
    [InlineData("loss=bpr", "loss.kind", "bpr")]
    [InlineData("optimizer.learningRate=0.25", "optimizer.learningRate", "0.25")]
    [InlineData("evaluate.cutoffs=5,7;", "evaluate.cutoffs", "5,7")]
    [InlineData("network=cloud,loss=0.01;", "network.loss", "0.01")]
    [InlineData("compute=lognormal:1:0.5", "compute.factor", "lognormal:1:0.5")]
    public void An_axis_sets_what_it_stands_for(string axis, string key, string value)
    {
        var plan = Plan([axis]);

        Assert.Equal(value, SettingCatalogue.Find(key).Read(plan.SettingsOf(plan.Base, 1).Values));
    }

    [Fact]
    public void Seeds_count_up_from_the_bases_and_move_the_world_too()
    {
        var plan = Plan(["workers=1,2"], draft => draft with { SeedCount = 3, Settings = [KeyValuePair.Create("train.seed", "7")] });

        Assert.Equal([7L, 8, 9], plan.Seeds);
        var values = plan.SettingsOf(plan.Base, 9).Values;
        Assert.Equal((9L, 9L), (values.Training.Seed, values.World.Seed));
        Assert.Equal([3L, 5], Plan(["workers=1,2", "seed=3,5"]).Seeds);
    }

    [Theory]
    [InlineData("wrkers=1,2", "'workers'")]
    [InlineData("optimizer.learningrte=1", "'optimizer.learningRate'")]
    [InlineData("workers=", "no values")]
    [InlineData("workers", "axis=value")]
    [InlineData("workers=0", "train.workers cannot be '0'")]
    [InlineData("staleness=-1", "staleness cannot be '-1'")]
    [InlineData("network=moon", "moon")]
    [InlineData("seed=1,2", "The grid is empty")]
    public void A_grid_that_cannot_be_is_refused_with_the_reason(string axis, string reason)
    {
        var refusal = Assert.Throws<SettingException>(() => Plan([axis]));

        Assert.Contains(reason, refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refusal.Message);
    }

    [Fact]
    public void Contradictions_are_refused()
    {
        Assert.Contains("twice", Assert.Throws<SettingException>(() => Plan(["workers=1", "train.workers=2"])).Message,
            StringComparison.Ordinal);
        Assert.Contains("axis of the grid",
            Assert.Throws<SettingException>(() =>
            Plan(["workers=1,2"], draft => draft with { Settings = [KeyValuePair.Create("train.workers", "4")] })).Message,
            StringComparison.Ordinal);
        Assert.Contains("not both",
            Assert.Throws<SettingException>(() => Plan(["workers=1,2", "seed=1,2"], draft => draft with { SeedCount = 2 })).Message,
            StringComparison.Ordinal);
        Assert.Contains("--seeds cannot be '0'",
            Assert.Throws<SettingException>(() => Plan(["workers=1,2"], draft => draft with { SeedCount = 0 })).Message,
            StringComparison.Ordinal);
        Assert.Contains("recall@7",
            Assert.Throws<SettingException>(() =>
            Plan(["workers=1,2"], draft => draft with { Target = SweepTarget.Parse("recall@7>=0.1") })).Message, StringComparison.Ordinal);
        Assert.Contains("METRIC>=VALUE", Assert.Throws<SettingException>(() => SweepTarget.Parse("recall@10>=two")).Message,
            StringComparison.Ordinal);
        Assert.Contains("more than",
            Assert.Throws<SettingException>(() =>
            Plan([.. new[] { "train.workers", "train.shards", "train.batchSize" }.Select(key =>
            $"{key}={string.Join(',', Enumerable.Range(1, 50))}")], draft => draft with { Vary = SweepVary.All })).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_written_plan_reads_back_to_the_same_cells_and_can_be_extended()
    {
        using var folder = new TemporaryFolder();
        var plan = Plan(["workers=1,2", "network=lan;cloud,loss=0.1"], draft => draft with
        {
            SeedCount = 2,
            Vary = SweepVary.All,
            Recipe = "seed-bpr",
            Engine = SweepEngine.Simulate,
            Target = SweepTarget.Parse("recall@10>=0.125"),
            Settings = [KeyValuePair.Create("model.dim", "8"), KeyValuePair.Create("train.seed", "4"),
                KeyValuePair.Create("model.dim", "16")],
        });
        var path = Path.Combine(folder.Path, "plan.json");
        SweepPlanFile.Write(path, plan);

        var again = SweepPlanFile.Read(path).Plan();
        var wider = new SweepDraft { Axes = [GridAxis.Parse("workers=1,2,4")], SeedCount = 3 }.Over(SweepPlanFile.Read(path)).Plan();

        Assert.Equal(plan.Cells.Select(cell => cell.Name), again.Cells.Select(cell => cell.Name));
        Assert.Equal((plan.Target, plan.Vary, plan.Engine, plan.Recipe), (again.Target, again.Vary, again.Engine, again.Recipe));
        Assert.Equal(16, again.SettingsOf(again.Base, 4).Values.Training.Model.Dim);
        Assert.Equal(18, wider.Cells.Count);
        Assert.Empty(plan.Cells.Select(cell => cell.Name).Except(wider.Cells.Select(cell => cell.Name)));
    }

    [Theory]
    [InlineData("{ \"grid\": ", "not JSON")]
    [InlineData("[]", "JSON object")]
    [InlineData("{ \"gird\": {} }", "'gird'")]
    [InlineData("{ \"grid\": { \"workers\": [] } }", "no values")]
    [InlineData("{ \"grid\": 3 }", "JSON object")]
    [InlineData("{ \"engine\": \"both\" }", "simulate or train")]
    public void A_file_that_cannot_be_used_is_refused_with_the_reason(string json, string reason)
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "grid.json");
        File.WriteAllText(path, json);

        Assert.Contains(reason, Assert.Throws<SettingException>(() => SweepPlanFile.Read(path)).Message, StringComparison.Ordinal);
    }

    internal static SweepPlan Plan(string[] axes, Func<SweepDraft, SweepDraft>? change = null)
    {
        var draft = new SweepDraft { Axes = [.. axes.Select(GridAxis.Parse)] };
        return (change is null ? draft : change(draft)).Plan();
    }
}
