namespace TwoTower.Samples;

/// <summary>Runs one sample by name.</summary>
internal static class Program
{
    private static readonly Dictionary<string, Func<TextWriter, Task>> s_samples = new()
    {
        ["own-pairs"] = TrainOnOwnPairs.RunAsync,
        ["own-loss"] = OwnLoss.RunAsync,
        ["own-consistency"] = OwnConsistency.RunAsync,
        ["own-partitioner"] = OwnPartitioner.RunAsync,
        ["own-staleness-policy"] = OwnStalenessPolicy.RunAsync,
    };

    private static async Task<int> Main(string[] args)
    {
        if (args is not [var name] || !s_samples.TryGetValue(name, out var sample))
        {
            await Console.Error.WriteLineAsync($"One of these is needed: {string.Join(", ", s_samples.Keys)}.");
            return 2;
        }

        await sample(Console.Out);
        return 0;
    }
}
