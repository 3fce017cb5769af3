namespace TwoTower.Tests.Cluster.Local;

/// <summary>A test whose child processes are shell scripts, or are sent signals.</summary>
public sealed class UnixFactAttribute : FactAttribute
{
    public UnixFactAttribute()
    {
        if (OperatingSystem.IsWindows())
        {
            Skip = "Needs a Unix shell and signals.";
        }
    }
}
