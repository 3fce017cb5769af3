using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using TwoTower.Node.Dashboard.Feeds;

namespace TwoTower.Node.Dashboard;

/// <summary>A run as files for other tools: every point of it, not the few that a page draws.</summary>
/// <param name="most">Exports at a time: each is made and held as a whole, however slowly it is read.</param>
internal sealed class RunExport(int most) : IDisposable
{
    private readonly SemaphoreSlim _free = new(most, most);

    /// <summary>Progress as CSV, a row per line of the run; seconds and batches go on over resumes.</summary>
    public Task SendCsvAsync(HttpContext context, string name, RunFeed feed) =>
        SendAsync(context, $"{name}-progress.csv", "text/csv; charset=utf-8", () =>
        {
            var all = feed.Look(series => series.AllProgress());
            var text = new StringBuilder("batches,examples,seconds,virtualSeconds,loss,examplesPerSecond,meanStaleness\n");
            for (var row = 0; row < all.Batches.Count; row++)
            {
                text.Append(CultureInfo.InvariantCulture,
                    $"{all.Batches[row]},{all.Examples[row]},{all.Wall[row]},{all.Virtual?[row]},{all.Loss[row]},{all.Rate[row]},{all.Staleness[row]}\n");
            }

            return Encoding.UTF8.GetBytes(text.ToString());
        });

    /// <summary>All that the page knows as JSON, with every point of progress.</summary>
    public Task SendJsonAsync(HttpContext context, string name, string status, RunFeed feed) =>
        SendAsync(context, $"{name}.json", "application/json",
            () => JsonSerializer.SerializeToUtf8Bytes(feed.Look(series => series.Everything(status)), DashboardJson.Options));

    public void Dispose() => _free.Dispose();

    private async Task SendAsync(HttpContext context, string file, string type, Func<byte[]> make)
    {
        if (!_free.Wait(0, CancellationToken.None))
        {
            await DashboardJson.RefuseAsync(context, StatusCodes.Status503ServiceUnavailable,
                "Other exports are being sent; try again when they are done.").ConfigureAwait(false);
            return;
        }

        try
        {
            await SendAsync(context, file, type, make()).ConfigureAwait(false);
        }
        finally
        {
            _free.Release();
        }
    }

    private static Task SendAsync(HttpContext context, string file, string type, byte[] content)
    {
        // A folder may be called anything; a header, and a file where it is saved, may not.
        var safe = string.Concat(file.Select(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.' ? letter : '-'));
        context.Response.Headers.ContentDisposition = $"attachment; filename=\"{safe}\"";
        context.Response.ContentType = type;
        context.Response.ContentLength = content.Length;
        return context.Response.Body.WriteAsync(content, context.RequestAborted).AsTask();
    }
}
