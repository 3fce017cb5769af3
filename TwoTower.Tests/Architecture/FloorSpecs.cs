using System.Reflection;
using ArchUnitNET.xUnit;
using TwoTower.Actors.Training;
using TwoTower.Model;
using static ArchUnitNET.Fluent.ArchRuleDefinition;

namespace TwoTower.Tests.Architecture;

/// <summary>The floors of Actors, and that arrows between them point down.</summary>
public class FloorSpecs
{
    private const string Root = "TwoTower.Actors";

    /// <summary>Every floor from the bottom up, with all that it knows of those below. What it does not name it must not know, and what it
    /// names it does know.</summary>
    private static readonly (string Floor, string[] Knows)[] s_floors =
    [
        ("Ids", []),
        ("Options", []),
        ("Work", []),
        ("Protocol", ["Ids", "Options"]),
        ("ParameterServer", ["Ids", "Options", "Work", "Protocol"]),
        ("Training", ["Ids", "Options", "Work", "Protocol", "ParameterServer"]),
        ("Evaluation", ["Ids", "Work", "Protocol", "ParameterServer"]),
        ("Hosting", ["Ids", "Options", "Work", "Protocol", "ParameterServer", "Training", "Evaluation"]),
        ("Cluster", ["Ids", "Options", "Work", "Protocol", "Training", "Hosting"]),
        ("Simulation", ["Ids", "Options", "Work", "Protocol", "ParameterServer", "Training", "Hosting"]),
    ];

    private static readonly Assembly s_actors = typeof(TrainerActor).Assembly;

    [Fact]
    public void Every_floor_knows_exactly_those_below_that_it_names()
    {
        var named = s_floors.SelectMany(floor => floor.Knows.Select(known => $"{floor.Floor} → {known}")).ToHashSet();
        var drawn = Arrows().GroupBy(arrow => $"{arrow.From} → {arrow.To}")
            .ToDictionary(arrow => arrow.Key, arrow => arrow.First().Example);

        AssertNone(drawn.Where(arrow => !named.Contains(arrow.Key)).Select(arrow => $"not allowed: {arrow.Key} ({arrow.Value})"));
        AssertNone(named.Except(drawn.Keys).Select(arrow => $"named and not there: {arrow}"));
    }

    [Fact]
    public void No_floor_names_one_that_is_not_below_it()
    {
        string[] order = [.. s_floors.Select(floor => floor.Floor)];

        Assert.All(s_floors, floor => Assert.All(
            floor.Knows,
            known => Assert.True(Array.IndexOf(order, known) < Array.IndexOf(order, floor.Floor), $"{floor.Floor} names {known}")));
    }

    [Fact]
    public void Nothing_but_Cluster_knows_the_cluster_of_Akka() =>
        Types().That().ResideInNamespaceMatching(@"^TwoTower\.Actors\.(?!Cluster($|\.))").Should()
            .NotDependOnAny(Types().That().ResideInNamespaceMatching(@"^Akka\.Cluster($|\.)"))
            .Check(NamespaceArrows.Read(
                s_actors, Assembly.Load("Akka.Cluster"), Assembly.Load("Akka.Cluster.Sharding"), Assembly.Load("Akka.Cluster.Tools")));

    [Fact]
    public void The_model_knows_no_actor() =>
        Types().That().ResideInNamespaceMatching(@"^TwoTower\.Model($|\.)").Should()
            .NotDependOnAny(Types().That().ResideInNamespaceMatching(@"^(Akka|TwoTower\.(Actors|Node))($|\.)"))
            .Check(NamespaceArrows.Read(typeof(SeededRandom).Assembly, s_actors, Assembly.Load("Akka")));

    private static IEnumerable<(string From, string To, string Example)> Arrows() => NamespaceArrows.Of(s_actors, Root).All
        .Select(arrow => (From: FloorOf(arrow.From), To: FloorOf(arrow.To), arrow.Example)).Where(arrow => arrow.From != arrow.To);

    private static string FloorOf(string name) => name[(Root.Length + 1)..].Split('.')[0];

    private static void AssertNone<T>(IEnumerable<T> wrong) => Assert.True(!wrong.Any(), string.Join('\n', wrong));
}
