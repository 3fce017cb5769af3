using System.Globalization;
using TwoTower.Tests.Data;
using Xunit.Abstractions;

namespace TwoTower.Tests.Node;

/// <summary>The promise that a CSV of 32 million ratings is read and split within 2 GB.</summary>
public sealed class MemorySpecs(ITestOutputHelper output) : IDisposable
{
    private const int Rows = 2_000_000;
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Reading_and_splitting_keep_to_the_share_of_two_gigabytes_that_the_rows_have_of_32_million()
    {
        // The program runs with its managed heap limited by the runtime, so what is checked is not an estimate: with less it would end for
        // want of memory. 2 GB, less 100 MB for what is outside the managed heap (the whole process is about 45 MB above its heap when the
        // table is whole; while it grows, DuckDB has up to 90 MB more, and the table is not half of what is needed later), over 32 million
        // rows: 59 bytes a row. The fixed cost and the ids are counted as if they grew with the rows; MovieLens 32M has 0.29 million ids,
        // this file's 42,500 over 2 of 32 million rows stand for 0.68 million. The table itself takes 20 bytes a row, the part of each row
        // 1, its place in the orders 4 to 8, every positive (half of the rows here, as there) 4 + 16 in the logs and
        // up to 24 more while the split is checked.
        const double HeapBytesPerRow = (2e9 - 100e6) / 32e6;
        var path = WriteRatings();

        var (printed, error) = await LoadAsync(path, (long)(HeapBytesPerRow * Rows));
        output.WriteLine(printed + error);

        Assert.Contains("positives: 799,998 train, 99,999 validation, 100,003 test", printed, StringComparison.Ordinal);
        Assert.Contains("loss.rankingDepth", error, StringComparison.Ordinal);

        // The limit does bite: what the table alone needs is too little for the split.
        Assert.DoesNotContain("positives:", (await LoadAsync(path, 22L * Rows)).Output, StringComparison.Ordinal);
    }

    /// <summary>Has the program read and split a file, after which it refuses rankings that are too large to be sent and ends.</summary>
    private async Task<(string Output, string Error)> LoadAsync(string path, long heapBytes)
    {
        var (code, printed, error) = await TwoTowerProcess.RunAsync(
            _folder.Path, ["train", "--data", path, "--set", "loss.kind=bpr", "--set", "loss.sampling=ranked", "--set",
                "loss.rankingDepth=10000", "--out", Path.Combine(_folder.Path, "run")],
            ("DOTNET_GCHeapHardLimit", "0x" + heapBytes.ToString("X", CultureInfo.InvariantCulture)));
        Assert.NotEqual(0, code);
        return (printed, error);
    }

    /// <summary>12,500 users with 160 ratings each over the same years, 30,011 items, half of the ratings positive.</summary>
    private string WriteRatings()
    {
        string[] ratings = ["3.0", "4.0", "2.5", "4.5", "3.5", "5.0", "1.0", "4.0"];
        var path = Path.Combine(_folder.Path, "ratings.csv");
        using var writer = new StreamWriter(path);
        writer.Write("userId,movieId,rating,timestamp\n");
        for (var row = 0; row < Rows; row++)
        {
            writer.Write(
                $"{(row / 160) + 1},{(row * 7919L % 30_011) + 1},{ratings[row % 8]},{1_000_000_000 + (row * 2_654_435_761L % 700_000_001)}\n");
        }

        return path;
    }
}
