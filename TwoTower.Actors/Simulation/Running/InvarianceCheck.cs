using TwoTower.Actors.Simulation.Checking;
using TwoTower.Actors.Simulation.Worlds;
using TwoTower.Actors.Training;

namespace TwoTower.Actors.Simulation.Running;

/// <summary>Holds two runs that are configured differently against each other, where the difference must not matter: invariant 3 (workers
/// add up: W workers × batch B under BSP are one worker × batch W·B, for a loss that is a mean over examples), and with tolerance 0
/// invariant 1 (sharding is invisible).</summary>
internal static class InvarianceCheck
{
    /// <summary>The largest difference between any two embeddings of the same row and dimension.</summary>
    /// <param name="invariant">What must not matter, as it is named when it does.</param>
    /// <param name="seed">The world's seed, to name in a violation.</param>
    /// <param name="one">One run.</param>
    /// <param name="other">The other.</param>
    /// <param name="tolerance">Largest difference that is none.</param>
    /// <exception cref="ViolationException">They differ by more, or in size.</exception>
    public static double Compare(string invariant, long seed, SimulationOutcome one, SimulationOutcome other, double tolerance)
    {
        var users = Compare("user", one.Training.Embeddings.Users, other.Training.Embeddings.Users);
        var items = Compare("item", one.Training.Embeddings.Items, other.Training.Embeddings.Items);
        return Math.Max(users, items);

        double Compare(string table, float[] left, float[] right)
        {
            if (left.Length != right.Length)
            {
                throw new ViolationException(invariant, seed, other.VirtualSeconds, null, $"{right.Length} {table} values",
                    $"{left.Length}");
            }

            var largest = 0.0;
            for (var n = 0; n < left.Length; n++)
            {
                var difference = Math.Abs((double)left[n] - right[n]);
                if (!(difference <= tolerance))
                {
                    throw new ViolationException(invariant, seed, other.VirtualSeconds, null, $"{table} value {n} is {right[n]:G9}",
                        $"{left[n]:G9} within {tolerance}");
                }

                largest = Math.Max(largest, difference);
            }

            return largest;
        }
    }

    /// <summary>Runs one configuration and the other in one world and compares them.</summary>
    /// <param name="invariant">What must not matter, as it is named when it does.</param>
    /// <param name="one">One configuration.</param>
    /// <param name="other">The other.</param>
    /// <param name="world">The world of both.</param>
    /// <param name="tolerance">Largest difference that is none.</param>
    /// <returns>The largest difference there was.</returns>
    /// <exception cref="ViolationException">They differ by more.</exception>
    public static double Run(string invariant, TrainingPlan one, TrainingPlan other, WorldOptions world, double tolerance) =>
        Compare(invariant, world.Seed, SimulatedTraining.Run(one, world), SimulatedTraining.Run(other, world), tolerance);
}
