using System.CommandLine;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using TwoTower.Actors.Hosting.Nodes;
using TwoTower.Model.Data;
using TwoTower.Model.Data.Loading;
using TwoTower.Node.Machine;
using TwoTower.Node.Recipes;
using TwoTower.Node.Settings;
using TwoTower.Node.Shell;

namespace TwoTower.Node.Commands;

/// <summary><c>twotower doctor</c>: looks at the machine and says what to do.</summary>
internal static class DoctorCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var data = new Option<string>("--data") { Description = "Data to read" };
        var workers =
            new Option<string>("--workers")
            {
                Description =
            "Workers that are to compute on this machine at once (default: those of train.workers, or of a node's node.workerActors)"
            };
        var output = new Option<string>("--out") { Description = "Folder that runs are to be written into (default: runs)" };
        var cluster = new Option<bool>("--cluster") { Description = "Look as at a node of a cluster whose others are elsewhere" };
        var json = new Option<bool>("--json") { Description = "Print JSON" };
        var command = new Command("doctor", """
            Check native library, threads, memory, disk and data, and say what to do.

            What settings say comes from appsettings.json and the environment, as for a run. With --cluster, and where they make a node of it, it also looks whether all nodes see the data.

            Examples:
              twotower doctor
              twotower doctor --data ml-1m.zip --workers 4
              twotower doctor --cluster --data /mnt/shared/ml-1m.zip
            """) { data, workers, output, cluster, json };
        var reading = new ReadingOptions(command);
        command.SetAction(parsed =>
        {
            var path = Setting.PathOf("--data", parsed.GetValue(data));
            return path is null && reading.Unused(parsed) is { } unused
                ? throw new SettingException($"{unused.Name} is about reading data; name some with --data.")
                : Run(
                    path is null ? null : reading.Of(parsed) with { Path = path }, parsed.GetValue(workers) is { } count
                        ? Setting.Count("--workers", count, 1, 100_000) : null, Setting.PathOf("--out", parsed.GetValue(output)),
                    parsed.GetValue(cluster), parsed.GetValue(json));
        });
        return command;
    }

    private static int Run(DataOptions? data, int? workers, string? output, bool cluster, bool json)
    {
        var (configured, settings) = (ConfiguredValues.Here(), RecipeReader.Read("recommended"));
        configured.ApplyTo(settings);
        var node = configured.ApplyTo(new NodeOptions());
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

        Check("runtime", Environment.Version.Major >= 10, $".NET {Environment.Version} on {RuntimeInformation.RuntimeIdentifier}",
            "Install the .NET 10 SDK.");
        var supported = RuntimeInformation.RuntimeIdentifier is "linux-x64" or "win-x64" or "osx-arm64";
        Check("platform", supported, RuntimeInformation.OSDescription.Trim(),
            "TorchSharp-cpu has natives for linux-x64, win-x64 and osx-arm64 only; on other machines use a linux/amd64 container.");
        try
        {
            using var scope = TorchSharp.torch.NewDisposeScope();
            var product = TorchSharp.torch.ones(2, 3).mm(TorchSharp.torch.ones(3, 2));
            Check("native torch", product.sum().item<float>() == 12f, "loads and multiplies",
                "Rebuild: 'dotnet build -c Release' copies and mends the library.");
        }
        catch (Exception failure)
        {
            Check("native torch", false, failure.GetBaseException().Message.Split('\n')[0],
                "Build with 'dotnet build -c Release': on Linux the build marks GLIBCXX_3.4.32 as weak in libLibTorchSharp.so, which "
                    + "older systems need.");
        }

        foreach (var check in
            ThreadBudget.Of(workers ?? (node.Is(ClusterNode.Worker) ? node.WorkerActors : settings.Values.Training.Workers),
            Environment.ProcessorCount, Environment.GetEnvironmentVariable))
        {
            Check(check.What, check.Good, check.Found, check.Advice);
        }

        var memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 1e9;
        Check("memory", memory >= 1, FormattableString.Invariant($"{memory:0.0} GB"), "MovieLens-1M needs 1 GB; use --profile small.");
        var free = new DriveInfo(Path.GetFullPath(".")).AvailableFreeSpace / 1e9;
        Check("disk", free >= 0.5, FormattableString.Invariant($"{free:0.0} GB free here"),
            "A run folder takes up to 50 MB on MovieLens-1M; free some space or use --out.");
        foreach (var check in Folders(output, node)
            .Concat(Places(data?.Path ?? settings.Values.Data.Path, cluster || node.Roles.Count > 0 || node.SeedNodes.Count > 0)))
        {
            Check(check.What, check.Good, check.Found, check.Advice);
        }

        if (data is not null)
        {
            var (good, held) = Look(data);
            Check("data", good, held, "MovieLens can be had from grouplens.org; without --data, train makes synthetic data.");
        }

        if (json)
        {
            Console.WriteLine(found.ToJsonString(new() { WriteIndented = true }));
        }

        return bad == 0 ? ExitCode.Success : ExitCode.Failure;
    }

    private static IEnumerable<MachineCheck> Folders(string? output, NodeOptions node)
    {
        yield return WritableFolder.Of("run folder", output ?? (node.State is null ? "runs" : node.State),
            output is null && node.State is not null ? "node.state" : "--out");
    }

    private static IEnumerable<MachineCheck> Places(string? path, bool cluster)
    {
        if (cluster)
        {
            yield return DataPlace.Here().Of(path);
        }

        if (ComposeData() is { Length: > 0 } value)
        {
            yield return DataPlace.OfCompose(value);
        }
    }

    /// <summary>What compose, started here, puts in for TWOTOWER_DATA: the environment's, or that of the file .env.</summary>
    private static string? ComposeData()
    {
        const string Name = "TWOTOWER_DATA";
        return Environment.GetEnvironmentVariable(Name)
            ?? (File.Exists(".env") ? File.ReadLines(".env").Select(line => line.Trim().Split('=', 2))
                .LastOrDefault(pair => pair.Length == 2 && pair[0].Trim() == Name)?[1].Trim().Trim('"', '\'') : null);
    }

    /// <summary>Reads the data as train would: that something is there says little.</summary>
    public static (bool Good, string Found) Look(DataOptions data)
    {
        try
        {
            var summary = DataSummary.Of(data);
            return (true,
                FormattableString.Invariant(
                $"{summary.Rows:#,0} rows, {summary.Users:#,0} users, {summary.Items:#,0} items: {summary.Format}"));
        }
        catch (DataException failure)
        {
            return (false, failure.Message);
        }
    }
}
