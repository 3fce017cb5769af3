using TwoTower.Node.Recipes;
using TwoTower.Node.Settings;

namespace TwoTower.Node.Ablations;

/// <summary>One way of training in an ablation: another row with one thing changed.</summary>
/// <param name="Name">Its name, fit for a folder.</param>
/// <param name="Base">The row that it differs from by one change; null begins a chain.</param>
/// <param name="Change">The change in words.</param>
/// <param name="Settings">The settings that make the change.</param>
internal sealed record AblationRow(string Name, string? Base, string Change, IReadOnlyList<(string Key, string Value)> Settings)
{
    /// <summary>The recipe that a chain begins with; null takes the base's.</summary>
    public string? Recipe { get; init; }
}

/// <summary>Ways of training that differ by one change each, several seeds of every one. Pure: it lists what is to be run.</summary>
internal sealed class Ablation
{
    private readonly Dictionary<string, AblationRow> _rows;

    /// <summary>An ablation.</summary>
    /// <param name="common">Settings of every row, such as the data.</param>
    /// <param name="rows">The rows; a base stands before what is based on it.</param>
    /// <param name="seeds">The seeds.</param>
    /// <exception cref="SettingException">A row's base is missing, a name stands twice, or settings are impossible.</exception>
    public Ablation(IReadOnlyList<(string Key, string Value)> common, IReadOnlyList<AblationRow> rows, IReadOnlyList<long> seeds)
    {
        (Common, Rows, Seeds) = (common, rows, seeds);
        _rows = new(StringComparer.Ordinal);
        foreach (var row in rows)
        {
            if (row.Base is { } origin ? !_rows.ContainsKey(origin) : row.Recipe is null)
            {
                throw new SettingException($"The row '{row.Name}' has no base before it and no recipe.");
            }

            if (!_rows.TryAdd(row.Name, row))
            {
                throw new SettingException($"The row '{row.Name}' stands twice.");
            }

            SettingsOf(row, seeds[0]).Check();
        }
    }

    /// <summary>Settings of every row.</summary>
    public IReadOnlyList<(string Key, string Value)> Common { get; }

    /// <summary>The rows.</summary>
    public IReadOnlyList<AblationRow> Rows { get; }

    /// <summary>The seeds, each a repetition of every row.</summary>
    public IReadOnlyList<long> Seeds { get; }

    /// <summary>Names of the rows that are run; null runs all.</summary>
    public IReadOnlyList<string>? Selection { get; init; }

    /// <summary>The rows that are run.</summary>
    public IReadOnlyList<AblationRow> Selected => Selection is null ? Rows : [.. Selection.Select(name => this[name])];

    /// <summary>The row of a name.</summary>
    /// <exception cref="KeyNotFoundException">There is none.</exception>
    public AblationRow this[string name] => _rows.TryGetValue(name, out var row)
        ? row : throw new KeyNotFoundException($"The ablation has no row '{name}'.");

    /// <summary>The recipe at the beginning of a row's chain.</summary>
    public string RecipeOf(AblationRow row) => row.Recipe ?? RecipeOf(this[row.Base!]);

    /// <summary>The settings of a row and a seed.</summary>
    /// <exception cref="SettingException">A setting does not exist or does not take its value.</exception>
    public ResolvedSettings SettingsOf(AblationRow row, long seed)
    {
        var settings = RecipeReader.Read(RecipeOf(row));
        foreach (var (key, value) in Common.Concat(ChangesOf(row))
            .Append(("train.seed", seed.ToString(System.Globalization.CultureInfo.InvariantCulture))))
        {
            settings.Set(key, value, "--set");
        }

        return settings;
    }

    /// <summary>The command that trains a row, as a person would type it.</summary>
    /// <param name="row">The row.</param>
    /// <param name="data">The data, as it is shown.</param>
    public string CommandOf(AblationRow row, string data) =>
        $"twotower train --recipe {RecipeOf(row)} --data {data}{string.Concat(Effective(row).Select(change => $" --set {change.Key}={change.Value}"))}";

    // What says where data is, when to judge and what to keep, and changes no training.
    private static readonly string[] s_housekeeping = ["data.", "evaluate.", "train.checkpoint"];

    private IEnumerable<(string Key, string Value)> ChangesOf(AblationRow row) =>
        row.Recipe is not null ? row.Settings : ChangesOf(this[row.Base!]).Concat(row.Settings);

    // Of several changes of one setting the last counts; a value that the recipe has by itself is none.
    private IEnumerable<(string Key, string Value)> Effective(AblationRow row)
    {
        var recipe = RecipeReader.Read(RecipeOf(row));
        var all = Common.Where(setting => !s_housekeeping.Any(prefix => setting.Key.StartsWith(prefix, StringComparison.Ordinal)))
            .Concat(ChangesOf(row)).ToArray();
        return all.Where((change, n) => all.Skip(n + 1).All(later => later.Key != change.Key) && SettingCatalogue.Find(change.Key)
            .Read(recipe.Values) != change.Value);
    }
}
