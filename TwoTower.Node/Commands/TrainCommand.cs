using System.CommandLine;
using TwoTower.Node.Engines;

namespace TwoTower.Node.Commands;

/// <summary><c>twotower train</c>.</summary>
internal static class TrainCommand
{
    public static Command Create() => RunCommand.Create("train", """
        Train in one process: a trainer, worker actors, parameter shards, an evaluator.

        Examples:
          twotower train
          twotower train --data ml-1m.zip --workers 4 --shards 8 --consistency ssp:4
          twotower train --recipe seed-bpr --set loss.negatives=4
          twotower train --resume runs/20260101-120000-recommended
        """, _ => new LiveEngine());
}
