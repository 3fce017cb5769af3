using System.Reflection;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace TwoTower.Node.Dashboard;

/// <summary>The files of the pages. They are resources of the program, found by name in a table: a request
/// never names a file of the disk.</summary>
internal static class PageFiles
{
    private const string Prefix = "TwoTower.Node.Dashboard.Pages.";

    private static readonly Dictionary<string, string> s_types = new(StringComparer.Ordinal)
    {
        [".html"] = "text/html; charset=utf-8",
        [".js"] = "text/javascript; charset=utf-8",
        [".css"] = "text/css; charset=utf-8",
        [".svg"] = "image/svg+xml",
    };

    private static readonly Dictionary<string, string> s_pages = new(StringComparer.Ordinal)
    {
        ["/"] = "runs.html",
        ["/run"] = "run.html",
        ["/compare"] = "compare.html",
        ["/learned"] = "learned.html",
    };

    /// <summary>Serves every page under its address, and every file under <c>/files/</c>.</summary>
    public static void MapPageFiles(this IEndpointRouteBuilder routes)
    {
        var assembly = Assembly.GetExecutingAssembly();
        var files = assembly.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
            .ToDictionary(name => name[Prefix.Length..], name => Read(assembly, name), StringComparer.Ordinal);
        foreach (var (path, name) in s_pages)
        {
            routes.MapGet(path, context => Send(context, name, files[name]));
        }

        routes.MapGet("/files/{name}", context => context.Request.RouteValues["name"] is string name
            && files.TryGetValue(name, out var file) ? Send(context, name, file) : NotFound(context));
    }

    private static Task NotFound(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }

    private static (byte[] Content, string Tag) Read(Assembly assembly, string name)
    {
        using var stream = assembly.GetManifestResourceStream(name)!;
        var content = new byte[stream.Length];
        stream.ReadExactly(content);
        return (content, $"\"{Convert.ToHexStringLower(SHA256.HashData(content))[..16]}\"");
    }

    private static Task Send(HttpContext context, string name, (byte[] Content, string Tag) file)
    {
        var response = context.Response;
        response.Headers.CacheControl = "no-cache"; // kept, but asked for again: a new version of the program has new pages
        response.Headers.ETag = file.Tag;
        if (context.Request.Headers.IfNoneMatch == file.Tag)
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        }

        response.ContentType = s_types.GetValueOrDefault(Path.GetExtension(name), "text/plain; charset=utf-8");
        response.ContentLength = file.Content.Length;
        return response.Body.WriteAsync(file.Content, context.RequestAborted).AsTask();
    }
}
