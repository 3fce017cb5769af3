using System.CommandLine;
using System.Globalization;
using TwoTower.Node.Settings;

namespace TwoTower.Node.Telemetry;

/// <summary>Who else is told of a run. None of it decides anything about the run, so none of it is a setting, and a
/// run that goes on is asked anew.</summary>
internal sealed record TelemetryOptions
{
    /// <summary>Nobody.</summary>
    public static TelemetryOptions None { get; } = new();

    /// <summary>TensorBoard, by files in the run's folder.</summary>
    public bool TensorBoard { get; init; }

    /// <summary>OpenTelemetry, by OTLP to where the standard variables say.</summary>
    public bool Otlp { get; init; }

    /// <summary>Prometheus, at this port on loopback; 0 is any; null is nobody.</summary>
    public int? MetricsPort { get; init; }

    /// <summary>A file of structured log; null is none.</summary>
    public string? LogJson { get; init; }

    /// <summary>Whether anybody is told.</summary>
    public bool Any => this != None;

    /// <summary>The flags that say the same.</summary>
    public IReadOnlyList<string> ToArguments() =>
    [
        .. TensorBoard ? ["--tensorboard"] : Array.Empty<string>(),
        .. Otlp ? ["--otlp"] : Array.Empty<string>(),
        .. MetricsPort is { } port ? ["--metrics-port", port.ToString(CultureInfo.InvariantCulture)] : Array.Empty<string>(),
        .. LogJson is { } log ? ["--log-json", log] : Array.Empty<string>(),
    ];
}

/// <summary>The flags for <see cref="TelemetryOptions"/> on a command.</summary>
internal sealed class TelemetryFlags
{
    private readonly Option<bool> _tensorBoard =
        new("--tensorboard") { Description = "Write event files for TensorBoard into the run's folder" };
    private readonly Option<bool> _otlp =
        new("--otlp") { Description = "Send metrics and traces by OTLP to OTEL_EXPORTER_OTLP_ENDPOINT (default http://localhost:4317)" };
    private readonly Option<string> _metricsPort =
        new("--metrics-port") { Description = "Serve /metrics for Prometheus on this port of loopback; 0 takes any" };
    private readonly Option<string> _logJson = new("--log-json") { Description = "File to append a structured log to, an object a line" };

    /// <summary>Adds the flags to a command.</summary>
    public TelemetryFlags(Command command)
    {
        foreach (var option in new Option[] { _tensorBoard, _otlp, _metricsPort, _logJson })
        {
            command.Options.Add(option);
        }
    }

    /// <summary>What was asked for.</summary>
    /// <exception cref="SettingException">A value cannot be used.</exception>
    public TelemetryOptions Of(ParseResult parsed) => new()
    {
        TensorBoard = parsed.GetValue(_tensorBoard),
        Otlp = parsed.GetValue(_otlp),
        MetricsPort = parsed.GetValue(_metricsPort) is not { } text ? null
            : int.TryParse(text, NumberStyles.None, null, out var port) && port <= 65535 ? port
            : throw Setting.Refused("--metrics-port", text, "a port from 0 to 65535"),
        LogJson = Setting.PathOf("--log-json", parsed.GetValue(_logJson)),
    };
}
