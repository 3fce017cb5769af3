using TwoTower.Model.Data;
using TwoTower.Model.Data.Loading;
using TwoTower.Model.Evaluation;
using TwoTower.Model.Evaluation.Baselines;
using TwoTower.Node.Diagnosis;
using TwoTower.Node.Diagnosis.Checks;
using TwoTower.Node.Runs;
using TwoTower.Tests.Node;

namespace TwoTower.Tests.Diagnosis;

/// <summary>What holds on one window alone is shown as such: of a recipe, and of advice.</summary>
[Collection(HealthyRun.Collection)]
public sealed class TunedToOneWindowSpecs(HealthyRun healthy)
{
    private const int Day = 86_400;

    // A prior and nothing learned beside it: what its window holds is all that there is.
    private static readonly (string Key, string Value)[] s_priorAlone = [.. TrainedSubject.Small, ("optimizer.learningRate", "1e-9"),
        ("train.epochs", "1"), ("loss.temperature", "50")];
    private static readonly (double From, double To)[] s_quietTimes = [(0.35, 0.5), (0.5, 0.65)];
    private readonly DiagnosisSubject _healthy = healthy.Subject;

    [Fact]
    public async Task A_prior_of_days_that_fits_the_burst_before_its_own_window_and_no_quiet_time_is_found_with_what_it_loses()
    {
        var tuned = await (await TrainedSubject.TrainAsync(Bursty(), "one-window", [.. s_priorAlone, ("model.priorWindow", "1d")]))
            .WithTrialsAsync(s_quietTimes);

        var finding = new TunedToOneWindowCheck().Look(tuned)!;

        Assert.Contains("on the mean of windows 1/3, 2/3, ahead on 0 of 2", finding.Headline, StringComparison.Ordinal);
        Assert.True(finding.RecallCost!.Lost.Low > 0);
        var losses = tuned.Windows.Select(window => Popularity(window).Mean("recall@10") - window.Model!.Masked.Mean("recall@10"));
        Assert.True(finding.RecallCost.Lost.Value >= losses.Average() - 1e-12); // against the best baseline, popularity or one above it
        Assert.Equal(tuned.Model!.Masked.Mean("recall@10"), finding.Evidence[0].Value);
        Assert.Equal(tuned.Windows.Select(window => window.Model!.Masked.Mean("recall@10")), finding.Evidence.Skip(1)
            .Select(evidence => evidence.Value));
        Assert.Contains("twotower train --recipe one-window", finding.Advice.Text, StringComparison.Ordinal);
        Assert.Contains(" --set model.priorWindow=1d ", finding.Advice.Text, StringComparison.Ordinal);
        Assert.EndsWith("--windows 3' shows it.", finding.Advice.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_judged_on_other_windows_is_shown_whether_or_not_anything_was_found()
    {
        var result = new DiagnosisResult(_healthy, [], [], []);

        foreach (var window in _healthy.Windows)
        {
            var value = window.Model!.Masked.Mean("recall@10");
            Assert.Contains(FormattableString.Invariant($"on window {window.Window}: two towers {value:0.0000}, "), Text(result),
                StringComparison.Ordinal);
            Assert.Contains(FormattableString.Invariant($"<td>{window.Window}</td><td>{value:0.0000}</td>"), DiagnosisPage.Html(result),
                StringComparison.Ordinal);
            Assert.Contains(DiagnosisJson.Of(result)["windows"]!.AsArray(), shown => (string)shown!["window"]! == window.Window
                && (double)shown["model"]!["masked"]!["recall@10"]! == value);
        }
    }

    [Fact]
    public async Task The_same_prior_counted_in_events_holds_on_all_and_nothing_is_said()
    {
        var holds = await (await TrainedSubject.TrainAsync(Bursty(), "one-window", [.. s_priorAlone, ("model.priorWindow", "8%")]))
            .WithTrialsAsync(s_quietTimes);

        Assert.Null(new TunedToOneWindowCheck().Look(holds));
        Assert.Null(new TunedToOneWindowCheck().Look(_healthy));
    }

    [Fact]
    public void A_model_that_is_below_its_bars_on_its_own_window_too_was_not_tuned_to_it()
    {
        static Judged Chance(DiagnosisSubject on) => Judged.Of("two towers (best)", StaticScorer.Chance(on.Data.Items.Count), on.Tasks);
        var below = _healthy with
        { Model = Chance(_healthy), Windows = [.. _healthy.Windows.Select(window => window with { Model = Chance(window) })] };

        Assert.Null(new TunedToOneWindowCheck().Look(below));
        Assert.NotNull(new TunedToOneWindowCheck().Look(below with { Model = _healthy.Model }));
    }

    [Fact]
    public void Without_a_window_that_was_trained_it_says_why_it_did_not_look()
    {
        var none = _healthy with
        {
            Windows = [.. _healthy.Windows.Select(window => window with { Model = null })],
            WhyNoWindows = "the training on window 1/3 failed (out of luck)"
        };

        Assert.Equal("the training on window 1/3 failed (out of luck)",
            Assert.Throws<NotLookedException>(() => new TunedToOneWindowCheck().Look(none)).Message);
    }

    [Fact]
    public async Task Advice_that_gains_on_its_own_window_alone_is_not_advised_and_stands_last()
    {
        // Here the change makes popularity into the healthy model, on other windows the other way round.
        var subject = _healthy with { Model = _healthy.Baselines.Popularity };
        var trainings = new Swapped(_healthy.Model!);
        var said = new List<string>();
        Finding[] findings = [Found("one window", ("loss.logQ", "1")),
            Found("no settings") with { WhyNoCost = "none", Severity = Severity.Note }];

        var result = await Examination.MeasureAsync(new DiagnosisResult(subject, findings, [], []), trainings, said.Add);

        Assert.Equal(["no settings", "one window"], result.Findings.Select(finding => finding.Check));
        var cost = result.Findings[1].RecallCost!;
        Assert.True(cost.Lost.Low > 0);
        Assert.True(cost.OverWindows!.Gained.High < 0);
        Assert.Equal((0, 2, false), (cost.OverWindows.Ahead, cost.OverWindows.Windows.Count, cost.IsAdvised));
        Assert.Equal(_healthy.Windows.Average(window => Popularity(window).Mean("recall@10") - window.Model!.Masked.Mean("recall@10")),
            cost.OverWindows.Gained.Value, 1e-9);
        Assert.Equal("To try: 1 change of settings, each here and on windows 1/3, 2/3: 3 trainings.", said[0]);
        Assert.Equal([null, "1/3", "2/3"], trainings.Trained);
        Assert.Contains("ahead on 0 of 2: not advised", Text(result), StringComparison.Ordinal);
        Assert.DoesNotContain("--set loss.logQ=1", Text(result), StringComparison.Ordinal);
        Assert.DoesNotContain("--set loss.logQ=1", DiagnosisPage.Html(result), StringComparison.Ordinal);
        Assert.False((bool)DiagnosisJson.Of(result)["findings"]![1]!["cost"]!["advised"]!);
    }

    [Fact]
    public async Task Advice_that_gains_on_other_windows_too_says_on_how_many()
    {
        var subject = _healthy with
        {
            Model = _healthy.Baselines.Popularity,
            Windows = [.. _healthy.Windows.Select(window => window with { Model = window.Baselines.Popularity })]
        };

        var result = await Examination.MeasureAsync(new DiagnosisResult(subject, [Found("holds", ("train.epochs", "12"))], [], []),
            new TrainedSubject.InThisProcess(), _ => { });

        var cost = Assert.Single(result.Findings).RecallCost!;
        Assert.True(cost is { IsAdvised: true, OverWindows.Gained.Low: > 0 });
        Assert.Contains("ahead on 2 of 2: it holds there", Text(result).ReplaceLineEndings(" ")
            .Replace("  ", string.Empty, StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains("--set train.epochs=12", Text(result), StringComparison.Ordinal);
    }

    [Fact]
    public void Windows_that_share_their_time_with_a_runs_own_validation_are_left_out_be_they_earlier_or_later()
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("twotower-").FullName, "ratings.csv");
        SmallRatings.Write(path);
        try
        {
            DiagnosisSubject Of(params (string Key, string Value)[] changes)
            {
                var settings = TrainedSubject.SettingsOf("recommended",
                    [.. TrainedSubject.Small, ("data.path", path), ("evaluate.baselines", "itemKnn"), .. changes]);
                return TrainedSubject.Bare(DataLoader.Load(settings.Values.Data), settings) with { Settings = settings };
            }

            var own = Of();
            var (windows, _) = WindowSubjects.Of(own, 3);
            var (around, _) = WindowSubjects.Of(Of(("data.window", "2/3")), 3);
            var (none, why) = WindowSubjects.Of(Of(("data.split", "leave-last-out")), 3);

            Assert.Equal(["1/3", "2/3"], windows.Select(window => window.Window));
            Assert.All(windows, window => Assert.True(window.Data.Validation.Timestamps.Max() < own.Data.Validation.Timestamps.Min()));
            // item kNN is judged there, and not once more in the run
            Assert.All(windows, window => Assert.Equal(4, window.Baselines.All.Count));
            Assert.Equal("random,popularity,recentPopularity", windows[0].Settings!.Values.Judging.BaselinesText);
            Assert.Equal(["1/3", "3/3"], around.Select(window => window.Window));
            Assert.Empty(none);
            Assert.Contains("needs a split by time", why, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
        }
    }

    private static RankingResult Popularity(DiagnosisSubject window) => window.Baselines.Popularity.Masked;

    private static Finding Found(string check, params (string Key, string Value)[] settings) =>
        new(check, "It is so.", [], new Advice("Mend it.", settings));

    private static string Text(DiagnosisResult result)
    {
        using var text = new StringWriter();
        DiagnosisText.Write(text, result);
        return text.ToString();
    }

    // What is popular turns with every 2,000 positives. Three fifths of them take a hundred years, and all that follow a week: a
    // day there holds as many as a decade before.
    private static RecommenderData Bursty()
    {
        var data = SmallData.Make(users: 300, items: 120, perUser: 25);
        var quiet = (int)(0.6 * data.Train.Count);
        (int User, int Item, long Time)[] rows =
        [
            .. data.Train.Users.Concat(data.Validation.Users)
                .Zip(data.Train.Items.Concat(data.Validation.Items), (user, item) => (User: user, Item: item))
                .Select((row, n) => (row.User, (row.Item + (n / 2000 * 32)) % 120, n < quiet ? (long)n * 36_500 * Day / quiet
                    : (36_500L * Day) + ((long)(n - quiet) * 10 * Day / quiet)))
                .DistinctBy(row => (row.User, row.Item2)),
        ];
        static InteractionLog Log((int User, int Item, long Time)[] part) =>
            new([.. part.Select(row => row.User)], [.. part.Select(row => row.Item)], [.. part.Select(row => row.Time)]);
        var train = rows.Length * 8 / 10;
        return data with { Train = Log(rows[..train]), Validation = Log(rows[train..]) };
    }

    /// <summary>Gives the healthy model on the subject's own split, and popularity on its windows.</summary>
    private sealed class Swapped(Judged healthy) : ICounterfactuals
    {
        public List<string?> Trained { get; } = [];

        public Task<Counterfactual> TrainAsync(DiagnosisSubject subject, IReadOnlyList<(string Key, string Value)> changes)
        {
            Trained.Add(subject.Window);
            return Task.FromResult(new Counterfactual(subject.Window is null ? healthy : subject.Baselines.Popularity, null));
        }
    }
}
