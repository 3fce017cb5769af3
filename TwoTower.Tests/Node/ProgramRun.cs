namespace TwoTower.Tests.Node;

/// <summary>Runs the program as a person does who has nothing set up: a process, its output, its exit code.</summary>
internal static class ProgramRun
{
    public static Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments) =>
        TwoTowerProcess.RunAsync(Path.GetTempPath(), arguments);
}
