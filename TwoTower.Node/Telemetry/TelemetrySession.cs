using System.Diagnostics.Metrics;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Serilog.Core;
using TwoTower.Node.Runs;
using TwoTower.Node.Settings;
using TwoTower.Node.Shell;

namespace TwoTower.Node.Telemetry;

/// <summary>Those who are told of a run besides its own folder, from before it begins to after it has ended.</summary>
internal sealed class TelemetrySession : IAsyncDisposable
{
    /// <summary>A collector that does not answer keeps nobody longer at the end of a run.</summary>
    private const int FlushMilliseconds = 3000;

    private readonly TelemetryOptions _options;
    private MeterProvider? _meters;
    private TracerProvider? _traces;
    private IAsyncDisposable? _server;
    private Logger? _log;

    private TelemetrySession(TelemetryOptions options) => _options = options;

    /// <summary>Opens whatever was asked for.</summary>
    /// <param name="options">What was asked for.</param>
    /// <param name="run">The run's folder, as its name.</param>
    /// <param name="to">Is told where metrics are served.</param>
    /// <exception cref="SettingException">Something cannot be used.</exception>
    public static async Task<TelemetrySession> StartAsync(TelemetryOptions options, string run, TextWriter to)
    {
        var session = new TelemetrySession(options);
        try
        {
            session._log = options.LogJson is { } path ? RunLog.Open(path) : null;
            if (options.Otlp)
            {
                session.Export(run);
            }

            if (options.MetricsPort is { } port)
            {
                (session._server, var url) = await MetricsEndpoint.ServeAsync(port).ConfigureAwait(false);
                await to.WriteLineAsync($"Metrics {url}").ConfigureAwait(false);
            }

            return session;
        }
        catch
        {
            await session.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Those who take the events of a run.</summary>
    /// <param name="folder">The run's folder; it exists.</param>
    public IEnumerable<IRunEventSink> SinksFor(RunFolder folder)
    {
        if (_options.TensorBoard)
        {
            yield return TensorBoardLog.Create(folder.Path);
        }

        // Always: whoever else listens to meters in this process, or asks it from outside, may.
        yield return new RunMetrics(_meters is { } meters ? () => meters.ForceFlush(FlushMilliseconds) : null);

        if (_log is not null)
        {
            yield return new RunLog(_log, folder.Path);
        }
    }

    /// <summary>Sends what has not been sent, and closes all.</summary>
    public async ValueTask DisposeAsync()
    {
        _traces?.Shutdown(FlushMilliseconds);
        _traces?.Dispose();
        _meters?.Shutdown(FlushMilliseconds);
        _meters?.Dispose();
        if (_server is not null)
        {
            await _server.DisposeAsync().ConfigureAwait(false);
        }

        if (_log is not null)
        {
            await _log.DisposeAsync().ConfigureAwait(false);
        }
    }

    // Prometheus puts the meter's name before each instrument's; collectors do not.
    private static MetricStreamConfiguration Named(Instrument instrument) => new() { Name = $"twotower.{instrument.Name}" };

    private void Export(string run)
    {
        try
        {
            var resource = ResourceBuilder.CreateDefault().AddService("twotower", serviceVersion: ProgramVersion.Text)
                .AddAttributes([new("twotower.run", run)]).AddEnvironmentVariableDetector();
            _meters = Sdk.CreateMeterProviderBuilder().SetResourceBuilder(resource).AddMeter(RunMetrics.Name).AddView(Named)
                .AddOtlpExporter().Build();
            _traces = Sdk.CreateTracerProviderBuilder().SetResourceBuilder(resource).AddSource(RunMetrics.Name).AddOtlpExporter().Build();
        }
        catch (UriFormatException)
        {
            throw new SettingException("OTEL_EXPORTER_OTLP_ENDPOINT is no address; it takes one such as http://localhost:4318.");
        }
    }
}
