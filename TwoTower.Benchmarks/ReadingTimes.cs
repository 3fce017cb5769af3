using System.Diagnostics;
using System.Globalization;
using TwoTower.Model;
using TwoTower.Model.Data;
using TwoTower.Model.Data.Reading;

namespace TwoTower.Benchmarks;

/// <summary>How long a large file of ratings takes to read, and how much memory.</summary>
internal static class ReadingTimes
{
    private const int Users = 200_948; // as MovieLens 32M has
    private const int Items = 87_585;

    /// <param name="arguments">Rows (32 million) and turns (3).</param>
    public static void Run(string[] arguments)
    {
        var rows = arguments.Length > 0 ? int.Parse(arguments[0], CultureInfo.InvariantCulture) : 32_000_000;
        var turns = arguments.Length > 1 ? int.Parse(arguments[1], CultureInfo.InvariantCulture) : 3;
        var folder = Directory.CreateTempSubdirectory("twotower-reading-");
        try
        {
            var path = Path.Combine(folder.FullName, "ratings.csv");
            Write(path, rows);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{rows:#,0} rows, {new FileInfo(path).Length / 1e6:#,0} MB"));
            var seconds = new List<double>();
            for (var turn = 0; turn < turns; turn++)
            {
                GC.Collect();
                var (from, before) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
                var table = RatingSource.Read(path, new DataOptions());
                seconds.Add(Stopwatch.GetElapsedTime(from).TotalSeconds);
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"turn {turn + 1}: {seconds[^1]:0.00} s, {(Environment.CpuUsage.TotalTime - before).TotalSeconds:0.0} s of all threads; {table.Count:#,0} ratings, {table.Users.Count:#,0} users, {table.Items.Count:#,0} items"));
            }

            seconds.Sort();
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"median {seconds[seconds.Count / 2]:0.00} s, peak memory of the process {Process.GetCurrentProcess().PeakWorkingSet64 >> 20} MB"));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Users and items of a long tail, ratings in halves, times half a minute apart.</summary>
    private static void Write(string path, int rows)
    {
        const long Start = 789_652_009;
        var random = new SeededRandom(7);
        using var to = new StreamWriter(path);
        to.Write("userId,movieId,rating,timestamp\n");
        for (var row = 0; row < rows; row++)
        {
            var user = (int)(Math.Pow(random.NextDouble(), 1.5) * Users) + 1;
            var item = (int)(Math.Pow(random.NextDouble(), 3) * Items) + 1;
            to.Write(string.Create(CultureInfo.InvariantCulture,
                $"{user},{item},{(random.NextInt(10) + 1) / 2.0},{Start + (30L * row) + (user % 1000)}\n"));
        }
    }
}
