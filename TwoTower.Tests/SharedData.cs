using System.Text.Json.Nodes;
using Xunit.Abstractions;

namespace TwoTower.Tests;

/// <summary>Real data beside the repository. Where it is missing a test prints so and ends.</summary>
internal static class SharedData
{
    public static string? Find(string path, ITestOutputHelper output)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var candidate = Path.Combine(folder.FullName, "shared", path);
            if (File.Exists(Path.Combine(folder.FullName, "shared", "DESIGN.md")) && Path.Exists(candidate))
            {
                return candidate;
            }
        }

        output.WriteLine($"Not run: shared/{path} is not beside the repository.");
        return null;
    }

    public static JsonNode Reference(string path) => JsonNode.Parse(File.ReadAllText(path))!;
}
