using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using TwoTower.Model.Data;
using TwoTower.Model.Evaluation;
using TwoTower.Model.Storage;
using TwoTower.Node.Runs;
using TwoTower.Node.Settings;

namespace TwoTower.Node.Commands;

/// <summary><c>twotower evaluate</c>: the metrics of any pair of embedding tables against any positives.</summary>
internal static class EvaluateCommand
{
    private static readonly JsonSerializerOptions s_indented = new() { WriteIndented = true };

    public static Command Create()
    {
        var command = new Command("evaluate", """
            Score embeddings against held-out positives, ranking the whole catalogue.

            Example:
              twotower evaluate --embeddings runs/mine --positives val.parquet --seen train.parquet
            """);
        var embeddings = new Option<string>("--embeddings") { Description = "Folder with user_embeddings.npy, item_embeddings.npy and their id maps", Required = true };
        var positives = new Option<string[]>("--positives") { Description = "Files of held-out positives", Required = true, AllowMultipleArgumentsPerToken = true };
        var seen = new Option<string[]>("--seen") { Description = "Files of items to mask", AllowMultipleArgumentsPerToken = true };
        var protocol = new Option<string>("--protocol") { Description = "masked or raw", DefaultValueFactory = _ => "masked" };
        var cutoffs = new Option<string>("--cutoffs") { Description = "The K's", DefaultValueFactory = _ => "10,50,100" };
        var json = new Option<bool>("--json") { Description = "Print JSON" };
        foreach (var option in new Option[] { embeddings, positives, seen, protocol, cutoffs, json })
        {
            command.Options.Add(option);
        }

        command.SetAction(parsed => Run(
            parsed.GetValue(embeddings)!, parsed.GetValue(positives)!, parsed.GetValue(seen) ?? [], parsed.GetValue(protocol)!, parsed.GetValue(cutoffs)!, parsed.GetValue(json)));
        return command;
    }

    private static int Run(string folder, string[] positiveFiles, string[] seenFiles, string protocolName, string cutoffText, bool json)
    {
        if (!Enum.TryParse<RankingProtocol>(protocolName, ignoreCase: true, out var protocol) || !Enum.IsDefined(protocol))
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

        var held = positiveFiles.Select(file => Read(file, users, items)).ToArray();
        var masked = seenFiles.Select(file => Read(file, users, items)).ToArray();
        var task = new RankingTask(
            InteractionMatrix.From(users.Count, items.Count, [.. held.Select(read => read.Log)]),
            InteractionMatrix.From(users.Count, items.Count, [.. masked.Select(read => read.Log)]));
        if (task.Users.Length == 0)
        {
            throw new DataException("No user of the embeddings has a positive in the --positives files; are the raw ids the same?");
        }

        TorchSharp.torch.set_num_threads(1);
        var result = RankingEvaluator.Evaluate(new DotProductScorer(embeddings), task, protocol, cutoffs, Environment.ProcessorCount);
        var outside = held.Sum(read => read.Outside);
        if (json)
        {
            Console.WriteLine(new JsonObject
            {
                ["protocol"] = protocolName.ToLowerInvariant(),
                ["users"] = task.Users.Length,
                ["positives"] = task.Positives.Count,
                ["positivesOutsideCatalogue"] = outside,
                ["candidates"] = items.Count,
                ["metrics"] = Summary.Metrics(result),
            }.ToJsonString(s_indented));
            return Program.Success;
        }

        Console.WriteLine(FormattableString.Invariant($"{task.Users.Length:#,0} users, {task.Positives.Count:#,0} positives ({outside} outside the catalogue), {items.Count:#,0} candidates, {protocolName.ToLowerInvariant()}"));
        foreach (var metric in result.Metrics)
        {
            var interval = Bootstrap.Mean(result.PerUser(metric));
            Console.WriteLine(FormattableString.Invariant($"  {metric,-14} {interval.Value:0.0000} [{interval.Low:0.0000}, {interval.High:0.0000}]"));
        }

        return Program.Success;
    }

    private static (InteractionLog Log, int Outside) Read(string file, IdCatalogue users, IdCatalogue items)
    {
        var table = RatingSource.Read(file, new DataOptions());
        var rows = new List<(int User, int Item, long Time)>();
        for (var row = 0; row < table.Count; row++)
        {
            if (users.TryGetIndex(table.Users.RawIds[table.UserAt(row)], out var user) && items.TryGetIndex(table.Items.RawIds[table.ItemAt(row)], out var item))
            {
                rows.Add((user, item, table.TimestampAt(row)));
            }
        }

        return (new InteractionLog([.. rows.Select(row => row.User)], [.. rows.Select(row => row.Item)], [.. rows.Select(row => row.Time)]), table.Count - rows.Count);
    }
}
