using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using TwoTower.Model;
using TwoTower.Model.Storage;
using TwoTower.Node.Ablations;
using TwoTower.Node.Recipes;
using TwoTower.Node.Settings;

namespace TwoTower.Node.Tuning;

/// <summary>A search: what is tried, how often, and by what it is judged. Pure; it lists the trials.</summary>
internal sealed record TunePlan
{
    /// <summary>Name of the file in a search's folder.</summary>
    public const string Name = "plan.json";

    internal static readonly JsonSerializerOptions Indented =
        new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The recipe that trials begin with.</summary>
    public required string Recipe { get; init; }

    /// <summary>Settings over the recipe, the same for all trials.</summary>
    public IReadOnlyList<(string Key, string Value)> Settings { get; init; } = [];

    /// <summary>What is searched.</summary>
    public required IReadOnlyList<SearchRange> Ranges { get; init; }

    /// <summary>Trials of the first rung; the recipe itself is the first of them.</summary>
    public required int Trials { get; init; }

    /// <summary>One in so many trials goes on to the next rung; 1 is random search.</summary>
    public int Halving { get; init; } = 3;

    /// <summary>Training seeds of each trial in the last rung; the rungs before have one.</summary>
    public int Seeds { get; init; } = 1;

    /// <summary>Seed of the search.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>Rolling time windows: all but the last choose, and the last confirms; 1 is the split's own
    /// validation, which chooses alone.</summary>
    public int Windows { get; init; } = 1;

    /// <summary>The windows that choose; null is the split's own validation.</summary>
    public IReadOnlyList<int?> Choosing => Windows == 1 ? [null] : [.. Enumerable.Range(1, Windows - 1)];

    /// <summary>The recipe's settings with those over it.</summary>
    /// <exception cref="SettingException">They cannot be.</exception>
    public ResolvedSettings Base
    {
        get
        {
            var settings = RecipeReader.Read(Recipe);
            foreach (var (key, value) in Settings)
            {
                settings.Set(key, value, "--set");
            }

            return settings;
        }
    }

    /// <summary>The rungs.</summary>
    public IReadOnlyList<Rung> Rungs => SuccessiveHalving.Of(Trials, Base.Values.Training.Epochs, Halving);

    /// <summary>What a trial sets: nothing for trial 0, which is the recipe itself; else a draw of every range. A function of the search's
    /// seed and the trial's number.</summary>
    public IReadOnlyList<(string Key, string Value)> Draw(int trial)
    {
        if (trial == 0)
        {
            return [];
        }

        var random = new SeededRandom(Seed, 77, trial);
        var drawn = new List<(string, string)>();
        foreach (var range in Ranges)
        {
            drawn.Add((range.Key, range.Draw(ref random)));
        }

        return drawn;
    }

    /// <summary>The runs of a rung: every trial in every window, one trial's windows side by side.</summary>
    /// <param name="rung">Its number.</param>
    /// <param name="trials">The trials in it.</param>
    /// <param name="windows">The windows, numbered from 1; null is the split's own validation.</param>
    /// <exception cref="SettingException">A trial's settings do not fit each other.</exception>
    public Ablation Runs(int rung, IReadOnlyList<int> trials, IReadOnlyList<int?> windows)
    {
        var (epochs, first) = (Rungs[rung].Epochs, Base.Values.Training.Seed);
        return new Ablation(
            Settings,
            [
                .. trials.SelectMany(trial => windows.Select(window => new AblationRow(
                    string.Create(CultureInfo.InvariantCulture,
                        $"trial-{trial:000}_epochs-{epochs}{(window is null ? string.Empty : $"_window-{window}")}"), null, Words(trial),
                    [
                        .. Draw(trial), ("train.epochs", epochs.ToString(CultureInfo.InvariantCulture)),
                        ("train.checkpointEveryEpochs", "0"),
                        .. window is { } number ? [(RollingWindows.Key, RollingWindows.Text(number, Windows))]
                            : Array.Empty<(string, string)>(),
                    ]) { Recipe = Recipe })),
            ],
            [.. Enumerable.Range(0, rung == Rungs.Count - 1 ? Seeds : 1).Select(n => first + n)]);
    }

    /// <summary>A trial in words.</summary>
    public string Words(int trial) => trial == 0 ? $"recipe {Recipe}"
        : string.Join(' ', Draw(trial).Select(setting => $"{setting.Key}={setting.Value}"));

    /// <summary>Writes the plan.</summary>
    public void Write(string path) => AtomicFile.WriteText(path, new JsonObject
    {
        ["recipe"] = Recipe,
        ["trials"] = Trials,
        ["halving"] = Halving,
        ["seeds"] = Seeds,
        ["seed"] = Seed,
        ["windows"] = Windows,
        ["settings"] = new JsonObject(Settings.GroupBy(setting => setting.Key, StringComparer.Ordinal)
            .Select(same => KeyValuePair.Create(same.Key, (JsonNode?)same.Last().Value))),
        ["ranges"] = new JsonObject(Ranges.Select(range => KeyValuePair.Create(range.Key, (JsonNode?)range.Text))),
    }.ToJsonString(Indented) + "\n");

    /// <summary>Reads a plan.</summary>
    /// <exception cref="SettingException">It cannot be read.</exception>
    public static TunePlan Read(string path)
    {
        try
        {
            var plan = JsonNode.Parse(File.ReadAllText(path), documentOptions: SettingJson.Reading)!;
            return new TunePlan
            {
                Recipe = (string)plan["recipe"]!,
                Trials = (int)plan["trials"]!,
                Halving = (int)plan["halving"]!,
                Seeds = (int)plan["seeds"]!,
                Seed = (long)plan["seed"]!,
                Windows = (int?)plan["windows"] is { } windows and not 1
                    ? RollingWindows.Count(windows.ToString(CultureInfo.InvariantCulture)) : 1,
                Settings = [.. plan["settings"]!.AsObject().Select(setting => (setting.Key, (string)setting.Value!))],
                Ranges = [.. plan["ranges"]!.AsObject().Select(range => SearchRange.Parse(range.Key, (string)range.Value!))],
            };
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or JsonException or NullReferenceException
            or InvalidOperationException or FormatException)
        {
            throw new SettingException(
                $"The search '{path}' cannot be gone on "
                + $"with: {(failure is IOException or UnauthorizedAccessException ? PlainReason.Of(failure) : "it is no plan of a search")}.");
        }
    }
}
