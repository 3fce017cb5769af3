using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using TwoTower.Model.Evaluation;
using TwoTower.Node.Display;
using TwoTower.Node.Runs;
using TwoTower.Node.Settings;

namespace TwoTower.Node.Tuning;

/// <summary>A search as text, as <c>trials.csv</c>, as JSON, and its best trial as a recipe.</summary>
internal static class TuneReport
{
    /// <summary>Prints the last rung, and with windows what the last of them says.</summary>
    public static void Print(TextWriter to, TuneResult result)
    {
        var plan = result.Plan;
        var over = plan.Windows > 1 ? $", mean over {WindowChoiceText.Choosing(plan.Windows)} of {plan.Windows}," : string.Empty;
        to.WriteLine();
        to.WriteLine(
            Paragraph.Wrap(
            FormattableString.Invariant(
            $"Masked validation {result.Metric}{over} after all {plan.Rungs[^1].Epochs} epochs, seeds: {plan.Seeds}; minus the recipe's, ")
            + FormattableString.Invariant($"paired by user{(plan.Windows > 1 ? ", and on how many windows it is ahead" : string.Empty)}"),
            0));
        var recipe = result.LastRung.Single(trial => trial.Trial == 0);
        foreach (var trial in result.LastRung.OrderByDescending(trial => trial.Value).ThenBy(trial => trial.Trial))
        {
            var difference = trial.Trial == 0 || trial.Failure is not null || recipe.Failure is not null
                ? string.Empty : Difference(trial, recipe);
            to.WriteLine(trial.Failure is null
                ? string.Create(CultureInfo.InvariantCulture, $"  trial {trial.Trial,-4} {trial.Value:0.0000}{difference}")
                : $"  trial {trial.Trial,-4} failed: {trial.Failure}");
            to.WriteLine(Paragraph.Wrap($"      {plan.Words(trial.Trial)}", 6));
        }

        if (plan.Windows > 1)
        {
            PrintLast(to, result);
        }
        else
        {
            to.WriteLine(Paragraph.Wrap(
                "The best was chosen by these very users, so its lead is flattered: of many equal trials one leads by luck. What counts "
                    + "is another set of users: other time windows (--windows), or --final, once.", 0));
        }
    }

    /// <summary><c>trials.csv</c>: a row for each trial of each rung; with windows a column for each of them, the
    /// last filled where it was judged.</summary>
    public static string Csv(TuneResult result)
    {
        var plan = result.Plan;
        var windows = plan.Windows > 1 ? Enumerable.Range(1, plan.Windows).ToArray() : [];
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"rung,trial,epochs,seeds,{result.Metric}")
            .AppendJoin("", windows.Select(window => $",{result.Metric} window {RollingWindows.Text(window, plan.Windows)}"))
            .AppendJoin("", plan.Ranges.Select(range => $",{range.Key}")).Append('\n');
        foreach (var trial in result.Trials)
        {
            var isLast = trial.Rung == plan.Rungs.Count - 1;
            text.Append(CultureInfo.InvariantCulture,
                $"{trial.Rung + 1},{trial.Trial},{plan.Rungs[trial.Rung].Epochs},{(isLast ? plan.Seeds : 1)},{(trial.Failure is null ? Exact(trial.Value) : string.Empty)}");
            text.AppendJoin("", windows.Select(window => "," + (window == plan.Windows
                ? isLast && result.OnLast(trial.Trial) is { } there ? Exact(there.Average()) : string.Empty
                : trial.Failure is null ? Exact(trial.Windows[window - 1].Average()) : string.Empty)));
            var values = SettingsOf(plan, trial.Trial).Values;
            text.AppendJoin("", plan.Ranges.Select(range => $",\"{SettingCatalogue.Find(range.Key).Read(values)}\"")).Append('\n');
        }

        return text.ToString();
    }

    /// <summary>The result as JSON.</summary>
    public static JsonObject Json(TuneResult result, string path)
    {
        var json = new JsonObject
        {
            ["folder"] = path,
            ["metric"] = result.Metric,
            ["best"] = result.Best,
            ["recipe"] = JsonNode.Parse(Recipe(result.Plan, result.Best)),
            ["lastRung"] =
                new JsonArray(
                [.. result.LastRung.Select(trial => (JsonNode)new JsonObject { ["trial"] = trial.Trial, ["value"] = trial.Failure is null
                ? trial.Value : null, ["settings"] = result.Plan.Words(trial.Trial), ["failure"] = trial.Failure })]),
        };
        if (result.Plan.Windows > 1)
        {
            json["windows"] = Windows(result);
        }

        return json;
    }

    /// <summary>What windows say, as JSON: means of the trials of the last rung on each that chose, the last apart, and
    /// whether the choice holds there.</summary>
    public static JsonObject Windows(TuneResult result) => new()
    {
        ["windows"] = result.Plan.Windows,
        ["metric"] = result.Metric,
        ["best"] = result.Best,
        ["trials"] = new JsonArray([.. result.LastRung.Where(trial => trial.Failure is null).Select(trial => (JsonNode)new JsonObject
        {
            ["trial"] = trial.Trial,
            ["mean"] = trial.Value,
            ["choosing"] = new JsonArray([.. trial.Windows.Select(window => (JsonNode)window.Average())]),
            ["last"] = result.OnLast(trial.Trial)?.Average(),
        })]),
        ["choice"] = result.Choice is { } choice ? WindowChoiceText.Json(choice) : null,
        ["failureOnLast"] = result.FailureOnLast,
    };

    /// <summary>A trial as a recipe: every setting that is not the default's but where the data is, and the ranges.</summary>
    public static string Recipe(TunePlan plan, int trial)
    {
        var settings = SettingsOf(plan, trial);
        var recipe = new JsonObject();
        foreach (var setting in settings.Notable().Where(setting => !setting.Key.StartsWith("data.", StringComparison.Ordinal)))
        {
            recipe[setting.Key] = setting.Read(settings.Values);
        }

        recipe["tune"] = new JsonObject(plan.Ranges.Select(range => KeyValuePair.Create(range.Key, (JsonNode?)range.Text)));
        return recipe.ToJsonString(TunePlan.Indented) + "\n";
    }

    private static void PrintLast(TextWriter to, TuneResult result)
    {
        to.WriteLine();
        to.WriteLine(
            Paragraph.Wrap(
            FormattableString.Invariant(
            $"Window {result.Plan.Windows} alone, which had no part in choosing; each run at its own best evaluation"), 0));
        foreach (var trial in result.Confirmed)
        {
            var name = trial.Trial == 0 ? "recipe" : FormattableString.Invariant($"trial {trial.Trial}");
            to.WriteLine(trial.Failure is null ? FormattableString.Invariant($"  {name,-10} {trial.Value:0.0000}")
                : $"  {name,-10} failed: {trial.Failure}");
        }

        to.WriteLine();
        if (result.Choice is { } choice)
        {
            to.WriteLine(Paragraph.Wrap(WindowChoiceText.Lead(choice), 0));
            to.WriteLine(Paragraph.Wrap(WindowChoiceText.Verdict(choice), 0));
        }
        else if (result.Best == 0)
        {
            to.WriteLine(
                Paragraph.Wrap(
                $"No trial is ahead of the recipe on the mean over {WindowChoiceText.Choosing(result.Plan.Windows)}: nothing was chosen over it.", 0));
        }
        else
        {
            to.WriteLine(Paragraph.Wrap($"Whether the choice holds is not known: a run of the recipe or of trial {result.Best} failed.",
                0));
        }
    }

    private static string Difference(TuneTrial trial, TuneTrial recipe)
    {
        double[][] differences = [.. trial.Windows.Zip(recipe.Windows, (mine, theirs) => mine.Zip(theirs, (x, y) => x - y).ToArray())];
        var ahead = differences.Length > 1
            ? FormattableString.Invariant($"  {differences.Count(window => window.Average() > 0)}/{differences.Length}") : string.Empty;
        return Difference(WindowChoice.MeanOver(differences)) + ahead;
    }

    private static string Difference(Interval difference) =>
        $"  {DifferenceText.Signed(difference.Value)} {DifferenceText.Range(difference)}";

    private static string Exact(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    private static ResolvedSettings SettingsOf(TunePlan plan, int trial) => plan.Draw(trial)
        .Aggregate(plan.Base, (settings, drawn) => settings.With(drawn.Key, drawn.Value, "tune"));
}
