using System.Text.Json.Nodes;
using TwoTower.Actors.Options;
using TwoTower.Actors.Protocol.Reports;
using TwoTower.Actors.Training;
using TwoTower.Node.Settings;

namespace TwoTower.Node.Runs;

/// <summary>What carries a training out: the threads of this machine, or a simulated world. Everything else about a run is the same for
/// both. One engine, one run.</summary>
internal interface ITrainingEngine
{
    /// <summary>The command that runs it; kept in a run's config.</summary>
    string Command { get; }

    /// <summary>Whether a setting means something here.</summary>
    bool Uses(Setting setting);

    /// <summary>Refuses settings that this engine cannot follow.</summary>
    /// <exception cref="SettingException">One is impossible, or means nothing here.</exception>
    void Check(ResolvedSettings settings);

    /// <summary>Refuses settings that are left to be chosen before the run, where it cannot be.</summary>
    /// <exception cref="SettingException">One is.</exception>
    void CheckChoices(ResolvedSettings settings)
    {
    }

    /// <summary>The virtual time now, in seconds; null before a simulation has begun, and where there is no clock but the wall's.</summary>
    double? VirtualSeconds { get; }

    /// <summary>Trains to the end.</summary>
    /// <param name="settings">The settings, checked.</param>
    /// <param name="plan">Options, data and checkpoints.</param>
    /// <param name="progress">Receives events, from another thread.</param>
    /// <param name="stop">Asks for a clean stop.</param>
    Task<TrainingOutcome> RunAsync(ResolvedSettings settings, TrainingPlan plan, IProgress<TrainingEvent> progress, CancellationToken stop);

    /// <summary>Whether a run that was interrupted ended as the settings wanted.</summary>
    bool EndedByLimit { get; }

    /// <summary>Adds what only this engine knows to the summary.</summary>
    /// <param name="summary">What all engines know.</param>
    /// <param name="folder">The run's folder.</param>
    void Extend(JsonObject summary, RunFolder folder);

    /// <summary>Prints where time went.</summary>
    void WriteTimes(TextWriter to, TrainingOutcome outcome);

    /// <summary>Whether the same command gives the same bits, in one line.</summary>
    string Repeatability(TrainingOptions options);
}
