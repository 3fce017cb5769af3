using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using TwoTower.Tests.Node;

namespace TwoTower.Tests.Dashboard;

public sealed partial class PageFileSpecs : DashboardSpecs
{
    [Theory]
    [InlineData("/")]
    [InlineData("/run?id=none")]
    [InlineData("/compare")]
    [InlineData("/learned?id=none")]
    public async Task A_page_has_nothing_inline_and_all_it_needs_is_here(string page)
    {
        var html = await Client.GetStringAsync(new Uri(Server.Url, page));

        Assert.DoesNotMatch(InlineCode(), html);
        var waiting = new Queue<string>(Files().Matches(html).Select(match => match.Value));
        var seen = new HashSet<string>(StringComparer.Ordinal);
        Assert.NotEmpty(waiting);
        while (waiting.TryDequeue(out var file))
        {
            if (seen.Add(file))
            {
                foreach (Match import in Files().Matches(await Client.GetStringAsync(new Uri(Server.Url, file))))
                {
                    waiting.Enqueue(import.Value);
                }
            }
        }
    }

    [Fact]
    public async Task A_file_that_the_browser_has_is_not_sent_again()
    {
        using var first = await Client.GetAsync(new Uri(Server.Url, "/files/style.css"));
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(Server.Url, "/files/style.css"));
        request.Headers.IfNoneMatch.Add(new EntityTagHeaderValue(first.Headers.ETag!.Tag));

        using var again = await Client.SendAsync(request);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.NotModified), (first.StatusCode, again.StatusCode));
    }

    [Theory]
    [InlineData("uPlot.iife.min.js", "19c8d4c6ad88929a79f4ae49d6f7161566dfd0ba3d15cc495e974f787eb78f1f")]
    [InlineData("uPlot.min.css", "df630c6a8d6f8eeaff264b50f73ce5b114f646ffd9a0bb74f049b0a00135fa04")]
    [InlineData("LICENSE", "8f989229699b4fe2f1a0432d0e9edc338a8a911e250e2d1b01ecd770a5f5b1bd")]
    public async Task The_chart_library_is_the_published_one_to_the_byte(string file, string sha256)
    {
        var served = await Client.GetByteArrayAsync(new Uri(Server.Url, $"/files/uplot.{file}"));

        Assert.Equal(sha256, Convert.ToHexStringLower(SHA256.HashData(served)));
        Assert.Equal(served,
            await File.ReadAllBytesAsync(Path.Combine(ReadmeSpecs.Root(), "TwoTower.Node", "Dashboard", "Pages", "uplot", file)));
    }

    [GeneratedRegex(@"<style|\sstyle=|\son[a-z]+=|javascript:|<script(?![^>]*\ssrc=)|https?://")]
    private static partial Regex InlineCode();

    [GeneratedRegex(@"/files/[A-Za-z0-9.]+")]
    private static partial Regex Files();
}
