using System.CommandLine;
using System.Text.Json.Nodes;
using TwoTower.Model.Storage;
using TwoTower.Node.Exports;
using TwoTower.Node.Runs;
using TwoTower.Node.Settings;
using TwoTower.Node.Shell;

namespace TwoTower.Node.Commands;

/// <summary><c>twotower candidates</c>: every user's best items, for a ranking stage.</summary>
internal static class CandidatesCommand
{
    private const int MostCandidates = 10_000;

    public static Command Create()
    {
        var run = new Option<string>("--run") { Description = "Folder of a run that has ended", Required = true };
        var k = new Option<string>("--k") { Description = "Items for each user", DefaultValueFactory = _ => "100" };
        var format = new Option<string>("--format") { Description = "parquet or csv", DefaultValueFactory = _ => "parquet" };
        var output =
            new Option<string>("--out") { Description = "The file (default: candidates.parquet or candidates.csv in the run's folder)" };
        var json = new Option<bool>("--json") { Description = "Print what was written as JSON" };
        var command = new Command("candidates", """
            Write every user's best items under a run's best model as rows of user_id, item_id, rank and score, for a stage that ranks them anew.
            What a user has seen (train positives) is left out; so are users without any, of whom nothing was learned.

            Examples:
              twotower candidates --run runs/mine --k 100
              twotower candidates --run runs/mine --k 500 --format csv --out candidates.csv
            """) { run, k, format, output, json };
        command.SetAction(parsed =>
        {
            var (count, form, path) = (Setting.Count("--k", parsed.GetValue(k)!, 1, MostCandidates),
                parsed.GetValue(format)!.ToLowerInvariant(), Setting.PathOf("--run", parsed.GetValue(run))!);
            if (form is not ("parquet" or "csv"))
            {
                throw Setting.Refused("--format", form, "parquet or csv");
            }

            var file = Setting.PathOf("--out", parsed.GetValue(output)) ?? Path.Combine(path, $"candidates.{form}");
            if (Path.GetExtension(file).ToLowerInvariant() is var extension && extension is ".csv" or ".parquet" && extension != $".{form}")
            {
                throw new SettingException($"--out {file} would be {form}; say --format {extension[1..]}, or choose another name.");
            }

            var ended = EndedRun.Read(path, null, TextWriter.Null);
            var lists = new CandidateLists(ended, count);
            AtomicFile.Write(file, stream =>
            {
                if (form == "csv")
                {
                    CandidateFile.WriteCsv(stream, lists, ended.Data);
                }
                else
                {
                    CandidateFile.WriteParquet(stream, lists, ended.Data);
                }
            });
            if (parsed.GetValue(json))
            {
                Console.WriteLine(new JsonObject { ["file"] = file, ["format"] = form, ["users"] = lists.Users.Count, ["k"] = count }
                    .ToJsonString(new() { WriteIndented = true }));
            }
            else
            {
                Console.WriteLine(
                    FormattableString.Invariant(
                    $"{lists.Users.Count:#,0} of {ended.Data.Users.Count:#,0} users, up to {count:#,0} items each: {file}"));
            }

            return ExitCode.Success;
        });
        return command;
    }
}
