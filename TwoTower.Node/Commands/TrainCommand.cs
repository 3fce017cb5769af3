using System.CommandLine;
using TwoTower.Node.Display;
using TwoTower.Node.Engines;
using TwoTower.Node.Settings;

namespace TwoTower.Node.Commands;

/// <summary><c>twotower train</c>.</summary>
internal static class TrainCommand
{
    public static Command Create()
    {
        var windows =
            new Option<string>(RollingWindows.Flag)
            {
                Description =
            "Rolling time windows: a run for each of so many splits, and means over them"
            };
        var refit = new Option<bool>("--refit")
        {
            Description =
            "Train on train and validation together, as one deploys when all is chosen; with --final test is judged, else nothing"
        };
        var json = new Option<bool>("--json")
        {
            Description =
            "Print summary.json alone on standard output when the run is over; progress goes to standard error"
        };
        return RunCommand.Create("train", """
        Train in one process: a trainer, worker actors, parameter shards, an evaluator.

        Examples:
          twotower train
          twotower train --data ml-1m.zip --workers 4 --shards 8 --consistency ssp:4
          twotower train --recipe seed-bpr --set loss.negatives=4
          twotower train --data ml-1m.zip --windows 5
          twotower train --data ml-1m.zip --refit --final
          twotower train --json > summary.json
          twotower train --tensorboard --metrics-port 9464 --log-json train.log
          twotower train --resume runs/20260101-120000-recommended
        """,
            _ => new LiveEngine(),
            run =>
            {
                run.Add(windows);
                run.Add(refit);
                run.Add(json);
            },
            (parsed, settings, output, telemetry) =>
            {
                var count = RollingWindows.Count(parsed.GetValue(windows));
                if (parsed.GetValue(refit))
                {
                    Refitting.Set(settings, count);
                }

                if (parsed.GetValue(json))
                {
                    if (count > 1)
                    {
                        throw new SettingException("--json prints one run; of several windows the folder has windows.json.");
                    }

                    ResultOutput.BeginJson();
                }

                return count > 1 ? WindowedTraining.RunAsync(() => new LiveEngine(), settings, count, output, telemetry) : null;
            });
    }
}
