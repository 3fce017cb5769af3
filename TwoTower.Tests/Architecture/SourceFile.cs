using System.Text.RegularExpressions;
using TwoTower.Tests.Node;

namespace TwoTower.Tests.Architecture;

/// <summary>A source file of a project.</summary>
/// <param name="Path">Where it is, from the repository's root, with slashes.</param>
/// <param name="Namespace">The namespace that it declares; empty when it declares none.</param>
/// <param name="Imports">The namespaces that it imports, and those of types that it imports the members of.</param>
internal sealed partial record SourceFile(string Path, string Namespace, IReadOnlyList<string> Imports)
{
    /// <summary>All source files of a project that are not made by a build.</summary>
    public static IEnumerable<SourceFile> In(string project)
    {
        var root = ReadmeSpecs.Root();
        var files = Directory.EnumerateFiles(System.IO.Path.Combine(root, project), "*.cs", SearchOption.AllDirectories);
        foreach (var file in files.Order(StringComparer.Ordinal))
        {
            var path = System.IO.Path.GetRelativePath(root, file).Replace('\\', '/');
            if (path.Split('/') is not [_, "bin" or "obj", ..])
            {
                var text = File.ReadAllText(file);
                yield return new SourceFile(
                    path, Declaration().Match(text).Groups[1].Value,
                    [.. Import().Matches(text).Select(match => match.Groups[1].Success ? match.Groups[1].Value : match.Groups[2].Value)]);
            }
        }
    }

    [GeneratedRegex(@"^namespace ([\w.]+)", RegexOptions.Multiline)]
    private static partial Regex Declaration();

    [GeneratedRegex(@"^using (?:static ([\w.]+)\.\w+|([\w.]+));", RegexOptions.Multiline)]
    private static partial Regex Import();
}
