using System.Globalization;
using System.Text.Json.Nodes;
using TwoTower.Actors.Hosting;
using TwoTower.Actors.Options;
using TwoTower.Actors.Protocol.Reports;
using TwoTower.Actors.Training;
using TwoTower.Node.Runs;
using TwoTower.Node.Settings;

namespace TwoTower.Node.Engines;

/// <summary>Trains on the threads of this machine, in real time.</summary>
internal sealed class LiveEngine : ITrainingEngine
{
    /// <summary>More workers than this on one machine only wait for each other.</summary>
    public const int MaxWorkers = 256;

    /// <inheritdoc />
    public string Command => "train";

    /// <inheritdoc />
    public double? VirtualSeconds => null;

    /// <inheritdoc />
    public bool EndedByLimit => false;

    /// <inheritdoc />
    public bool Uses(Setting setting) => !WorldSettings.Has(setting.Key);

    /// <inheritdoc />
    public void Check(ResolvedSettings settings)
    {
        ClusterOnly.Refuse(settings.Values.Training, Command);
        CheckLive(settings);
    }

    /// <summary>Refuses what means nothing in real time, in one process or in several.</summary>
    /// <exception cref="SettingException">A setting means nothing here.</exception>
    internal static void CheckLive(ResolvedSettings settings)
    {
        if (WorldSettings.All.FirstOrDefault(setting => settings.SourceOf(setting.Key) != "default") is { } foreign)
        {
            throw new SettingException(
                $"{foreign.Key} ({settings.SourceOf(foreign.Key)}) describes a simulated world, and train runs in the real one; use "
                + $"'twotower simulate', or leave it out.");
        }

        if (settings.Values.Training.Workers > MaxWorkers)
        {
            throw new SettingException(
                $"train.workers cannot be {settings.Values.Training.Workers} in live training, which takes up to {MaxWorkers}; 'twotower "
                + $"simulate' takes up to 10000.");
        }
    }

    /// <inheritdoc />
    public Task<TrainingOutcome> RunAsync(ResolvedSettings settings, TrainingPlan plan, IProgress<TrainingEvent> progress,
        CancellationToken stop) =>
            LocalTraining.RunAsync(plan, progress, stop);

    /// <inheritdoc />
    public void Extend(JsonObject summary, RunFolder folder)
    {
    }

    /// <inheritdoc />
    public void WriteTimes(TextWriter to, TrainingOutcome outcome)
    {
        void Line(FormattableString text) => to.WriteLine(text.ToString(CultureInfo.InvariantCulture));
        var t = outcome.Time;
        Line($"Throughput {outcome.ExamplesPerSecond:#,0} examples/s over {outcome.TrainSeconds:0.0} s; thread seconds: pull {t.Pull:0.0}, gather {t.Gather:0.0},");
        Line($"  gemm {t.Gemm:0.0}, softmax {t.Softmax:0.0}, gradient {t.Gradient:0.0}, push {t.Push:0.0}, apply {t.Apply:0.0}, wait {t.Wait:0.0}");
    }

    /// <inheritdoc />
    public string Repeatability(TrainingOptions options) => options.Consistency.Kind == ConsistencyKind.Bsp
        || (options.Workers == 1 && options.Prefetch == 0)
        ? "The same command on this machine gives the same bits."
        : $"Under {options.Consistency} the order of pushes is up to the threads; bsp repeats.";
}
