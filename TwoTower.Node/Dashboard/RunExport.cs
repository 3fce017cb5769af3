using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using TwoTower.Node.Dashboard.Feeds;

namespace TwoTower.Node.Dashboard;

/// <summary>A run as files for other tools: every point of it, not the few that a page draws.</summary>
internal static class RunExport
{
    /// <summary>Progress as CSV, a row per line of the run; seconds and batches go on over resumes.</summary>
    public static Task SendCsvAsync(HttpContext context, string name, RunFeed feed)
    {
        var all = feed.Look(series => series.AllProgress());
        var text = new StringBuilder("batches,examples,seconds,virtualSeconds,loss,examplesPerSecond,meanStaleness\n");
        for (var row = 0; row < all.Batches.Count; row++)
        {
            text.Append(CultureInfo.InvariantCulture, $"{all.Batches[row]},{all.Examples[row]},{all.Wall[row]},{all.Virtual?[row]},{all.Loss[row]},{all.Rate[row]},{all.Staleness[row]}\n");
        }

        return SendAsync(context, $"{name}-progress.csv", "text/csv; charset=utf-8", Encoding.UTF8.GetBytes(text.ToString()));
    }

    /// <summary>All that the page knows as JSON, with every point of progress.</summary>
    public static Task SendJsonAsync(HttpContext context, string name, string status, RunFeed feed)
    {
        var view = feed.Look(series => series.Whole(status) with { Progress = series.AllProgress() });
        return SendAsync(context, $"{name}.json", "application/json", System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(view, DashboardJson.Options));
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
