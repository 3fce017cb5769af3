using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using TwoTower.Model.Data;
using TwoTower.Model.Evaluation;
using TwoTower.Model.Storage;
using TwoTower.Node.Display;
using TwoTower.Node.Runs;
using TwoTower.Node.Settings;
using TwoTower.Node.Shell;

namespace TwoTower.Node.Commands;

/// <summary><c>twotower evaluate</c>: the metrics of any pair of embedding tables against any positives.</summary>
internal static class EvaluateCommand
{
    private static readonly JsonSerializerOptions s_indented = new() { WriteIndented = true };

    public static Command Create()
    {
        var command = new Command("evaluate", """
            Score embeddings against held-out positives, ranking the whole catalogue. Held-out positives outside the catalogue count as misses.

            Examples:
              twotower evaluate --embeddings runs/mine --positives val.parquet --seen train.parquet
              twotower evaluate --run runs/mine --set evaluate.baselines=all
              twotower evaluate --run runs/mine --final
            """);
        var run = new Option<string>("--run")
        {
            Description =
            "Folder of a run that has ended: judge its best model on its own data, beside its baselines; --set takes evaluate.*"
        };
        var final = new Option<bool>("--final") { Description = "With --run: test metrics too, once, when every choice has been made" };
        var embeddings =
            new Option<string>("--embeddings") { Description = "Folder with user_embeddings.npy, item_embeddings.npy and their id maps" };
        var positives = new Option<string[]>("--positives")
        {
            Description = "Files of held-out positives",
            AllowMultipleArgumentsPerToken = true
        };
        var seen = new Option<string[]>("--seen") { Description = "Files of items to mask", AllowMultipleArgumentsPerToken = true };
        var threshold = new Option<string>("--positive-threshold")
        {
            Description =
            "Ratings from this on are positive, in files that have ratings (default: 4)"
        };
        var protocol = new Option<string>("--protocol") { Description = "masked or raw", DefaultValueFactory = _ => "masked" };
        var cutoffs = new Option<string>("--cutoffs") { Description = "The K's", DefaultValueFactory = _ => "10,50,100" };
        var json = new Option<bool>("--json") { Description = "Print JSON" };
        foreach (var option in new Option[] { run, final, embeddings, positives, seen, threshold, protocol, cutoffs, json })
        {
            command.Options.Add(option);
        }

        var reading = new ReadingOptions(command);
        command.SetAction(parsed =>
        {
            if (Setting.PathOf("--run", parsed.GetValue(run)) is { } folder)
            {
                if (new Option[] { embeddings, positives, seen, threshold, protocol, cutoffs }.FirstOrDefault(option =>
                    parsed.GetResult(option) is { Implicit: false }) is { } other)
                {
                    throw new SettingException(
                        $"--run brings its own embeddings, data and settings; leave {other.Name} out (--set takes evaluate.*).");
                }

                if (reading.Unused(parsed) is { Name: "--lenient" })
                {
                    throw new SettingException("--run brings its own data and how it is read; leave --lenient out.");
                }

                return EvaluateRun.Run(folder, parsed.GetValue(reading.Set) ?? [], parsed.GetValue(final), parsed.GetValue(json));
            }

            if (parsed.GetValue(final) || parsed.GetValue(embeddings) is null || parsed.GetValue(positives) is not { Length: > 0 })
            {
                throw new SettingException(parsed.GetValue(final)
                    ? "--final needs --run: whether files are a test, only whoever names them knows."
                    : "Name --run FOLDER, or --embeddings FOLDER and --positives FILE.");
            }

            var options = reading.Of(parsed);
            if (parsed.GetValue(threshold) is { } text)
            {
                options = SettingCatalogue.Find("data.positiveThreshold").Apply(new RunSettings(new(), options), text).Data;
            }

            return Run(
                Setting.PathOf("--embeddings", parsed.GetValue(embeddings))!, Paths("--positives", parsed.GetValue(positives)),
                Paths("--seen", parsed.GetValue(seen)), options, parsed.GetValue(protocol)!, parsed.GetValue(cutoffs)!,
                parsed.GetValue(json));
        });
        return command;
    }

    private static string[] Paths(string flag, string[]? paths) => [.. (paths ?? []).Select(path => Setting.PathOf(flag, path)!)];

    private static int Run(string folder, string[] positiveFiles, string[] seenFiles, DataOptions options, string protocolName,
        string cutoffText, bool json)
    {
        if (!Enum.TryParse<RankingProtocol>(protocolName, ignoreCase: true, out var protocol) || !protocol.ToString()
            .Equals(protocolName, StringComparison.OrdinalIgnoreCase))
        {
            throw Setting.Refused("--protocol", protocolName, "masked or raw");
        }

        if (protocol == RankingProtocol.Masked && seenFiles.Length == 0)
        {
            throw new SettingException("The masked protocol needs --seen FILE (the train positives); --protocol raw ranks without a mask.");
        }

        var cutoffs = SettingCatalogue.Find("evaluate.cutoffs").Apply(new RunSettings(new(), new()), cutoffText).Training.Cutoffs;
        var (embeddings, users, items) = EmbeddingFolder.Load(folder);
        if (cutoffs.Max() > items.Count)
        {
            throw new SettingException($"--cutoffs asks for the top {cutoffs.Max()}, but the catalogue has {items.Count} items.");
        }

        var held = FileTask.Of(positiveFiles, seenFiles, users, items, options);
        TorchSharp.torch.set_num_threads(1);
        var result = RankingEvaluator.Evaluate(new DotProductScorer(embeddings), held.Task, protocol, cutoffs, Environment.ProcessorCount);
        if (json)
        {
            Console.WriteLine(new JsonObject
            {
                ["protocol"] = protocolName.ToLowerInvariant(),
                ["users"] = held.Task.Users.Length,
                ["positives"] = held.Task.Positives.Count,
                ["misses"] = held.Misses,
                ["dropped"] = held.Dropped,
                ["rowsBelowThreshold"] = held.BelowThreshold,
                ["candidates"] = items.Count,
                ["ties"] = ProtocolCard.EqualScores,
                ["tiedUsers"] =
                    new JsonObject(result.TiedUsers.Select(tied => KeyValuePair.Create(tied.Key.ToString(CultureInfo.InvariantCulture),
                    (JsonNode?)tied.Value))),
                ["metrics"] = Summary.Metrics(result),
                ["notes"] = new JsonArray([.. held.Notes.Select(note => (JsonNode)note)]),
            }.ToJsonString(s_indented));
            return ExitCode.Success;
        }

        Console.WriteLine(FormattableString.Invariant(
            $"{held.Task.Users.Length:#,0} users, {held.Task.Positives.Count:#,0} positives ")
                + FormattableString.Invariant(
                $"and {held.Misses:#,0} misses, {items.Count:#,0} candidates, {protocolName.ToLowerInvariant()}"));
        Console.WriteLine(
            Paragraph.Wrap(
            $"  {ProtocolCard.EqualScores}; users whose list ends in a "
            + $"tie: {string.Join(", ", result.TiedUsers.OrderBy(tied => tied.Key).Select(tied => string.Create(CultureInfo.InvariantCulture, $"{tied.Value:#,0} at {tied.Key}")))}", 4));
        foreach (var note in held.Notes)
        {
            Console.WriteLine(Paragraph.Wrap($"  note: {note}", 4));
        }

        foreach (var metric in result.Metrics)
        {
            Console.WriteLine($"  {metric,-14} {DifferenceText.WithRange(Bootstrap.Mean(result.PerUser(metric)))}");
        }

        return ExitCode.Success;
    }
}
