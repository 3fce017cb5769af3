using System.Diagnostics;
using System.Reflection;

namespace TwoTower.Node.Runs;

/// <summary>This program, to be started again in processes of its own.</summary>
internal static class OwnProgram
{
    /// <summary>How to start it, with all of its streams in the caller's hands.</summary>
    public static ProcessStartInfo With(IEnumerable<string> arguments)
    {
        // As its own executable the program is the process's path; under 'dotnet twotower.dll' that path is dotnet's.
        var program = Environment.ProcessPath!;
        var assembly = Assembly.GetExecutingAssembly().Location;
        var hosted = !Path.GetFileNameWithoutExtension(program)
            .Equals(Path.GetFileNameWithoutExtension(assembly), StringComparison.OrdinalIgnoreCase);
        // a host of tests starts nothing but tests
        program = hosted ? Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? program : program;
        var start = new ProcessStartInfo(program, hosted ? [assembly, .. arguments] : arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["NO_COLOR"] = "1";
        return start;
    }
}
