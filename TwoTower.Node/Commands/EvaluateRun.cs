using TwoTower.Model.Data;
using TwoTower.Model.Evaluation;
using TwoTower.Model.Storage;
using TwoTower.Node.Runs;
using TwoTower.Node.Settings;

namespace TwoTower.Node.Commands;

/// <summary><c>twotower evaluate --run</c>: a run that has ended, judged again on its own data: beside more baselines, or, when every choice has been made, on test.</summary>
internal static class EvaluateRun
{
    /// <summary>Judges the run's best model.</summary>
    /// <param name="path">The run's folder.</param>
    /// <param name="pairs">Settings evaluate.* in the place of the run's.</param>
    /// <param name="final">Whether test counts too.</param>
    /// <param name="json">Whether to print JSON.</param>
    /// <exception cref="DataException">The data is not the run's.</exception>
    public static int Run(string path, IReadOnlyList<string> pairs, bool final, bool json)
    {
        using var folder = RunFolder.Open(path);
        var config = folder.ReadConfig();
        var settings = config.Settings;
        foreach (var (key, value) in pairs.Select(SettingCatalogue.Pair))
        {
            settings.Set(key.StartsWith("evaluate.", StringComparison.OrdinalIgnoreCase) ? key : throw new SettingException($"'{key}' is the run's own; with --run, --set takes evaluate.*."), value, "--set");
        }

        if (final)
        {
            settings.Set("evaluate.final", "true", "--final");
        }

        settings.FitMetric();
        settings.CheckMetric();
        TorchSharp.torch.set_num_threads(1);
        var to = json ? TextWriter.Null : Console.Out;
        var data = TrainingRunner.Load(settings, to);
        settings.CheckCutoffs(data);
        var (embeddings, users, items) = EmbeddingFolder.Load(path);
        if (data.Fingerprint != config.Fingerprint || !users.RawIds.SequenceEqual(data.Users.RawIds, StringComparer.Ordinal) || !items.RawIds.SequenceEqual(data.Items.RawIds, StringComparer.Ordinal))
        {
            throw new DataException($"The data is not what the run in '{path}' was made with, so its embeddings cannot be judged on it.");
        }

        var judged = JudgedData.Of(settings, data, new DotProductScorer(embeddings), to);
        if (json)
        {
            Console.WriteLine(judged.ToJson().ToJsonString(new() { WriteIndented = true }));
        }
        else
        {
            judged.Write(Console.Out);
        }

        return Program.Success;
    }
}
