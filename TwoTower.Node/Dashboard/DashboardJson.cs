using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;

namespace TwoTower.Node.Dashboard;

/// <summary>How the dashboard writes JSON.</summary>
internal static class DashboardJson
{
    /// <summary>As scripts like it: camel case, nothing for null, and &lt; and &gt; escaped.</summary>
    public static JsonSerializerOptions Options { get; } =
        new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    /// <summary>Answers with an object.</summary>
    public static Task AnswerAsync<T>(HttpContext context, T answer)
    {
        context.Response.ContentType = "application/json";
        return JsonSerializer.SerializeAsync(context.Response.Body, answer, Options, context.RequestAborted);
    }

    /// <summary>Refuses in one sentence, which the page shows.</summary>
    public static Task RefuseAsync(HttpContext context, int code, string why)
    {
        context.Response.StatusCode = code;
        return AnswerAsync(context, new { error = why });
    }
}
