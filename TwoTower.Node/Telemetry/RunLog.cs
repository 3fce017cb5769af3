using Serilog;
using Serilog.Events;
using Serilog.Formatting.Compact;
using TwoTower.Model;
using TwoTower.Node.Settings;

namespace TwoTower.Node.Telemetry;

/// <summary>Writes a run's life as structured log: begin, epochs, evaluations, what happened on the way, end. One
/// compact JSON object per line (CLEF).</summary>
/// <param name="logger">Where to.</param>
/// <param name="run">The run's folder.</param>
internal sealed class RunLog(ILogger logger, string run) : IRunEventSink
{
    private readonly ILogger _logger = logger.ForContext("Run", run);

    /// <summary>Opens a log file at its end.</summary>
    /// <exception cref="SettingException">It cannot be written.</exception>
    public static Serilog.Core.Logger Open(string path)
    {
        try
        {
            // Serilog itself says nothing of a file that it cannot write.
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite).Dispose();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new SettingException($"--log-json: '{path}' cannot be written: {PlainReason.Of(failure)}.");
        }

        return new LoggerConfiguration().WriteTo.File(new CompactJsonFormatter(), path, fileSizeLimitBytes: null).CreateLogger();
    }

    /// <inheritdoc />
    public void Write(RunEvent line)
    {
        switch (line)
        {
            case RunEvent.Begin begin:
                _logger.Information(
                    "{Command} begins from batch {FromBatch} of {TotalBatches}: recipe {Recipe}, {Workers} workers, {Shards} shards, "
                    + "{Consistency}", begin.Command, begin.FromBatch, begin.TotalBatches, begin.Recipe, begin.Workers, begin.Shards,
                    begin.Consistency);
                break;
            case RunEvent.Epoch epoch:
                _logger.Information("Epoch {Epoch}: loss {Loss}, {ExamplesPerSecond} examples/s, staleness {MeanStaleness}", epoch.Number,
                    epoch.Loss, epoch.ExamplesPerSecond, epoch.MeanStaleness);
                break;
            case RunEvent.Evaluation evaluation:
                _logger.Information("Evaluation at batch {Batches}: {@Metrics}, best so far: {Best}", evaluation.Batches,
                    evaluation.Metrics, evaluation.Best);
                break;
            case RunEvent.Notice notice:
                _logger.Write(notice.Kind is "other" or "checkpoint" or "worker-joined" ? LogEventLevel.Information : LogEventLevel.Warning,
                    "{Kind}: {Text} (batch {Batches}, virtual second {Virtual})", notice.Kind, notice.Text, notice.Batches, notice.Virtual);
                break;
            case RunEvent.Members members:
                _logger.Information("Members {@Members}, shards {@Shards}", members.All, members.Shards);
                break;
            case RunEvent.End end:
                _logger.Write(end.Reason == "failed" ? LogEventLevel.Error : LogEventLevel.Information,
                    "Ended at batch {Batches}: {Reason}", end.Batches, end.Reason);
                break;
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        // The logger belongs to the session, which may have other runs.
    }

    /// <inheritdoc />
    public override string ToString() => "the log";
}
