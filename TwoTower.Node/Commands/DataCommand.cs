using System.CommandLine;

namespace TwoTower.Node.Commands;

/// <summary><c>twotower data inspect</c>: what a file or folder holds.</summary>
internal static class DataCommand
{
    public static Command Create()
    {
        var command = new Command("data", "Look at data.");
        return command;
    }
}
