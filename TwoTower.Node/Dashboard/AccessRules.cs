using System.Security.Cryptography;
using System.Text;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace TwoTower.Node.Dashboard;

/// <summary>Who may ask the dashboard, how often, and what a browser may do with the answers.</summary>
internal static class AccessRules
{
    private const string Query = "token", Scheme = "Bearer ";

    // Nothing but this server's own files, no inline script or style, no frame around it. Pictures of charts are saved through blob URLs,
    // which are downloads and need no right.
    private const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action "
            + "'none'; frame-ancestors 'none'";

    /// <summary>What the rules need.</summary>
    public static void AddAccessRules(this IServiceCollection services, DashboardOptions options)
    {
        services.AddHostFiltering(hosts => (hosts.AllowedHosts, hosts.AllowEmptyHosts, hosts.IncludeFailureMessage) =
            ([.. options.Hosts], false, false));
        services.AddRateLimiter(limiter =>
        {
            limiter.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
            limiter.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, string>(context => RateLimitPartition.GetTokenBucketLimiter(
                context.Connection.RemoteIpAddress?.ToString() ?? string.Empty,
                _ => new TokenBucketRateLimiterOptions
                {
                    TokenLimit = options.Limits.RequestsPerSecond * 5,
                    TokensPerPeriod = options.Limits.RequestsPerSecond,
                    ReplenishmentPeriod = TimeSpan.FromSeconds(1),
                }));
        });
    }

    /// <summary>Puts the rules before everything else.</summary>
    public static void UseAccessRules(this IApplicationBuilder application, DashboardOptions options)
    {
        application.Use((context, next) =>
        {
            var headers = context.Response.Headers;
            headers.ContentSecurityPolicy = ContentSecurityPolicy;
            headers.XContentTypeOptions = "nosniff";
            headers["Referrer-Policy"] = "no-referrer";
            headers["Cross-Origin-Resource-Policy"] = "same-origin";
            headers["Cross-Origin-Opener-Policy"] = "same-origin";
            headers.CacheControl = "no-store";
            return next(context);
        });
        application.UseHostFiltering();
        application.UseRateLimiter();
        if (options.Token is { } token)
        {
            var secret = Hash(token);
            application.Use((context, next) => Admit(context, secret) ? next(context) : Refuse(context, secret));
        }
    }

    private static bool Admit(HttpContext context, byte[] secret) =>
        (context.Request.Headers.Authorization.ToString() is var header && header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            && Same(header[Scheme.Length..], secret))
        || (context.Request.Cookies.TryGetValue(CookieOf(context), out var cookie) && Same(cookie, secret));

    /// <summary>A right token in the address becomes a cookie, and leaves the address before anybody can look
    /// over a shoulder or into a history.</summary>
    private static Task Refuse(HttpContext context, byte[] secret)
    {
        var given = context.Request.Query[Query].ToString();
        if (HttpMethods.IsGet(context.Request.Method) && Same(given, secret))
        {
            context.Response.Cookies.Append(CookieOf(context), given, new CookieOptions
            {
                HttpOnly = true,
                SameSite = SameSiteMode.Strict,
                Path = "/"
            });
            // Of this server, whatever the path says: "//elsewhere" would be another one's.
            context.Response.Redirect("/" + context.Request.Path.Value!.TrimStart('/', '\\')
                + QueryString.Create(context.Request.Query.Where(pair => pair.Key != Query)));
            return Task.CompletedTask;
        }

        context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        context.Response.Headers.WWWAuthenticate = "Bearer";
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(
            "This dashboard wants the token that it printed when it was started: open the address that it printed.\n",
            context.RequestAborted);
    }

    /// <summary>Cookie that carries the token after a first visit with <c>?token=</c>. A browser gives it to every port of a host: two
    /// dashboards there must not take each other's place.</summary>
    private static string CookieOf(HttpContext context) => $"twotower-token-{context.Request.Host.Port ?? 80}";

    // Hashes are of one length, so the time of the comparison says nothing, not even that.
    private static bool Same(string given, byte[] secret) => CryptographicOperations.FixedTimeEquals(Hash(given), secret);

    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
