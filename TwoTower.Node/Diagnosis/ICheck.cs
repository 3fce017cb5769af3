namespace TwoTower.Node.Diagnosis;

/// <summary>Looks for one fault.</summary>
internal interface ICheck
{
    /// <summary>Its name in reports: a few words.</summary>
    string Name { get; }

    /// <summary>What it asks of a subject, as a question.</summary>
    string Question { get; }

    /// <summary>Looks.</summary>
    /// <param name="subject">What is looked at.</param>
    /// <returns>What was found, or null when there is nothing to say.</returns>
    /// <exception cref="NotLookedException">It cannot look; the rest of the diagnosis stands.</exception>
    Finding? Look(DiagnosisSubject subject);
}

/// <summary>A check cannot look. The message says why: the end of a sentence that begins "not looked, because".</summary>
internal sealed class NotLookedException(string reason) : Exception(reason);

/// <summary>A check that could not look.</summary>
/// <param name="Check">The check.</param>
/// <param name="Reason">Why: the end of a sentence that begins "not looked, because".</param>
internal sealed record NotLooked(ICheck Check, string Reason);
