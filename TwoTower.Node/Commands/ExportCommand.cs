using System.CommandLine;
using System.Text.Json.Nodes;
using TwoTower.Model;
using TwoTower.Model.Storage;
using TwoTower.Node.Exports;
using TwoTower.Node.Learned;
using TwoTower.Node.Settings;
using TwoTower.Node.Shell;

namespace TwoTower.Node.Commands;

/// <summary><c>twotower export</c>: a run's vectors for other programs.</summary>
internal static class ExportCommand
{
    public static Command Create()
    {
        var run = new Option<string>("--run") { Description = "Folder of a run that has ended", Required = true };
        var format = new Option<string>("--format")
        {
            Description = string.Join(", ", ExportFormat.All.Select(known => known.Name)),
            Required = true
        };
        var output = new Option<string>("--out") { Description = "Folder for the files (default: export-<format> in the run's folder)" };
        var json = new Option<bool>("--json") { Description = "Print what was written as JSON" };
        var command = new Command("export", $"""
            Write a run's best model, with ids and titles, for other programs:
            {string.Join(Environment.NewLine, ExportFormat.All.Select(known => $"  {known.Name,-12} {known.Description}"))}

            Examples:
              twotower export --run runs/mine --format npy
              twotower export --run runs/mine --format onnx --out serving
            """) { run, format, output, json };
        command.SetAction(parsed =>
        {
            var name = parsed.GetValue(format)!;
            var chosen = ExportFormat.All.FirstOrDefault(known => known.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
                ?? throw new SettingException(
                    $"--format cannot be '{name}'; it "
                    + $"takes {string.Join(", ", ExportFormat.All.Select(known => known.Name))}.{NearNames.Question(NearNames.Of(name, ExportFormat.All.Select(known => known.Name), 1))}");
            var path = Setting.PathOf("--run", parsed.GetValue(run))!;
            var folder = Setting.PathOf("--out", parsed.GetValue(output)) ?? Path.Combine(path, $"export-{chosen.Name}");
            var model = LearnedModel.Open(path);
            try
            {
                Directory.CreateDirectory(folder);
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                throw new StorageException($"The folder '{folder}' cannot be made: {PlainReason.Of(failure)}; choose another with --out.",
                    failure);
            }

            var files = chosen.Write(model, folder);
            if (parsed.GetValue(json))
            {
                Console.WriteLine(new JsonObject
                {
                    ["format"] = chosen.Name,
                    ["folder"] = folder,
                    ["files"] = new JsonArray([.. files.Select(file => (JsonNode)file)])
                }.ToJsonString(new() { WriteIndented = true }));
                return ExitCode.Success;
            }

            Console.WriteLine(
                FormattableString.Invariant(
                $"{model.Run.Data.Users.Count:#,0} users and {model.Run.Data.Items.Count:#,0} items of '{path}', in {folder}:"));
            foreach (var file in files)
            {
                Console.WriteLine(
                    FormattableString.Invariant($"  {file,-26} {new FileInfo(Path.Combine(folder, file)).Length,14:#,0} bytes"));
            }

            return ExitCode.Success;
        });
        return command;
    }
}
