using System.Reflection;

namespace TwoTower.Tests.Architecture;

/// <summary>A namespace is a folder, and no two need each other.</summary>
public class NamespaceSpecs
{
    /// <summary>Arrows that still close a circle. The list only gets shorter: one that closes none any more has to be taken out.</summary>
    private static readonly (string From, string To)[] s_left = [];

    public static TheoryData<string> Projects => ["TwoTower.Model", "TwoTower.Actors", "TwoTower.Node"];

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_namespace_is_its_folder(string project)
    {
        var files = SourceFile.In(project).Where(file => file.Namespace.Length > 0 || file.Path.Split('/')[^1] != "AssemblyInfo.cs").ToList();

        Assert.NotEmpty(files);
        AssertNone(files.Where(file => file.Namespace != string.Join('.', file.Path.Split('/')[..^1])).Select(file => $"{file.Path} declares {file.Namespace}"));
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void No_two_namespaces_need_each_other(string project)
    {
        var arrows = ArrowsOf(project);

        Assert.NotEmpty(arrows.All);
        AssertNone(arrows.Without(s_left).InCircles());
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void An_arrow_that_is_let_through_closes_a_circle(string project)
    {
        var arrows = ArrowsOf(project);

        AssertNone(s_left.Where(arrow => arrow.From.StartsWith(project, StringComparison.Ordinal) && arrows.Without(s_left.Where(other => other != arrow)).InCircles().Count == 0));
    }

    private static NamespaceArrows ArrowsOf(string project) => NamespaceArrows.Of(Assembly.Load(project == "TwoTower.Node" ? "twotower" : project), project);

    private static void AssertNone<T>(IEnumerable<T> wrong) => Assert.True(!wrong.Any(), string.Join('\n', wrong));
}
