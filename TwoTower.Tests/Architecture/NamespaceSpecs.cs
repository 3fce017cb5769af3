using System.Reflection;

namespace TwoTower.Tests.Architecture;

/// <summary>A namespace is a folder, and no two need each other.</summary>
public class NamespaceSpecs
{
    public static TheoryData<string> Projects => ["TwoTower.Model", "TwoTower.Actors", "TwoTower.Node"];

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_namespace_is_its_folder(string project)
    {
        var files = SourceFile.In(project)
            .Where(file => file.Namespace.Length > 0 || !file.Path.EndsWith("/AssemblyInfo.cs", StringComparison.Ordinal));

        var wrong = files.Where(file => file.Namespace != string.Join('.', file.Path.Split('/')[..^1])).ToList();

        Assert.NotEmpty(files);
        Assert.True(wrong.Count == 0, string.Join('\n', wrong.Select(file => $"{file.Path} declares {file.Namespace}")));
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void No_two_namespaces_need_each_other(string project)
    {
        var arrows = NamespaceArrows.Of(Assembly.Load(project == "TwoTower.Node" ? "twotower" : project), project);

        var circles = arrows.InCircles();

        Assert.NotEmpty(arrows.All);
        Assert.True(circles.Count == 0, string.Join('\n', circles));
    }
}
