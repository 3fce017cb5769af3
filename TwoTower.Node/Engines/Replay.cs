using System.Globalization;
using TwoTower.Actors.Protocol.Reports;
using TwoTower.Actors.Simulation;
using TwoTower.Actors.Simulation.Checking;
using TwoTower.Actors.Simulation.Tracing;
using TwoTower.Actors.Training;
using TwoTower.Model.Data;
using TwoTower.Model.Data.Loading;
using TwoTower.Node.Runs;
using TwoTower.Node.Shell;
using TwoTower.Node.Traces;

namespace TwoTower.Node.Engines;

/// <summary>Carries a traced run out again and stops where it first differs.</summary>
internal static class Replay
{
    /// <summary>Replays, and says what was found.</summary>
    /// <returns>The exit code: 0 when the run is the same.</returns>
    public static async Task<int> RunAsync(string path, TextWriter to)
    {
        void Line(FormattableString text) => to.WriteLine(text.ToString(CultureInfo.InvariantCulture));
        var (header, stream) = TraceFile.Open(path);
        await using var opened = stream.ConfigureAwait(false);
        var settings = header.Settings;
        if (header.ProgramVersion != ProgramVersion.Text)
        {
            Line($"note: the trace was made by version {header.ProgramVersion}, this is {ProgramVersion.Text}");
        }

        DataPlace.Settle(path, settings);
        var data = DataLoader.Load(settings.Values.Data);
        if (data.Fingerprint != header.DataFingerprint)
        {
            throw new DataException(
                $"The data is not what the trace was made with: its fingerprint is {data.Fingerprint[..12]}…, then it "
                + $"was {header.DataFingerprint[..12]}….");
        }

        var engine = new SimulationEngine(null);
        engine.Check(settings);
        settings.Check(data);
        using var reader = new TraceReader(stream);
        var comparison = new TraceComparison(settings.Values.Training.Metric, reader);
        engine.Observe(comparison);
        Exception? failure = null;
        try
        {
            await engine.RunAsync(settings, new TrainingPlan(settings.Values.Training, data, new NowhereStore()), new Ignored(),
                CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception ended) when (ended is TrainingException or WorldException or ViolationException or TraceDivergenceException)
        {
            failure = ended;
        }

        comparison.Close();
        if (comparison.Divergence is { } divergence)
        {
            Line($"The run differs from '{path}' at event {divergence.Number:#,0}, at {(divergence.Expected ?? divergence.Actual)!.Value.Seconds:0.0000000} virtual s:");
            Line($"  expected  {divergence.Expected?.ToString() ?? "no more events"}");
            Line($"  actual    {divergence.Actual?.ToString() ?? "the run ended"}");
            return ExitCode.Failure;
        }

        if (comparison.Damage is { } damage)
        {
            Line($"{damage.Message} The run is the same up to there.");
            return ExitCode.Failure;
        }

        if (comparison.ReachedEnd)
        {
            Line($"The run is the same: {comparison.Same:#,0} events, {comparison.Last!.Value.Seconds:0.000} virtual s,");
            Line($"trace SHA-256 {reader.CheckHash()}");
            return ExitCode.Success;
        }

        // The traced run did not end by itself: it was killed, or it failed as this one did.
        Line($"The run is the same as far as the trace goes: {comparison.Same:#,0} events, {comparison.Last?.Seconds ?? 0:0.000} virtual s.");
        if (failure is not null and not TraceDivergenceException && !comparison.BrokeOff)
        {
            Line($"It ended there, now as then: {failure.Message}");
        }

        return ExitCode.Success;
    }

    private sealed class Ignored : IProgress<TrainingEvent>
    {
        public void Report(TrainingEvent value)
        {
        }
    }

    /// <summary>Takes the virtual time that saving takes, and keeps nothing.</summary>
    private sealed class NowhereStore : ICheckpointStore
    {
        public void Save(TrainingCheckpoint checkpoint)
        {
        }
    }
}
