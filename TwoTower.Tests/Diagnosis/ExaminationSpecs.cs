using TwoTower.Model.Evaluation;
using TwoTower.Node.Diagnosis;
using TwoTower.Node.Plots;
using TwoTower.Node.Runs;

namespace TwoTower.Tests.Diagnosis;

[Collection(HealthyRun.Collection)]
public sealed class ExaminationSpecs(HealthyRun healthy)
{
    private readonly DiagnosisSubject _healthy = healthy.Subject;

    [Fact]
    public void Findings_stand_by_cost_then_by_severity_then_those_that_gained_nothing()
    {
        Finding[] findings =
        [
            Found("gained nothing") with { RecallCost = Costs(-0.01) },
            Found("weak") with { WhyNoCost = "none" },
            Found("cheap") with { RecallCost = Costs(0.001) },
            Found("invalid") with { WhyNoCost = "none", Severity = Severity.Invalid },
            Found("dear") with { RecallCost = Costs(0.02) },
        ];

        Assert.Equal(["dear", "cheap", "invalid", "weak", "gained nothing"], Examination.Ranked(findings).Select(finding => finding.Check));
    }

    [Fact]
    public async Task A_cost_is_what_the_same_training_gains_by_that_change_alone_and_a_change_is_trained_once()
    {
        var trainings = new Recorded(_healthy.Baselines.Popularity);
        ICheck[] checks = [new Always("a", ("loss.logQ", "1")), new Always("b", ("loss.logQ", "1")), new Always("c", ("train.epochs", "2")),
            new Always("d")];

        var result = await Examination.MeasureAsync(Examination.Of(_healthy with { Windows = [] }, checks), trainings, _ => { });

        Assert.Equal(["loss.logQ=1", "train.epochs=2"], trainings.Changes);
        var cost = result.Findings.Single(finding => finding.Check == "b").RecallCost!;
        var expected = PairedDifference.Of(_healthy.Baselines.Popularity.Masked, _healthy.Model!.Masked, "recall@10").Difference;
        Assert.Equal((expected, "trained again with loss.logQ=1"), (cost.Lost, cost.How));
        Assert.Equal("no change of settings alone mends it", result.Findings.Single(finding => finding.Check == "d").WhyNoCost);
    }

    [Fact]
    public async Task Without_trainings_and_after_a_failed_one_it_is_said_that_nothing_was_measured()
    {
        var found = Examination.Of(_healthy, [new Always("a", ("loss.logQ", "1"))]);

        var quick = await Examination.MeasureAsync(found, null, _ => { });
        var failed = await Examination.MeasureAsync(found, new Recorded(null), _ => { });

        Assert.Equal("--quick", Assert.Single(quick.Findings).WhyNoCost);
        Assert.Equal("the training with loss.logQ=1 failed: out of luck", Assert.Single(failed.Findings).WhyNoCost);
    }

    [Fact]
    public void The_text_fits_in_eighty_columns_and_the_page_escapes_what_comes_from_data()
    {
        var title = "<script>alert('a & b')</script> " + new string('x', 30);
        var result = new DiagnosisResult(_healthy with { Title = title },
            [Found("long") with { Headline = string.Join(' ', Enumerable.Repeat("<words>", 40)), RecallCost = Costs(0.02),
            Plots = [Plot(), Plot()] }], [new Always("silent")], [new NotLooked(new Always("blind"), "it is <dark>")]);
        using var text = new StringWriter();

        DiagnosisText.Write(text, result);
        var page = DiagnosisPage.Html(result);
        var json = DiagnosisJson.Of(result);

        Assert.All(text.ToString().Split('\n'), line => Assert.True(line.TrimEnd().Length <= 80, line));
        Assert.Contains("costs 0.0200 of recall@10", text.ToString(), StringComparison.Ordinal);
        Assert.Contains("Not looked, because it is <dark>: blind.", text.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("<script>", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<words>", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<dark>", page, StringComparison.Ordinal);
        Assert.DoesNotContain("http", page, StringComparison.Ordinal);
        Assert.Equal(2, page.Split("<figure>").Length - 1);
        Assert.Equal(0.02, (double)json["findings"]![0]!["cost"]!["value"]!);
        Assert.Equal("it is <dark>", (string)json["notLooked"]![0]!["reason"]!);
    }

    private static Finding Found(string check) =>
        new(check, "It is so.", [new Evidence("a number", 1.5, "another")], Advice.Only("Mend it."));

    private static Cost Costs(double value) => new("recall@10", new Interval(value, value - 0.001, value + 0.001), "measured");

    private static Chart Plot() => new("plot", "A plot", "x", "y", [new ChartSeries("line", [new(1, 2), new(2, 3)])]);

    private sealed class Always(string name, params (string Key, string Value)[] settings) : ICheck
    {
        public string Name => name;

        public string Question => "Is it so?";

        public Finding? Look(DiagnosisSubject subject) => Found(name) with { Advice = new Advice("Mend it.", settings) };
    }

    private sealed class Recorded(Judged? mended) : ICounterfactuals
    {
        public List<string> Changes { get; } = [];

        public Task<Counterfactual> TrainAsync(DiagnosisSubject subject, IReadOnlyList<(string Key, string Value)> changes)
        {
            Changes.Add(Examination.ChangeText(changes));
            return Task.FromResult(new Counterfactual(mended, mended is null ? "out of luck." : null));
        }
    }
}
