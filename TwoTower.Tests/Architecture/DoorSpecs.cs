using System.Reflection;
using System.Text.RegularExpressions;
using TwoTower.Tests.Node;

namespace TwoTower.Tests.Architecture;

/// <summary>What is public is what another program would use.</summary>
public sealed partial class DoorSpecs
{
    [Fact]
    public void The_libraries_show_about_120_types_and_the_program_none()
    {
        var shown = new[] { "TwoTower.Model", "TwoTower.Actors" }.SelectMany(name => Assembly.Load(name).GetExportedTypes())
            .Where(type => !type.IsNested).ToList();

        Assert.True(shown.Count <= 130, $"{shown.Count} types are public:\n{string.Join('\n', shown.Select(type => type.FullName))}");
        Assert.Empty(Assembly.Load("twotower").GetExportedTypes());
    }

    [Fact]
    public void Nothing_public_shows_a_message_or_an_actor()
    {
        var shown = Assembly.Load("TwoTower.Actors").GetExportedTypes();

        Assert.DoesNotContain(shown, type => type.IsAssignableTo(typeof(Akka.Actor.ActorBase)));
        Assert.DoesNotContain(shown, type => type.Name.EndsWith("Protocol", StringComparison.Ordinal));
    }

    [Fact]
    public void No_actor_is_spread_over_several_files()
    {
        var files = new[] { "TwoTower.Actors", "TwoTower.Node" }.SelectMany(SourceFile.In)
            .Where(file => File.ReadAllText(Path.Combine(ReadmeSpecs.Root(), file.Path)).Contains("Actor", StringComparison.Ordinal))
            .ToList();

        Assert.NotEmpty(files);
        Assert.DoesNotContain(files, file => PartialActor().IsMatch(File.ReadAllText(Path.Combine(ReadmeSpecs.Root(), file.Path))));
    }

    [GeneratedRegex(@"\bpartial class \w*Actor\b")]
    private static partial Regex PartialActor();
}
