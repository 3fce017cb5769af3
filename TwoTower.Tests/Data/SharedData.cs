using Xunit.Abstractions;

namespace TwoTower.Tests.Data;

/// <summary>Finds the data sets beside the repository (<c>../shared/data</c>); they are read there and never copied here.</summary>
internal static class SharedData
{
    /// <summary>The folder of a data set, or null with a reason in the test's output.</summary>
    public static string? Find(string name, ITestOutputHelper output)
    {
        var roots = new List<string?> { Environment.GetEnvironmentVariable("TWOTOWER_SHARED") };
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "TwoTower.sln")))
            {
                roots.Add(Path.Combine(folder.FullName, "..", "shared"));
            }
        }

        var found = roots.OfType<string>().Select(root => Path.Combine(root, "data", name)).FirstOrDefault(Directory.Exists);
        if (found is null)
        {
            output.WriteLine($"Not checked: there is no ../shared/data/{name} beside the repository, nor one under TWOTOWER_SHARED.");
        }

        return found;
    }
}
