using System.CommandLine;
using System.Globalization;
using TwoTower.Model;
using TwoTower.Model.Storage;
using TwoTower.Node.Diagnosis;
using TwoTower.Node.Diagnosis.Checks;
using TwoTower.Node.Display;
using TwoTower.Node.Engines;
using TwoTower.Node.Recipes;
using TwoTower.Node.Runs;
using TwoTower.Node.Settings;
using TwoTower.Node.Shell;
using TwoTower.Node.Sweeps;

namespace TwoTower.Node.Commands;

/// <summary><c>twotower diagnose</c>: why a model is no better.</summary>
internal static class DiagnoseCommand
{
    private const int UsualWindows = 3;

    public static Command Create()
    {
        var run = new Argument<string?>("run") { Description = "Folder of a run that has ended", Arity = ArgumentArity.ZeroOrOne };
        var recipe = new Option<string>("--recipe") { Description = "A recipe, or a JSON file, that is trained first" };
        var flags = RunCommand.Flags.Select(flag =>
            (flag.Flag, flag.Key, Option: new Option<string>(flag.Flag) { Description = flag.Help })).ToArray();
        var set = new Option<string[]>("--set") { Description = "Any setting; with a run's folder evaluate.* only; may be repeated" };
        var lenient = new Option<bool>("--lenient") { Description = "Skip and count lines that do not parse" };
        var quick = new Option<bool>("--quick") { Description = "Train nothing again: costs that need it are not measured" };
        var windows =
            new Option<string>(RollingWindows.Flag)
            {
                Description =
            "Judge recipe and advice on N windows that roll forward too: a training each, but for those that share the time of the run's "
            + "own validation (default 3; 1 is none, and so is --quick)"
            };
        var output =
            new Option<string>("--out")
            {
                Description =
            "Folder of the diagnosis (default: diagnosis in the run's folder, or diagnoses/<time>-<recipe>)"
            };
        var json = new Option<bool>("--json") { Description = "Print JSON" };
        var command = new Command("diagnose", """
            Say why a model is no better: findings ranked by what they cost in recall@10, each with its numbers and what to do. A cost is measured by training again with
            only that change, and tried on other windows of the data, because what gains on one alone is no advice. Leaves diagnosis.json and diagnosis.html.

            Examples:
              twotower diagnose runs/20260101-120000-recommended
              twotower diagnose --recipe seed-bpr --data ml-1m.zip
              twotower diagnose --data ratings.csv
            """) { run, recipe };
        foreach (var option in flags.Select(flag => (Option)flag.Option).Concat([set, lenient, quick, windows, output, json]))
        {
            command.Options.Add(option);
        }

        command.SetAction((parsed, _) =>
        {
            var given = flags.Where(flag => parsed.GetValue(flag.Option) is not null)
                .Select(flag =>
                    (flag.Flag, flag.Key, Value: flag.Flag == "--data" ? Setting.PathOf(flag.Flag, parsed.GetValue(flag.Option))!
                    : parsed.GetValue(flag.Option)!)).ToArray();
            var pairs = parsed.GetValue(set) ?? [];
            var request = new Request(Setting.PathOf("run", parsed.GetValue(run)), Setting.PathOf("--out", parsed.GetValue(output)),
                parsed.GetValue(quick), parsed.GetValue(json), WindowsOf(parsed.GetValue(windows), parsed.GetValue(quick)));
            if (request.Run is not null)
            {
                return parsed.GetValue(recipe) is not null || given.Length > 0 || parsed.GetValue(lenient)
                    ? throw new SettingException(
                        "A run's folder has its own recipe, data and settings; beside it only --set evaluate.*, --quick, --windows, --out "
                        + "and --json may be given.")
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
        DataFit.ApplyAndTell(settings, request.Say);
        settings.Check();
        new LiveEngine().Check(settings);
        var folder = request.Output ?? Default(settings.Recipe);
        var isThere = RunRecord.IsWhole(Path.Combine(folder, "run"));
        await request.Say.WriteLineAsync(
            $"{(isThere ? "Reading" : $"Training {settings.Recipe} into")} {Path.Combine(folder, "run")}{(isThere ? string.Empty : " …")}")
            .ConfigureAwait(false);
        if (await RunTraining.RunAsync(settings, "train", Path.Combine(folder, "run")).ConfigureAwait(false) is { } failure)
        {
            throw new Actors.Training.TrainingException(failure);
        }

        TorchSharp.torch.set_num_threads(1);
        var (subject, command) = SubjectReader.OfRun(Path.Combine(folder, "run"), $"recipe {settings.Recipe}", [], request.Say);
        foreach (var key in InnerChoice.Keys.Where(key => subject.Settings!.SourceOf(key) == InnerChoice.Auto))
        {
            settings.Set(key, SettingCatalogue.Find(key).Read(subject.Settings!.Values), InnerChoice.Auto); // as the run has chosen
        }

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
        var counterfactuals = request.Quick ? null : new CounterfactualRuns(command, Path.Combine(folder, "counterfactuals"));
        void Say(string text) => request.Say.WriteLine(Paragraph.Wrap(text, 2));
        var tried = await SubjectTrials.AddAsync(subject, counterfactuals, request.Windows, Say).ConfigureAwait(false);
        var result = await Examination.MeasureAsync(Examination.Of(tried, CheckCatalogue.All), counterfactuals, Say).ConfigureAwait(false);
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
            throw new StorageException($"'{folder}' cannot be written: {PlainReason.Of(failure)}; choose another --out.",
                failure)
            { Writing = Directory.Exists(folder) };
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

        return ExitCode.Success;
    }

    private static int WindowsOf(string? text, bool quick) => text switch
    {
        null => UsualWindows,
        _ when quick =>
            throw new SettingException(
            $"{RollingWindows.Flag} trains on every window, and --quick trains nothing again; leave one of them out."),
        "1" => 1,
        _ => RollingWindows.Count(text),
    };

    private static string Default(string name) =>
        Path.Combine("diagnoses", string.Create(CultureInfo.InvariantCulture, $"{RunFolder.Stamp()}-{name}"));

    private sealed record Request(string? Run, string? Output, bool Quick, bool Json, int Windows)
    {
        public TextWriter Say => Json ? TextWriter.Null : Console.Out;
    }
}
