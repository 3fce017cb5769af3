namespace TwoTower.Tests;

/// <summary>The program that specs start in processes of their own.</summary>
internal static class TestedProgram
{
    /// <summary>Path of <c>twotower.dll</c>: beside the specs, or what <c>TWOTOWER_TESTED_PROGRAM</c> names, such as a published one, which
    /// starts in about half the time.</summary>
    public static string Path { get; } = Environment.GetEnvironmentVariable("TWOTOWER_TESTED_PROGRAM") is { Length: > 0 } named
        ? named : System.IO.Path.Combine(AppContext.BaseDirectory, "twotower.dll");
}
