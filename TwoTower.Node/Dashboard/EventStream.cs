using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using TwoTower.Node.Dashboard.Feeds;

namespace TwoTower.Node.Dashboard;

/// <summary>Server-sent events of a run: all of it first, then what is new. One page, one stream; nothing is queued for it, and a page that
/// takes in nothing for a while loses the connection.</summary>
/// <param name="limits">How many, and how patient.</param>
/// <param name="stopping">The server's end.</param>
internal sealed class EventStream(DashboardLimits limits, CancellationToken stopping)
{
    private const int PieceBytes = 1 << 16;
    private static readonly TimeSpan s_silence = TimeSpan.FromSeconds(10);
    private readonly SemaphoreSlim _free = new(limits.Streams, limits.Streams);

    /// <summary>Sends a run until the page goes, the server ends, or the page does not keep up.</summary>
    /// <param name="context">The request.</param>
    /// <param name="feed">The run's events.</param>
    /// <param name="status">Says what has become of the run; null when it is not there any more.</param>
    public async Task SendAsync(HttpContext context, RunFeed feed, Func<string?> status)
    {
        if (!_free.Wait(0, CancellationToken.None))
        {
            await DashboardJson.RefuseAsync(context, StatusCodes.Status503ServiceUnavailable,
                "Too many pages follow runs at work; close one.").ConfigureAwait(false);
            return;
        }

        try
        {
            using var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
            context.Response.ContentType = "text/event-stream";
            await SendAsync(context, feed, status, end.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The page has gone, or the server goes.
        }
        finally
        {
            _free.Release();
        }
    }

    private async Task SendAsync(HttpContext context, RunFeed feed, Func<string?> status, CancellationToken end)
    {
        RunFeed.Seen? seen = null;
        var spoken = Stopwatch.GetTimestamp();
        while (status() is { } now)
        {
            (var view, seen) = feed.Since(seen, now);
            if (view is not null)
            {
                await WriteAsync(context, $"data: {JsonSerializer.Serialize(view, DashboardJson.Options)}\n\n", end).ConfigureAwait(false);
                spoken = Stopwatch.GetTimestamp();
            }
            else if (Stopwatch.GetElapsedTime(spoken) > s_silence)
            {
                await WriteAsync(context, ":\n\n", end).ConfigureAwait(false); // so that both ends find out when the other is gone
                spoken = Stopwatch.GetTimestamp();
            }

            await Task.Delay(limits.Interval, end).ConfigureAwait(false);
        }
    }

    /// <summary>Patience is for each piece, and begins when the piece is ready: a slow reader of a long answer is not a deaf one, and our
    /// own work is not its fault.</summary>
    private async Task WriteAsync(HttpContext context, string text, CancellationToken end)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        for (var sent = 0; sent < bytes.Length; sent += PieceBytes)
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(end);
            limit.CancelAfter(limits.Patience);
            try
            {
                await context.Response.Body.WriteAsync(bytes.AsMemory(sent, Math.Min(PieceBytes, bytes.Length - sent)), limit.Token)
                    .ConfigureAwait(false);
                await context.Response.Body.FlushAsync(limit.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!end.IsCancellationRequested)
            {
                context.Abort();
                throw;
            }
        }
    }
}
