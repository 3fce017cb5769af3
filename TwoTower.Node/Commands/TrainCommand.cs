using System.CommandLine;
using TwoTower.Node.Engines;
using TwoTower.Node.Runs;
using TwoTower.Node.Settings;

namespace TwoTower.Node.Commands;

/// <summary><c>twotower train</c>.</summary>
internal static class TrainCommand
{
    public static Command Create()
    {
        var windows = new Option<string>(RollingWindows.Flag) { Description = "Rolling time windows: a run for each of so many splits, and means over them" };
        return RunCommand.Create("train", """
        Train in one process: a trainer, worker actors, parameter shards, an evaluator.

        Examples:
          twotower train
          twotower train --data ml-1m.zip --workers 4 --shards 8 --consistency ssp:4
          twotower train --recipe seed-bpr --set loss.negatives=4
          twotower train --data ml-1m.zip --windows 5
          twotower train --tensorboard --metrics-port 9464 --log-json train.log
          twotower train --resume runs/20260101-120000-recommended
        """,
            _ => new LiveEngine(),
            run => run.Add(windows),
            (parsed, settings, output, telemetry) => RollingWindows.Count(parsed.GetValue(windows)) is > 1 and var count ? WindowedTraining.RunAsync(() => new LiveEngine(), settings, count, output, telemetry) : null);
    }
}
