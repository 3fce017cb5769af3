using System.Reflection;

namespace TwoTower.Node.Shell;

/// <summary>Which program this is.</summary>
internal static class ProgramVersion
{
    /// <summary>The program's version.</summary>
    public static string Text { get; } = Assembly.GetExecutingAssembly()
        .GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];
}
