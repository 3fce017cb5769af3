using TwoTower.Actors.Training;

namespace TwoTower.Actors.Simulation.Running;

/// <summary>Training refused to go on because pushes that a shard had acknowledged were gone, and the checkers of the world saw every
/// server that had them go: more were lost at once than train.durability survives.</summary>
internal sealed class PushesLostException(string message) : TrainingException(message);
