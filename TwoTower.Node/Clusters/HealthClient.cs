using System.Globalization;
using System.Text.Json;
using TwoTower.Actors.Protocol.Reports;
using TwoTower.Node.Settings;

namespace TwoTower.Node.Clusters;

/// <summary>Asks a node's <see cref="HealthServer"/>.</summary>
internal static class HealthClient
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(8);

    /// <summary>The address to ask: what was given, else the health port of the configuration sources.</summary>
    /// <param name="url">What was given, or null.</param>
    /// <param name="path">Path where the URL has none.</param>
    /// <exception cref="SettingException">It is no http address, or there is none.</exception>
    public static Uri Address(string? url, string path)
    {
        if (url is null)
        {
            var port = ConfiguredValues.Here().ApplyTo(new NodeOptions()).HealthPort;
            url = port is > 0
                ? string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}")
                : throw new SettingException(
                    "--url is needed, as in http://127.0.0.1:PORT: the address that a node prints after 'Health' (or set node.healthPort).");
        }

        return Uri.TryCreate(url, UriKind.Absolute, out var address) && address.Scheme is "http" or "https"
            ? address.AbsolutePath is "/" ? new Uri(address, path) : address
            : throw new SettingException($"--url takes an address such as http://127.0.0.1:PORT, not '{url}'.");
    }

    /// <summary>Asks.</summary>
    /// <returns>Whether the answer is a success, and its text or why there is none.</returns>
    public static async Task<(bool Good, string Text)> AskAsync(Uri address)
    {
        using var client = new HttpClient { Timeout = s_patience, MaxResponseContentBufferSize = 16 << 20 };
        try
        {
            using var response = await client.GetAsync(address).ConfigureAwait(false);
            return (response.IsSuccessStatusCode, (await response.Content.ReadAsStringAsync().ConfigureAwait(false)).TrimEnd());
        }
        catch (HttpRequestException failure)
        {
            return (false, $"{address} does not answer: {failure.Message}");
        }
        catch (TaskCanceledException)
        {
            return (false, $"{address} did not answer within {s_patience.TotalSeconds:0} s.");
        }
    }

    /// <summary>Reads the answer of <c>/status</c>; null when it is no such answer.</summary>
    public static ClusterStatus? Read(string json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, ClusterStatusJson.Default.ClusterStatus);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
