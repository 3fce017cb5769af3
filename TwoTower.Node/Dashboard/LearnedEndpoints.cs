using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using TwoTower.Node.Learned;

namespace TwoTower.Node.Dashboard;

/// <summary>What pages ask of what a run has learned. The answers are those of <c>recommend</c>, <c>similar</c> and <c>map</c>: as
/// <c>result</c>, or as <c>search</c> where the question names no single item.</summary>
internal sealed class LearnedEndpoints(ShownRuns runs, LearnedModels models) : IDisposable
{
    /// <summary>Letters of an id or a title: what fits none is held against every one of them, which
    /// takes the longer the longer it is.</summary>
    private const int MostLetters = 200;

    /// <summary>Items that somebody may say they like: each is searched for.</summary>
    private const int MostLiked = 100;

    private const string TooLong = "An id or a title of more than 200 characters cannot be asked for.";

    /// <summary>One question is worked at a time; others wait.</summary>
    private readonly SemaphoreSlim _one = new(1, 1);

    /// <summary>Users that a page names as examples: their ids say nothing to a stranger.</summary>
    private const int Examples = 12;

    /// <summary>What <c>POST …/recommend</c> takes: a user, or what somebody likes.</summary>
    /// <param name="User">Id of a user.</param>
    /// <param name="Like">Ids or titles of items.</param>
    /// <param name="K">How many items; 10 when left out.</param>
    /// <param name="Explain">Whether to say which liked items pull towards each.</param>
    internal sealed record Question(string? User, IReadOnlyList<string?>? Like, int? K, bool Explain);

    public void Dispose() => _one.Dispose();

    /// <summary>Answers under <c>/api/runs/{id}</c>.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/runs/{id}/users",
            context =>
            Answer(context, model => new JsonObject
            {
                ["users"] = model.Run.Data.Users.Count,
                ["some"] = new JsonArray([.. Some(model.Run.Data.Users.RawIds).Select(id => (JsonNode)id)])
            }));
        routes.MapPost("/api/runs/{id}/recommend", RecommendAsync);
        routes.MapGet("/api/runs/{id}/similar", SimilarAsync);
        routes.MapGet("/api/runs/{id}/map",
            context =>
            Answer(context, model => Result(model.Map(Math.Clamp(Whole(context, "most", 5_000), 1, 20_000)), LearnedJson.Default.ItemMap)));
    }

    private static IEnumerable<string> Some(IReadOnlyList<string> ids) => Enumerable.Range(0, Math.Min(Examples, ids.Count))
        .Select(n => ids[(int)((long)n * ids.Count / Math.Min(Examples, ids.Count))]);

    private static int Whole(HttpContext context, string name, int otherwise) =>
        int.TryParse(context.Request.Query[name], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : otherwise;

    private static JsonObject Result<T>(T result, JsonTypeInfo<T> form) =>
        new() { ["result"] = JsonSerializer.SerializeToNode(result, form) };

    private static JsonObject Search(ItemSearch search) =>
        new() { ["search"] = JsonSerializer.SerializeToNode(search, LearnedJson.Default.ItemSearch) };

    private static JsonObject Recommend(LearnedModel model, Question question)
    {
        var k = question.K ?? 10;
        if (question.User is { } user)
        {
            return Result(model.RecommendFor(user.Trim(), k, question.Explain), LearnedJson.Default.Recommendations);
        }

        var liked = new List<string>();
        foreach (var item in question.Like ?? [])
        {
            var search = model.Find(item!);
            if (search.Found is null)
            {
                return Search(search);
            }

            liked.Add(search.Found.Id);
        }

        return Result(model.RecommendTo(liked, k, question.Explain), LearnedJson.Default.Recommendations);
    }

    private Task SimilarAsync(HttpContext context)
    {
        var asked = context.Request.Query["item"].ToString();
        return asked.Length > MostLetters ? DashboardJson.RefuseAsync(context, StatusCodes.Status400BadRequest, TooLong)
            : Answer(context, model =>
            {
                var search = model.Find(asked);
                return search.Found is { } item
                    ? Result(model.SimilarTo(item.Id, Whole(context, "k", 10)), LearnedJson.Default.SimilarItems) : Search(search);
            });
    }

    private async Task RecommendAsync(HttpContext context)
    {
        // A form of another site can send no JSON without asking first, and is not answered.
        if (!context.Request.HasJsonContentType())
        {
            await DashboardJson.RefuseAsync(context, StatusCodes.Status415UnsupportedMediaType, "The question has to be application/json.")
                .ConfigureAwait(false);
            return;
        }

        Question? question;
        try
        {
            question = await context.Request.ReadFromJsonAsync<Question>(DashboardJson.Options, context.RequestAborted)
                .ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException) // the latter of a charset that there is not
        {
            await DashboardJson.RefuseAsync(context, StatusCodes.Status400BadRequest, "The question cannot be read as JSON.")
                .ConfigureAwait(false);
            return;
        }

        if (Objection(question) is { } why)
        {
            await DashboardJson.RefuseAsync(context, StatusCodes.Status400BadRequest, why).ConfigureAwait(false);
            return;
        }

        await Answer(context, model => Recommend(model, question!)).ConfigureAwait(false);
    }

    /// <summary>Why a question is not worked on; null when it is.</summary>
    private static string? Objection(Question? question) =>
        question is null || question.User is null == (question.Like is null or []) || question.Like?.Contains(null) == true
            ? "Name either a user or what somebody likes."
        : question.Like?.Count > MostLiked ? "Name at most 100 items that somebody likes."
        : question.User?.Length > MostLetters || question.Like?.Any(item => item!.Length > MostLetters) == true ? TooLong
        : null;

    private async Task Answer(HttpContext context, Func<LearnedModel, JsonObject> answer)
    {
        if (runs.Find(context.Request.RouteValues["id"] as string) is not { } run)
        {
            await DashboardJson.RefuseAsync(context, StatusCodes.Status404NotFound, RunEndpoints.NoSuchRun).ConfigureAwait(false);
            return;
        }

        var model = await models.OfAsync(run.Folder, context.RequestAborted).ConfigureAwait(false);
        JsonObject found;
        await _one.WaitAsync(context.RequestAborted).ConfigureAwait(false);
        try
        {
            found = answer(model);
        }
        finally
        {
            _one.Release();
        }

        await DashboardJson.AnswerAsync(context, found).ConfigureAwait(false);
    }
}
