using System.CommandLine;
using System.Text.Json;
using TwoTower.Model.Data;
using TwoTower.Model.Data.Loading;
using TwoTower.Model.Evaluation;
using TwoTower.Node.Display;
using TwoTower.Node.Settings;
using TwoTower.Node.Shell;

namespace TwoTower.Node.Commands;

/// <summary><c>twotower data inspect</c>: what a file or folder holds.</summary>
internal static class DataCommand
{
    private static readonly JsonSerializerOptions s_json =
        new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    public static Command Create()
    {
        var path = new Argument<string>("path")
        {
            Description =
            "MovieLens folder or zip, CSV, parquet, or a prepared folder (default: the synthetic data of data.profile)",
            Arity = ArgumentArity.ZeroOrOne
        };
        var json = new Option<bool>("--json") { Description = "Print JSON" };
        var inspect = new Command("inspect", """
            Print what was read: rows, users, items, density, time span, ratings, popularity, activity. Then how it is split, and of the positives that are held out, which are judged and
            why the others are not.

            Examples:
              twotower data inspect ml-1m.zip
              twotower data inspect ratings.csv --set data.userColumn=who --json
              twotower data inspect --set data.profile=bursty
            """) { path, json };
        var reading = new ReadingOptions(inspect, takesAllData: true);
        inspect.SetAction(parsed =>
        {
            var options = reading.Of(parsed);
            options = options with { Path = parsed.GetValue(path) is { } given ? Setting.PathOf("data inspect", given) : options.Path };
            var summary = DataSummary.Of(options);
            if (parsed.GetValue(json))
            {
                Console.WriteLine(JsonSerializer.Serialize(summary, s_json));
            }
            else
            {
                Print(summary);
                PrintSplit(options, summary.Warnings);
            }

            return ExitCode.Success;
        });
        return new Command("data", "Look at data.") { inspect };
    }

    private static void PrintSplit(DataOptions options, IReadOnlyList<string> known)
    {
        RecommenderData data;
        try
        {
            data = DataLoader.Load(options);
        }
        catch (DataException impossible)
        {
            Console.WriteLine(Paragraph.Wrap($"  split: {impossible.Message}", 4));
            return;
        }

        var split = data.Split;
        Console.WriteLine(
            Paragraph.Wrap(
            FormattableString.Invariant(
            $"  split        {split.Kind.InWords()}, ")
            + FormattableString.Invariant(
            $"positives {split.PositivesRule}: {data.Train.Count:#,0} train, {data.Validation.Count:#,0} validation, {data.Test.Count:#,0} test"), 4));
        foreach (var part in split.HeldOut.Where(part => part.All > 0))
        {
            Console.WriteLine(FormattableString.Invariant($"  {part.Name,-12} {part.Judged:#,0} of {part.All:#,0} positives are judged"));
            foreach (var reason in part.Reasons)
            {
                Console.WriteLine(Paragraph.Wrap($"    {reason}", 6));
            }
        }

        foreach (var warning in split.Warnings.Except(split.HeldOut.SelectMany(part => part.Reasons)).Except(known))
        {
            Console.WriteLine(Paragraph.Wrap($"  warning: {warning}", 4));
        }
    }

    private static void Print(DataSummary summary)
    {
        void Line(FormattableString text) => Console.WriteLine(FormattableString.Invariant(text));
        var idle = summary.IdleTitles > 0 ? FormattableString.Invariant($"; {summary.IdleTitles:#,0} titles of none of them")
            : string.Empty;
        Line($"{summary.Name}: {summary.Format}");
        Line($"  rows         {summary.Rows:#,0} ({summary.Duplicates:#,0} repeat a user and item; {summary.BadLines:#,0} lines skipped)");
        Line($"  users        {summary.Users:#,0}, ratings each: {summary.RatingsPerUser.Minimum} at least, median {summary.RatingsPerUser.Median:0.#}, mean {summary.RatingsPerUser.Mean:0.0}, {summary.RatingsPerUser.Maximum:#,0} at most");
        Line($"  items        {summary.Items:#,0} ({summary.Titles:#,0} with a title{idle})");
        Line($"  density      {summary.Density:0.00%}");
        Console.WriteLine(summary.HasTimes
            ? FormattableString.Invariant(
                $"  time         {ProtocolCard.Time(summary.Earliest)} to {ProtocolCard.Time(summary.Latest)} UTC ")
                + FormattableString.Invariant($"({summary.ZeroTimestamps:#,0} unknown)")
            : "  time         rows have none");
        Line($"  popularity   top 1% of items have {summary.Popularity.TopOnePercent:0.0%} of ratings, top 10% {summary.Popularity.TopTenPercent:0.0%}; Gini {summary.Popularity.Gini:0.00}");
        Console.WriteLine("  ratings");
        var most = Math.Max(1, summary.RatingHistogram.Max(count => count.Rows));
        (string Name, int Rows)[] bands =
            [.. summary.RatingHistogram.Select(band =>
            (band.From == band.To ? Number(band.From) : $"{Number(band.From)} to {Number(band.To)}", band.Rows))];
        var width = Math.Max(4, bands.Max(band => band.Name.Length));
        foreach (var (name, rows) in bands)
        {
            Line($"    {name.PadLeft(width)} {rows,12:#,0} {new string('#', (int)Math.Ceiling(Math.Max(10, 58.0 - width) * rows / most))}");
        }

        static string Number(float rating) => rating.ToString(float.IsInteger(rating) && Math.Abs(rating) >= 1000 ? "#,0" : "0.0#####",
            System.Globalization.CultureInfo.InvariantCulture);

        foreach (var warning in summary.Warnings)
        {
            Line($"  warning: {warning}");
        }
    }
}
