using System.CommandLine;
using TwoTower.Node.Display;
using TwoTower.Node.Engines;
using TwoTower.Node.Settings;
using TwoTower.Node.Sizing;

namespace TwoTower.Node.Commands;

/// <summary><c>twotower simulate</c>.</summary>
internal static class SimulateCommand
{
    public static Command Create()
    {
        var json = new Option<bool>("--json")
        {
            Description =
            "Print summary.json alone on standard output when the run is over (with --numerics off: what was counted); progress goes to "
            + "standard error"
        };
        var trace = new Option<string>("--trace") { Description = "File to write every event to, for 'replay' and 'timeline'" };
        return RunCommand.Create("simulate", """
        Train in a simulated world: the same actors and gradients as 'train', on virtual machines, in virtual time.

        Examples:
          twotower simulate --workers 64 --shards 8 --network cloud
          twotower simulate --workers 16 --consistency asp --compute lognormal:1:0.5,slowWorkers=2,slowBy=4
          twotower simulate --network wan,loss=0.01 --time-limit 3600
          twotower simulate --workers 16 --compute calibrated
          twotower simulate --recipe campaign --topology cluster --servers 3 --set train.durability=replica:1 --set train.leaseSeconds=5 --compute examplesPerSecond=30 --faults "at 3 crash server-1 restart 2; at 9 crash server-0 restart 5"
          twotower simulate --numerics off --workers 10000 --users 1000000000 --json
          twotower simulate --workers 8 --trace run.trace
          twotower replay run.trace
        """, parsed => new SimulationEngine(Setting.PathOf("--trace", parsed.GetValue(trace))), run =>
        {
            run.Add("--topology", "world.topology",
                "actors: every actor has a node of its own; cluster: nodes, copies, hand-off and majorities as a cluster has them");
            run.Add("--servers", "world.servers", "Server nodes that a simulated cluster begins with");
            run.Add("--network", "ideal, local, lan, cloud or wan, and key=value of network.* after commas: cloud,loss=0.01",
                WorldSettings.SetNetwork);
            run.Add("--compute",
                "Distribution of a batch's time factor, or calibrated (measure this machine first), and key=value of compute.* after "
                + "commas: gamma:1:0.5,slowWorkers=2,slowBy=4", WorldSettings.SetCompute);
            run.Add("--faults", "A file of faults, or faults with ; between: 'at 2 crash worker-3 restart 5; seeded:1'",
                WorldSettings.SetFaults);
            run.Add("--checks", "Check the invariants during the run: on or off", (settings, text) => settings.Set(
                "world.checks", text.ToLowerInvariant() switch
                {
                    "on" => "true",
                    "off" => "false",
                    _ => throw Setting.Refused("--checks", text, "on or off")
                }, "--checks"));
            run.Add("--time-limit", "world.timeLimit", "Virtual seconds after which the run is stopped");
            run.Add("--world-seed", "world.seed", "Seed of networks and machines");
            run.Add("--numerics", "world.numerics",
                "on, or off: count messages and bytes of sizes that no machine here holds; needs no data and leaves no run folder");
            run.Add("--users", "sizing.users", "With --numerics off: rows of the user table");
            run.Add("--items", "sizing.items", "With --numerics off: rows of the item table");
            run.Add("--examples", "sizing.examples", "With --numerics off: train positives per epoch");
            run.Add("--user-skew", "sizing.userSkew", "With --numerics off: exponent of Zipf's law over users");
            run.Add("--item-skew", "sizing.itemSkew", "With --numerics off: exponent of Zipf's law over items");
            run.Add(json);
            run.Add(trace);
        }, (parsed, settings, output, telemetry) =>
        {
            if (settings.Values.Numerics)
            {
                if (parsed.GetValue(json))
                {
                    ResultOutput.BeginJson();
                }

                return null;
            }

            if (parsed.GetResult(RunCommand.Dashboard) is not null)
            {
                throw new SettingException($"{RunCommand.Dashboard} shows a run's folder, and --numerics off leaves none; leave it out.");
            }

            if (telemetry.Any)
            {
                throw new SettingException(
                    "--tensorboard, --otlp, --metrics-port and --log-json tell of a training, and with --numerics off there is none; "
                    + "leave them out.");
            }

            if (output is not null || parsed.GetValue(trace) is not null)
            {
                throw new SettingException(
                    $"{(output is not null ? "--out" : "--trace")} cannot be with --numerics off, which trains nothing that could be kept "
                    + $"or replayed; --json prints what was found.");
            }

            return Task.Run(() => SizedSimulation.Run(settings, parsed.GetValue(json), Console.Out));
        });
    }
}
