using System.CommandLine;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using TwoTower.Model.Data;
using TwoTower.Node.Settings;

namespace TwoTower.Node.Commands;

/// <summary><c>twotower doctor</c>: looks at the machine and says what to do.</summary>
public static class DoctorCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var data = new Option<string>("--data") { Description = "Data to read" };
        var json = new Option<bool>("--json") { Description = "Print JSON" };
        var command = new Command("doctor", """
            Check native library, threads, memory, disk and data, and say what to do.

            Examples:
              twotower doctor
              twotower doctor --data ml-1m.zip
            """) { data, json };
        var reading = new ReadingOptions(command);
        command.SetAction(parsed =>
        {
            var path = Setting.PathOf("--data", parsed.GetValue(data));
            return path is null && reading.Unused(parsed) is { } unused
                ? throw new SettingException($"{unused.Name} is about reading data; name some with --data.")
                : Run(path is null ? null : reading.Of(parsed) with { Path = path }, parsed.GetValue(json));
        });
        return command;
    }

    private static int Run(DataOptions? data, bool json)
    {
        var bad = 0;
        var found = new JsonArray();
        void Check(string what, bool good, string seen, string advice)
        {
            found.Add(new JsonObject { ["check"] = what, ["good"] = good, ["found"] = seen, ["advice"] = good ? null : advice });
            bad += good ? 0 : 1;
            if (json)
            {
                return;
            }

            Console.WriteLine($"{(good ? "ok  " : "BAD ")} {what,-16} {seen}");
            if (!good)
            {
                Console.WriteLine($"     -> {advice}");
            }
        }

        Check("runtime", Environment.Version.Major >= 10, $".NET {Environment.Version} on {RuntimeInformation.RuntimeIdentifier}", "Install the .NET 10 SDK.");
        var supported = RuntimeInformation.RuntimeIdentifier is "linux-x64" or "win-x64" or "osx-arm64";
        Check("platform", supported, RuntimeInformation.OSDescription.Trim(), "TorchSharp-cpu has natives for linux-x64, win-x64 and osx-arm64 only; on other machines use a linux/amd64 container.");
        try
        {
            using var scope = TorchSharp.torch.NewDisposeScope();
            var product = TorchSharp.torch.ones(2, 3).mm(TorchSharp.torch.ones(3, 2));
            Check("native torch", product.sum().item<float>() == 12f, "loads and multiplies", "Rebuild: 'dotnet build -c Release' copies and mends the library.");
        }
        catch (Exception failure)
        {
            Check("native torch", false, failure.GetBaseException().Message.Split('\n')[0],
                "Build with 'dotnet build -c Release': on Linux the build marks GLIBCXX_3.4.32 as weak in libLibTorchSharp.so, which older systems need.");
        }

        Check("threads", Environment.ProcessorCount >= 2, $"{Environment.ProcessorCount} processors", "One processor trains too, but workers then take turns: --workers 1.");
        var memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 1e9;
        Check("memory", memory >= 1, FormattableString.Invariant($"{memory:0.0} GB"), "MovieLens-1M needs 1 GB; use --profile small.");
        var free = new DriveInfo(Path.GetFullPath(".")).AvailableFreeSpace / 1e9;
        Check("disk", free >= 0.5, FormattableString.Invariant($"{free:0.0} GB free here"), "A run folder takes up to 50 MB on MovieLens-1M; free some space or use --out.");
        if (data is not null)
        {
            var (good, held) = Look(data);
            Check("data", good, held, "MovieLens can be had from grouplens.org; without --data, train makes synthetic data.");
        }

        if (json)
        {
            Console.WriteLine(found.ToJsonString(new() { WriteIndented = true }));
        }

        return bad == 0 ? Program.Success : Program.Failure;
    }

    /// <summary>Reads the data as train would: that something is there says little.</summary>
    public static (bool Good, string Found) Look(DataOptions data)
    {
        try
        {
            var summary = DataSummary.Of(data);
            return (true, FormattableString.Invariant($"{summary.Rows:#,0} rows, {summary.Users:#,0} users, {summary.Items:#,0} items: {summary.Format}"));
        }
        catch (DataException failure)
        {
            return (false, failure.Message);
        }
    }
}
