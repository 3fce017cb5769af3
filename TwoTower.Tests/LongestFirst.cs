using TwoTower.Tests;
using TwoTower.Tests.Cluster;
using Xunit.Abstractions;

[assembly: TestCollectionOrderer("TwoTower.Tests." + nameof(LongestFirst), "TwoTower.Tests")]

namespace TwoTower.Tests;

/// <summary>Begins with the collection that takes longest, so that it does not go on alone when all others are through.</summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    /// <inheritdoc />
    public IEnumerable<ITestCollection> OrderTestCollections(IEnumerable<ITestCollection> testCollections) =>
        testCollections.OrderByDescending(collection => collection.DisplayName == nameof(Alone))
            .ThenBy(collection => collection.DisplayName, StringComparer.Ordinal);
}
