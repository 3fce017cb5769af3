using CsCheck;
using TwoTower.Model;
using TwoTower.Model.Data;
using TwoTower.Model.Data.Loading;

namespace TwoTower.Tests.Data;

public sealed class TimeWindowSpecs : IDisposable
{
    private const long Start = 978_300_000;
    private readonly string _folder = Directory.CreateTempSubdirectory("twotower-windows-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(WindowSpacing.Events)]
    [InlineData(WindowSpacing.Time)]
    public void Windows_follow_one_another_without_a_gap_and_end_where_test_begins(WindowSpacing spacing)
    {
        var path = Ratings(Enumerable.Range(0, 1000).Select(n => Start + ((long)n * n / 50)));
        var own = DataLoader.Load(new DataOptions { Path = path, MinimumTrainHistory = 0 });

        var windows = Enumerable.Range(1, 5).Select(number => Window(path, number, 5, spacing)).ToArray();

        foreach (var (earlier, later) in windows.Zip(windows.Skip(1)))
        {
            Assert.True(earlier.Split.ValidationEnd == later.Split.TrainEnd); // all of the window is train in the next
            Assert.True(earlier.Split.TrainEnd < earlier.Split.ValidationStart);
            Assert.Empty(earlier.Test.Users);
        }

        Assert.Equal(own.Split.ValidationEnd, windows[^1].Split.ValidationEnd);
        Assert.True(windows[^1].Split.ValidationEnd < own.Split.TestStart);
    }

    [Fact]
    public void Windows_of_events_hold_as_many_ratings_and_windows_of_time_as_many_seconds()
    {
        // Ten ratings a second in the first half, one in the second.
        var times = Enumerable.Range(0, 1000).Select(n => n < 500 ? Start + (n / 10) : Start + 50 + (n - 500)).ToArray();
        var path = Ratings(times);

        var events = Enumerable.Range(1, 4).Select(number => Window(path, number, 4, WindowSpacing.Events)).ToArray();
        var time = Enumerable.Range(1, 4).Select(number => Window(path, number, 4, WindowSpacing.Time)).ToArray();

        // 900 of the ratings are before test, and half of them before the first window.
        Assert.All(events, window => Assert.InRange(window.Validation.Count, 100, 120));
        var lengths = time.Select(window => window.Split.ValidationEnd!.Value - window.Split.ValidationStart!.Value + 1).ToArray();
        Assert.All(lengths, length => Assert.InRange(length, lengths[0] - 2, lengths[0] + 2));
        Assert.Equal(events[0].Split.ValidationStart, time[0].Split.ValidationStart);
    }

    [Fact]
    public void Windows_of_a_prepared_folder_are_cut_from_train_and_validation_and_never_from_test()
    {
        var folder = Directory.CreateDirectory(Path.Combine(_folder, "prepared")).FullName;
        var random = new SeededRandom(6);
        var rows = Enumerable.Range(0, 900).OrderBy(_ => random.NextUInt64())
            .Select((pair, n) => ((long)(pair % 40), (long)(pair / 40), 5.0, (long)(1000 + n))).ToArray();
        File.WriteAllBytes(Path.Combine(folder, "train.parquet"), ParquetFile.Of(rows[..700]));
        File.WriteAllBytes(Path.Combine(folder, "val.parquet"), ParquetFile.Of(rows[700..800]));
        File.WriteAllBytes(Path.Combine(folder, "test.parquet"), ParquetFile.Of(rows[800..]));

        var window = Window(folder, 3, 4, WindowSpacing.Events);
        var last = Window(folder, 4, 4, WindowSpacing.Events);

        Assert.Equal((1599, 1600, 1699),
            (window.Split.TrainEnd!.Value, window.Split.ValidationStart!.Value, window.Split.ValidationEnd!.Value));
        Assert.Equal(1799, last.Split.ValidationEnd);
    }

    [Fact]
    public void A_refit_of_a_prepared_folder_trains_who_came_with_validation()
    {
        var folder = Directory.CreateDirectory(Path.Combine(_folder, "refit")).FullName;
        var rows = Enumerable.Range(0, 100).Select(n => ((long)(n % 10), (long)(n / 10), 5.0, Start + 1000L + n)).ToArray();
        File.WriteAllBytes(Path.Combine(folder, "train.parquet"), ParquetFile.Of(rows[..90]));
        File.WriteAllBytes(Path.Combine(folder, "val.parquet"), ParquetFile.Of([.. rows[90..], (99, 3, 5.0, Start + 1200)]));
        File.WriteAllText(Path.Combine(folder, "user_to_idx.json"),
            $"{{{string.Join(',', Enumerable.Range(0, 10).Select(user => $"\"{user}\":{user}"))}}}");
        File.WriteAllText(Path.Combine(folder, "item_to_idx.json"),
            $"{{{string.Join(',', Enumerable.Range(0, 10).Select(item => $"\"{item}\":{item}"))}}}");

        var chosen = DataLoader.Load(new DataOptions { Path = folder });
        var refit = DataLoader.Load(new DataOptions { Path = folder, Refit = Refit.Blind });

        Assert.Equal((10, 90), (chosen.Users.Count, chosen.Train.Count));
        Assert.Equal((11, 101), (refit.Users.Count, refit.Train.Count));
    }

    [Fact]
    public void A_window_knows_nothing_of_what_comes_after_it() => Gen.Int[0, 1000].Sample(seed =>
    {
        var random = new SeededRandom(seed);
        var times = Enumerable.Range(0, 400).Select(n => Start + (n * 3)).ToArray();
        var items = times.Select(_ => random.NextInt(20)).ToArray();
        var before = Window(Ratings(times, items, $"a{seed}"), 1, 3, WindowSpacing.Events);
        var later = Array.FindIndex(times, time => time > before.Split.ValidationEnd);
        for (var n = later; n < items.Length; n++)
        {
            items[n] = random.NextInt(20);
        }

        var after = Window(Ratings(times, items, $"b{seed}"), 1, 3, WindowSpacing.Events);

        Assert.Equal(before.Fingerprint, after.Fingerprint);
    }, iter: 20, seed: "0N0XIzNsQ0O2");

    private static RecommenderData Window(string path, int number, int count, WindowSpacing spacing) =>
        DataLoader.Load(new DataOptions
        {
            Path = path,
            TimeFormat = "seconds",
            MinimumTrainHistory = 0,
            Window = new TimeWindow(number, count) { Spacing = spacing }
        });

    // Pairs in random order, each once: every user and item is there soon.
    private string Ratings(IEnumerable<long> times, int[]? items = null, string name = "ratings")
    {
        var path = Path.Combine(_folder, $"{name}.csv");
        var random = new SeededRandom(4);
        var pairs = Enumerable.Range(0, 1000).OrderBy(_ => random.NextUInt64()).ToArray();
        File.WriteAllLines(path,
            times.Select((time, n) => FormattableString.Invariant($"{pairs[n] % 25},{items?[n] ?? pairs[n] / 25},5,{time}"))
            .Prepend("userId,movieId,rating,timestamp"));
        return path;
    }
}
