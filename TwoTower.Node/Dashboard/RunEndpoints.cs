using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using TwoTower.Node.Dashboard.Feeds;

namespace TwoTower.Node.Dashboard;

/// <summary>What pages ask of runs. A run is named by its id; only the table of runs knows folders.</summary>
internal sealed class RunEndpoints(ShownRuns runs, RunFeeds feeds, EventStream stream, Comparisons comparisons, RunExport export)
{
    /// <summary>Most runs of a comparison.</summary>
    private const int MostCompared = 12;

    /// <summary>What is said of an id that is none.</summary>
    public const string NoSuchRun = "There is no such run; its folder may have been removed.";

    /// <summary>Answers under <c>/api</c>.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/runs", context => DashboardJson.AnswerAsync(context, new { runs = runs.All().Select(run => run.ToJson()) }));
        routes.MapGet("/api/runs/{id}",
            context =>
            OfRun(context,
            run => DashboardJson.AnswerAsync(context, new
            {
                run = run.ToJson(),
                config = run.Read("config.json"),
                summary = run.Read("summary.json")
            })));
        routes.MapGet("/api/runs/{id}/view",
            context =>
            OfRun(context, run => DashboardJson.AnswerAsync(context, feeds.Of(run.Folder).Look(series => series.Whole(run.Status)))));
        routes.MapGet("/api/runs/{id}/events",
            context => OfRun(context, run => stream.SendAsync(context, feeds.Of(run.Folder), () => runs.Find(run.Id)?.Status)));
        routes.MapGet("/api/runs/{id}/progress.csv",
            context => OfRun(context, run => export.SendCsvAsync(context, run.Entry.Path, feeds.Of(run.Folder))));
        routes.MapGet("/api/runs/{id}/run.json",
            context => OfRun(context, run => export.SendJsonAsync(context, run.Entry.Path, run.Status, feeds.Of(run.Folder))));
        routes.MapGet("/api/compare/settings", CompareSettings);
        routes.MapGet("/api/compare/metrics", CompareMetricsAsync);
    }

    private Task OfRun(HttpContext context, Func<ShownRun, Task> answer) =>
        runs.Find(context.Request.RouteValues["id"] as string) is { } run
            ? answer(run)
            : DashboardJson.RefuseAsync(context, StatusCodes.Status404NotFound, NoSuchRun);

    private Task CompareSettings(HttpContext context)
    {
        var asked = context.Request.Query["id"].Take(MostCompared).Select(id => runs.Find(id)).ToArray();
        return asked.Length == 0 || asked.Contains(null)
            ? DashboardJson.RefuseAsync(context, StatusCodes.Status404NotFound, NoSuchRun)
            : DashboardJson.AnswerAsync(context,
                new { settings = ComparedRuns.Settings([.. asked.Select(run => run!.Read("config.json") ?? [])]) });
    }

    /// <summary>Intervals take a second or more of a core: one comparison at a time, and the latest are remembered.</summary>
    private async Task CompareMetricsAsync(HttpContext context)
    {
        if (runs.Find(context.Request.Query["first"].ToString()) is not { } first
            || runs.Find(context.Request.Query["second"].ToString()) is not { } second)
        {
            await DashboardJson.RefuseAsync(context, StatusCodes.Status404NotFound, NoSuchRun).ConfigureAwait(false);
            return;
        }

        await DashboardJson.AnswerAsync(context, await comparisons.OfAsync(first, second, context.RequestAborted).ConfigureAwait(false))
            .ConfigureAwait(false);
    }
}
