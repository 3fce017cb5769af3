using System.CommandLine;
using TwoTower.Model.Data;
using TwoTower.Node.Dashboard;
using TwoTower.Node.Display;
using TwoTower.Node.Engines;
using TwoTower.Node.Recipes;
using TwoTower.Node.Runs;
using TwoTower.Node.Settings;
using TwoTower.Node.Telemetry;

namespace TwoTower.Node.Commands;

/// <summary>The options of a command that carries out a run, and how they become settings.</summary>
internal sealed class RunCommand
{
    /// <summary>Options that stand for one setting: flag, key, help.</summary>
    internal static readonly IReadOnlyList<(string Flag, string Key, string Help)> Flags =
    [
        ("--data", "data.path", "MovieLens folder or zip, CSV, parquet, or a prepared folder (default: synthetic data)"),
        ("--profile", "data.profile", $"Synthetic data: {string.Join(", ", SyntheticProfile.All.Select(profile => profile.Name))}"),
        ("--split", "data.split", "How the data is split: auto, global-time, leave-last-out, random or prepared"),
        ("--workers", "train.workers", "Worker actors"),
        ("--shards", "train.shards", "Parameter shards"),
        ("--partitioner", "train.partitioner", "How rows are spread over the shards: range, modulo, hash or balanced"),
        ("--consistency", "train.consistency", "How far workers may run ahead: bsp, ssp:S, asp or softsync:N"),
        ("--prefetch", "train.prefetch", "Batches pulled ahead"),
        ("--epochs", "train.epochs", "Passes over the train positives"),
        ("--batch-size", "train.batchSize", "Examples per batch"),
        ("--seed", "train.seed", "Seed of the training"),
    ];

    /// <summary>The flag of a run that is shown while it goes on.</summary>
    internal const string Dashboard = "--dashboard";

    private const string Json = "--json";

    private readonly Command _command;
    private readonly List<(Option<string> Option, Action<ResolvedSettings, string> Set)> _flags = [];
    private readonly List<Option> _others = [];
    private readonly Option<string> _recipe =
        new("--recipe")
        {
            Description =
        "What the settings are before flags and --set change them: recommended, one-window, seed-bpr, consultation, or the path of a JSON file",
            DefaultValueFactory = _ => "recommended"
        };
    private readonly Option<string[]> _set = new("--set") { Description = "Any setting, which 'twotower settings' lists; may be repeated" };
    private readonly Option<bool> _lenient = new("--lenient") { Description = "Skip and count lines that do not parse" };
    private readonly Option<bool> _final = new("--final") { Description = "Test metrics too: once, when every choice has been made" };
    private readonly Option<string> _output = new("--out") { Description = "Folder of the run (default: runs/<time>-<recipe>)" };
    private readonly Option<string> _resume =
        new("--resume") { Description = "Folder of a run to go on with; only --epochs and --out may change" };
    private readonly Option<string> _dashboard = DashboardOption();

    private readonly Option<string> _epochs;

    /// <summary>Why runs of the command are not gone on with by <c>--resume</c>, as a sentence; null where they are.</summary>
    public string? NeverResumes { private get; set; }

    /// <summary>Says where the command's runs lie that are given no <c>--out</c>, where that is not <c>runs</c>.</summary>
    public Func<ParseResult, string?>? LiesIn { private get; set; }

    private RunCommand(string name, string description, string? except = null)
    {
        _command = new Command(name, description);
        foreach (var (flag, key, help) in Flags.Where(known => known.Flag != except))
        {
            Add(flag, key, help);
        }

        _epochs = _flags.Single(flag => flag.Option.Name == "--epochs").Option;
    }

    /// <summary>Makes the command.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="description">Its help.</param>
    /// <param name="engine">Makes the engine that carries a run out, from the command line.</param>
    /// <param name="extend">Adds options of its own.</param>
    /// <param name="instead">Carries new settings out in another way than as a run with a folder (given <c>--out</c>), or returns
    /// null to leave them to the engine.</param>
    public static Command Create(
        string name, string description, Func<ParseResult, ITrainingEngine> engine, Action<RunCommand>? extend = null,
        Func<ParseResult, ResolvedSettings, string?, TelemetryOptions, Task<int>?>? instead = null)
    {
        var run = new RunCommand(name, description);
        extend?.Invoke(run);
        run._resume.Hidden = run.NeverResumes is not null;
        foreach (var option in new Option[] { run._recipe, run._set, run._lenient, run._final, run._output, run._resume, run._dashboard })
        {
            run._command.Options.Add(option);
        }

        var telemetry = new TelemetryFlags(run._command);
        run._command.SetAction((parsed, _) => run.ShownAsync(parsed, engine(parsed), telemetry.Of(parsed), instead));
        return run._command;
    }

    /// <summary>The flag that shows a run.</summary>
    public static Option<string> DashboardOption() => new(Dashboard)
    {
        Description = "Show the run and those beside it in a browser while it goes on; =PORT for a certain port of this machine",
        Arity = ArgumentArity.ZeroOrOne,
    };

    /// <summary>The flag as it was given, for another process.</summary>
    public static string[] DashboardArguments(ParseResult parsed, Option<string> dashboard) =>
        parsed.GetResult(dashboard) is null
            ? [] : [parsed.GetValue(dashboard) is { } port ? $"{Dashboard}={DashboardOptions.PortOf(Dashboard, port, 0)}" : Dashboard];

    /// <summary>Makes a command that takes a run's settings and leaves no run folder.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="description">Its help.</param>
    /// <param name="except">A flag of <see cref="Flags"/> that the command has its own of.</param>
    /// <param name="extend">Adds options of its own.</param>
    /// <param name="carryOut">Does the work.</param>
    public static Command CreateWithoutFolder(string name, string description, string except, Action<RunCommand> extend,
        Func<ParseResult, ResolvedSettings, Task<int>> carryOut)
    {
        var run = new RunCommand(name, description, except);
        extend(run);
        foreach (var option in new Option[] { run._recipe, run._set, run._lenient })
        {
            run._command.Options.Add(option);
        }

        run._command.SetAction((parsed, _) => carryOut(parsed, run.SettingsOf(parsed)));
        return run._command;
    }

    /// <summary>Adds an option that stands for one setting.</summary>
    public void Add(string flag, string key, string help) => Add(flag, help, (settings, value) => settings.Set(key, value, flag));

    /// <summary>Adds an option that changes settings.</summary>
    public void Add(string flag, string help, Action<ResolvedSettings, string> set)
    {
        var option = new Option<string>(flag) { Description = help };
        _flags.Add((option, set));
        _command.Options.Add(option);
    }

    /// <summary>Adds an option of a new run that is no setting.</summary>
    public void Add(Option option)
    {
        _others.Add(option);
        _command.Options.Add(option);
    }

    private async Task<int> ShownAsync(ParseResult parsed, ITrainingEngine engine, TelemetryOptions telemetry,
        Func<ParseResult, ResolvedSettings, string?, TelemetryOptions, Task<int>?>? instead)
    {
        if (parsed.GetResult(_dashboard) is null)
        {
            return await RunAsync(parsed, engine, telemetry, instead).ConfigureAwait(false);
        }

        var options =
            new DashboardOptions(FolderAround(parsed)) { Port = DashboardOptions.PortOf(Dashboard, parsed.GetValue(_dashboard), 0) };
        await using var dashboard = await DashboardServer.StartAsync(options).ConfigureAwait(false);
        (AsksForJson(parsed) ? Console.Error : Console.Out).WriteLine($"Dashboard {dashboard.Address}");
        return await RunAsync(parsed, engine, telemetry, instead).ConfigureAwait(false);
    }

    /// <summary>The folder that the run's folder will be in, which need not be there yet.</summary>
    private string FolderAround(ParseResult parsed) =>
        (Setting.PathOf("--out", parsed.GetValue(_output)) ?? Setting.PathOf("--resume", parsed.GetValue(_resume))) is { } run
            ? Path.GetDirectoryName(Path.GetFullPath(run)) ?? run
        : LiesIn?.Invoke(parsed) ?? "runs";

    private Task<int> RunAsync(ParseResult parsed, ITrainingEngine engine, TelemetryOptions telemetry,
        Func<ParseResult, ResolvedSettings, string?, TelemetryOptions, Task<int>?>? instead)
    {
        var output = Setting.PathOf("--out", parsed.GetValue(_output));
        if (Setting.PathOf("--resume", parsed.GetValue(_resume)) is { } folder)
        {
            if (NeverResumes is not null)
            {
                throw new SettingException(NeverResumes);
            }

            CheckData(parsed);
            if (parsed.GetResult(_set) is not null || parsed.GetValue(_lenient) || parsed.GetValue(_final) || Given(parsed)
                .Any(flag => flag.Option != _epochs)
                || _others.Any(option => option.Name != Json && parsed.GetResult(option) is { Implicit: false })
                || parsed.GetResult(_recipe) is { Implicit: false })
            {
                throw new SettingException(
                    "--resume goes on with the run's own settings; only --epochs, --out, --json and flags that show a run may be given with it.");
            }

            if (AsksForJson(parsed))
            {
                ResultOutput.BeginJson();
            }

            return TrainingRunner.ResumeAsync(engine, folder, parsed.GetValue(_epochs), output, telemetry);
        }

        var settings = SettingsOf(parsed);
        return instead?.Invoke(parsed, settings, output, telemetry) ?? TrainingRunner.StartAsync(engine, settings, output, telemetry);
    }

    private bool AsksForJson(ParseResult parsed) =>
        _others.Any(option => option.Name == Json && parsed.GetResult(option) is { Implicit: false });

    private IEnumerable<(Option<string> Option, Action<ResolvedSettings, string> Set)> Given(ParseResult parsed) =>
        _flags.Where(flag => parsed.GetResult(flag.Option) is not null);

    private void CheckData(ParseResult parsed) =>
        Setting.PathOf("--data", Given(parsed).Where(flag => flag.Option.Name == "--data").Select(flag => parsed.GetValue(flag.Option))
            .FirstOrDefault());

    private ResolvedSettings SettingsOf(ParseResult parsed)
    {
        CheckData(parsed);
        var settings = RecipeReader.Read(parsed.GetValue(_recipe)!);
        ConfiguredValues.Here().ApplyTo(settings);
        foreach (var (option, set) in Given(parsed))
        {
            set(settings, parsed.GetValue(option)!);
        }

        if (parsed.GetValue(_lenient))
        {
            settings.Set("data.lenient", "true", "--lenient");
        }

        if (_command.Options.Contains(_final) && parsed.GetValue(_final))
        {
            settings.Set("evaluate.final", "true", "--final");
        }

        foreach (var pair in parsed.GetValue(_set) ?? [])
        {
            var (key, value) = SettingCatalogue.Pair(pair);
            settings.Set(key, value, "--set");
        }

        return settings;
    }
}
