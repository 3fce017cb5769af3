using System.CommandLine;
using System.Globalization;
using TwoTower.Model.Storage;
using TwoTower.Node.Diagnosis;
using TwoTower.Node.Display;
using TwoTower.Node.Recipes;
using TwoTower.Node.Settings;

namespace TwoTower.Node.Commands;

/// <summary><c>twotower diagnose</c>: why a model is no better.</summary>
internal static class DiagnoseCommand
{
    public static Command Create()
    {
        var run = new Argument<string?>("run") { Description = "Folder of a run that has ended", Arity = ArgumentArity.ZeroOrOne };
        var recipe = new Option<string>("--recipe") { Description = "A recipe, or a JSON file, that is trained first" };
        var flags = RunCommand.Flags.Select(flag => (flag.Flag, flag.Key, Option: new Option<string>(flag.Flag) { Description = flag.Help })).ToArray();
        var set = new Option<string[]>("--set") { Description = "key=value; with a run's folder evaluate.* only; may be repeated" };
        var lenient = new Option<bool>("--lenient") { Description = "Skip and count lines that do not parse" };
        var quick = new Option<bool>("--quick") { Description = "Train nothing again: costs that need it are not measured" };
        var output = new Option<string>("--out") { Description = "Folder of the diagnosis (default: diagnosis in the run's folder, or diagnoses/<time>-<recipe>)" };
        var json = new Option<bool>("--json") { Description = "Print JSON" };
        var command = new Command("diagnose", """
            Say why a model is no better: findings ranked by what they cost in recall@10, each with its numbers and what to do. A cost is measured by training again with
            only that change. Leaves diagnosis.json and diagnosis.html.

            Examples:
              twotower diagnose runs/20260101-120000-recommended
              twotower diagnose --recipe seed-bpr --data ml-1m.zip
              twotower diagnose --data ratings.csv
            """) { run, recipe };
        foreach (var option in flags.Select(flag => (Option)flag.Option).Concat([set, lenient, quick, output, json]))
        {
            command.Options.Add(option);
        }

        command.SetAction((parsed, _) =>
        {
            var given = flags.Where(flag => parsed.GetValue(flag.Option) is not null)
                .Select(flag => (flag.Flag, flag.Key, Value: flag.Flag == "--data" ? Setting.PathOf(flag.Flag, parsed.GetValue(flag.Option))! : parsed.GetValue(flag.Option)!)).ToArray();
            var pairs = parsed.GetValue(set) ?? [];
            var request = new Request(Setting.PathOf("run", parsed.GetValue(run)), Setting.PathOf("--out", parsed.GetValue(output)), parsed.GetValue(quick), parsed.GetValue(json));
            if (request.Run is not null)
            {
                return parsed.GetValue(recipe) is not null || given.Length > 0 || parsed.GetValue(lenient)
                    ? throw new SettingException("A run's folder has its own recipe, data and settings; beside it only --set evaluate.*, --quick, --out and --json may be given.")
                    : RunAsync(request, pairs);
            }

            if (parsed.GetValue(recipe) is null && given.All(flag => flag.Flag is not ("--data" or "--profile")))
            {
                throw new SettingException("Say what to diagnose: the folder of a run, --recipe, or --data.");
            }

            var settings = parsed.GetValue(recipe) is { } name ? RecipeReader.Read(name) : new ResolvedSettings("none");
            ConfiguredValues.Here().ApplyTo(settings);
            foreach (var (flag, key, value) in given)
            {
                settings.Set(key, value, flag);
            }

            if (parsed.GetValue(lenient))
            {
                settings.Set("data.lenient", "true", "--lenient");
            }

            foreach (var (key, value) in pairs.Select(SettingCatalogue.Pair))
            {
                settings.Set(key, value, "--set");
            }

            settings.FitMetric();
            return parsed.GetValue(recipe) is null ? DataAsync(request, settings) : RecipeAsync(request, settings);
        });
        return command;
    }

    private static async Task<int> RunAsync(Request request, IReadOnlyList<string> pairs)
    {
        TorchSharp.torch.set_num_threads(1);
        var (subject, command) = SubjectReader.OfRun(request.Run!, null, pairs, request.Say);
        return await ShowAsync(request, subject, command, request.Output ?? Path.Combine(request.Run!, "diagnosis")).ConfigureAwait(false);
    }

    private static async Task<int> RecipeAsync(Request request, ResolvedSettings settings)
    {
        settings.Check();
        new Engines.LiveEngine().Check(settings);
        var folder = request.Output ?? Default(settings.Recipe);
        var isThere = Sweeps.RunRecord.IsWhole(Path.Combine(folder, "run"));
        await request.Say.WriteLineAsync($"{(isThere ? "Reading" : $"Training {settings.Recipe} into")} {Path.Combine(folder, "run")}{(isThere ? string.Empty : " …")}").ConfigureAwait(false);
        if (await RunTraining.RunAsync(settings, "train", Path.Combine(folder, "run")).ConfigureAwait(false) is { } failure)
        {
            throw new Actors.Training.TrainingException(failure);
        }

        TorchSharp.torch.set_num_threads(1);
        var (subject, command) = SubjectReader.OfRun(Path.Combine(folder, "run"), $"recipe {settings.Recipe}", [], request.Say);
        return await ShowAsync(request, subject with { Settings = settings }, command, folder).ConfigureAwait(false);
    }

    private static Task<int> DataAsync(Request request, ResolvedSettings settings)
    {
        TorchSharp.torch.set_num_threads(1);
        var subject = SubjectReader.OfData(settings, request.Say);
        return ShowAsync(request, subject, "train", request.Output ?? Default(subject.Data.Name));
    }

    private static async Task<int> ShowAsync(Request request, DiagnosisSubject subject, string command, string folder)
    {
        var found = Examination.Of(subject, CheckCatalogue.All);
        var counterfactuals = request.Quick ? null : new CounterfactualRuns(command, Path.Combine(folder, "counterfactuals"));
        var result = await Examination.MeasureAsync(found, counterfactuals, text => request.Say.WriteLine(Paragraph.Wrap(text, 2))).ConfigureAwait(false);
        var document = DiagnosisJson.Of(result).ToJsonString(new() { WriteIndented = true });
        var (jsonPath, pagePath) = (Path.Combine(folder, "diagnosis.json"), Path.Combine(folder, "diagnosis.html"));
        try
        {
            Directory.CreateDirectory(folder);
            AtomicFile.WriteText(jsonPath, document + "\n");
            DiagnosisPage.Write(result, pagePath);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"'{folder}' cannot be written: {PlainReason.Of(failure)}; choose another --out.", failure) { Writing = Directory.Exists(folder) };
        }

        if (request.Json)
        {
            Console.WriteLine(document);
        }
        else
        {
            DiagnosisText.Write(Console.Out, result);
            Console.WriteLine($"Page: {pagePath}");
        }

        return Program.Success;
    }

    private static string Default(string name) => Path.Combine("diagnoses", string.Create(CultureInfo.InvariantCulture, $"{DateTime.Now:yyyyMMdd-HHmmss}-{name}"));

    private sealed record Request(string? Run, string? Output, bool Quick, bool Json)
    {
        public TextWriter Say => Json ? TextWriter.Null : Console.Out;
    }
}
