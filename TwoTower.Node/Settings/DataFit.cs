using System.Globalization;
using TwoTower.Model.Data;
using TwoTower.Model.Data.Loading;
using TwoTower.Node.Display;

namespace TwoTower.Node.Settings;

/// <summary>Lowers settings that ask for more than the data has, so that small data trains: each is
/// told of once, and none is refused.</summary>
internal static class DataFit
{
    private const string Source = "the data's size";
    private const int BatchesPerEpoch = 8;

    /// <summary>Lowers them.</summary>
    /// <param name="settings">The settings, which are changed.</param>
    /// <param name="data">The data.</param>
    /// <returns>A sentence for each that was lowered.</returns>
    public static IReadOnlyList<string> Apply(ResolvedSettings settings, RecommenderData data)
    {
        var notes = new List<string>();
        FitCutoffs(settings, data.Items.Count, notes);
        FitBatch(settings, data.Train.Count, notes);
        return notes;
    }

    /// <summary>Lowers them by the data that they name, and tells of it.</summary>
    /// <returns>The keys and values that were changed.</returns>
    /// <exception cref="DataException">The data cannot be read.</exception>
    public static IReadOnlyList<(string Key, string Value)> ApplyAndTell(ResolvedSettings settings, TextWriter to)
    {
        Tell(Apply(settings, DataLoader.Load(settings.Values.Data)), to);
        return [.. SettingCatalogue.All.Where(setting => settings.SourceOf(setting.Key) == Source)
            .Select(setting => (setting.Key, setting.Read(settings.Values)))];
    }

    /// <summary>Prints the sentences.</summary>
    public static void Tell(IEnumerable<string> notes, TextWriter to)
    {
        foreach (var note in notes)
        {
            to.WriteLine(Paragraph.Wrap($"  note: {note}", 4));
        }
    }

    private static void FitCutoffs(ResolvedSettings settings, int items, List<string> notes)
    {
        var asked = settings.Values.Training.Cutoffs;
        if (asked.Max() <= items)
        {
            return;
        }

        int[] fitting = [.. asked.Where(k => k <= items).DefaultIfEmpty(items)];
        settings.Set("evaluate.cutoffs", string.Join(',', fitting), Source);
        var sentence = string.Create(CultureInfo.InvariantCulture,
            $"Cut-offs above the catalogue's {items} items are left out ({string.Join(", ", asked.Where(k => k > items))}); what is left is {string.Join(", ", fitting)}.");
        var (metric, cutoff) = settings.Values.Training.Metric.Split('@') is [var name, var k]
            && int.TryParse(k, NumberStyles.None, CultureInfo.InvariantCulture, out var at) ? (name, at) : (null, 0);
        if (metric is not null && !fitting.Contains(cutoff))
        {
            settings.Set("evaluate.metric", $"{metric}@{fitting[^1]}", Source);
            sentence += $" {metric}@{fitting[^1]} decides which model is best in place of {metric}@{cutoff}.";
        }

        notes.Add(sentence);
    }

    private static void FitBatch(ResolvedSettings settings, int positives, List<string> notes)
    {
        var asked = settings.Values.Training.BatchSize;
        if (positives >= asked)
        {
            return;
        }

        // A power of two, of which there are some in an epoch.
        var size = 1;
        while (size * 2 * BatchesPerEpoch <= positives)
        {
            size *= 2;
        }

        settings.Set("train.batchSize", size.ToString(CultureInfo.InvariantCulture), Source);
        notes.Add(string.Create(CultureInfo.InvariantCulture,
            $"The batch of {asked} is more than the {positives} train positives: it is {size}, so that an epoch has some."));
    }
}
