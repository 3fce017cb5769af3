using TwoTower.Actors.Options;
using TwoTower.Node.Settings;

namespace TwoTower.Node.Engines;

/// <summary>What only a cluster can do.</summary>
internal static class ClusterOnly
{
    /// <summary>Refuses settings that need a cluster.</summary>
    /// <param name="options">The settings.</param>
    /// <param name="command">The command that has no cluster.</param>
    /// <param name="remedy">How to have one, as the end of "it needs …".</param>
    /// <exception cref="SettingException">One needs a cluster.</exception>
    public static void Refuse(TrainingOptions options, string command,
        string remedy = "the cluster ('twotower node --role server' twice or more)")
    {
        if (options.Durability.Replicas > 0)
        {
            throw new SettingException(
                $"train.durability={options.Durability} keeps copies of every shard on other server nodes, which '{command}' does not "
                    + $"have; it needs {remedy}. Here take none or checkpoint:N.");
        }
    }
}
