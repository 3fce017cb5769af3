using TwoTower.Node.Runs;

namespace TwoTower.Node.Diagnosis;

/// <summary>The same training with a few settings changed and nothing else.</summary>
/// <param name="Model">Its model on the subject's users; null when there is none.</param>
/// <param name="Failure">Why there is none.</param>
internal sealed record Counterfactual(Judged? Model, string? Failure);

/// <summary>Trains a subject again.</summary>
internal interface ICounterfactuals
{
    /// <summary>Trains with changed settings, and with the same seed.</summary>
    /// <param name="subject">What is trained again: a diagnosis's subject, or one of its windows.</param>
    /// <param name="changes">The settings that change; none for a window's own model.</param>
    Task<Counterfactual> TrainAsync(DiagnosisSubject subject, IReadOnlyList<(string Key, string Value)> changes);
}
