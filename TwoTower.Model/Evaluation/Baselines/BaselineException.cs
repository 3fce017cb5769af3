namespace TwoTower.Model.Evaluation.Baselines;

/// <summary>A baseline that these data do not allow. The message is a sentence for a person; what
/// else is judged goes on without it.</summary>
/// <param name="message">The sentence.</param>
internal sealed class BaselineException(string message) : Exception(message);
