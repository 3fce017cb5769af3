using TwoTower.Model.Evaluation;
using TwoTower.Model.Storage;
using TwoTower.Node.Runs;
using TwoTower.Node.Settings;

namespace TwoTower.Node.Diagnosis;

/// <summary>Counterfactuals as run folders.</summary>
/// <param name="command">The command that made the subject: train, or simulate.</param>
/// <param name="parent">Folder of the runs.</param>
internal sealed class CounterfactualRuns(string command, string parent) : ICounterfactuals
{
    /// <inheritdoc />
    public async Task<Counterfactual> TrainAsync(DiagnosisSubject subject, IReadOnlyList<(string Key, string Value)> changes)
    {
        var settings = subject.Settings!;
        try
        {
            foreach (var (key, value) in changes)
            {
                settings = settings.With(key, value, "diagnose");
            }

            settings.Check();
            InnerChoice.WithFirstCandidates(settings).Check(subject.Data); // what is left to be chosen, the run chooses
        }
        catch (SettingException impossible)
        {
            return new Counterfactual(null, impossible.Message);
        }

        var folder = Path.Combine(parent, Name(subject.Window, changes));
        if (await RunTraining.RunAsync(settings, command, folder).ConfigureAwait(false) is { } failure)
        {
            return new Counterfactual(null, failure);
        }

        try
        {
            return new Counterfactual(Judged.Of(Examination.ChangeText(changes),
                new DotProductScorer(EmbeddingFolder.Load(folder).Embeddings), subject.Tasks), null);
        }
        catch (StorageException damaged)
        {
            return new Counterfactual(null, damaged.Message);
        }
    }

    /// <summary>A folder's name from the window and the change: what no file system minds.</summary>
    private static string Name(string? window, IEnumerable<(string Key, string Value)> changes) =>
        string.Concat(string.Join('+', (window is null ? [] : new[] { $"window={window.Replace("/", "-of-", StringComparison.Ordinal)}" })
            .Concat(changes.Select(change => $"{change.Key}={change.Value}"))).Select(letter => char.IsAsciiLetterOrDigit(letter)
            || letter is '.' or '=' or '+' or '-' ? letter : '_'));
}
