using TwoTower.Model.Data;
using TwoTower.Model.Data.Loading;
using TwoTower.Node.Reproductions;
using Xunit.Abstractions;

namespace TwoTower.Tests.Node;

/// <summary>Every published result, small.</summary>
public sealed class ReproductionSpecs(ITestOutputHelper output)
{
    private static readonly Lazy<RecommenderData> Data = new(() => DataLoader.Load(ReproductionContext.UnnamedData));

    /// <summary>What does not come out as published, by reproduction. A row that begins to pass has to leave this list.</summary>
    private static readonly SortedDictionary<string, string[]> Differs = new(StringComparer.Ordinal)
    {
        ["dai19"] =
        [
            "two towers: mean slowdown of SGD and Adagrad at s=32 over the median of the others",
            "two towers: momentum, RMSProp or Adam slows down most at s=32 (1 is yes)",
        ],
    };

    private static IReadOnlyList<IReproduction> Known { get; } =
    [
        .. typeof(IReproduction).Assembly.GetTypes()
            .Where(type => type is { IsClass: true, IsAbstract: false } && type.IsAssignableTo(typeof(IReproduction)))
            .Select(type => (IReproduction)Activator.CreateInstance(type)!)
            .OrderBy(reproduction => reproduction.Name, StringComparer.Ordinal),
    ];

    /// <summary>Names of all reproductions.</summary>
    public static TheoryData<string> Names => [.. Known.Select(reproduction => reproduction.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_published_result_comes_out_but_for_what_is_known_to_differ(string name)
    {
        var report = Known.Single(reproduction => reproduction.Name == name)
            .Run(new ReproductionContext(Data.Value, ReproductionScale.Small, output.WriteLine));
        foreach (var row in report.Rows)
        {
            output.WriteLine($"{(row.Passes ? "pass" : "FAIL")} {row.Measure}: {row.Ours} in [{row.Low}, {row.High}]");
        }

        Assert.NotEmpty(report.Rows);
        Assert.Equal(Differs.GetValueOrDefault(name, []), report.Rows.Where(row => !row.Passes).Select(row => row.Measure));
    }

    [Fact]
    public async Task The_command_offers_every_reproduction()
    {
        var (_, help, _) = await ProgramRun.RunAsync("reproduce", "--help");
        Assert.All(Known, reproduction => Assert.Contains(reproduction.Name, help.ReplaceLineEndings(" "), StringComparison.Ordinal));
    }
}
