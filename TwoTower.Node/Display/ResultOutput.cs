using System.Text.Json;
using System.Text.Json.Nodes;

namespace TwoTower.Node.Display;

/// <summary>Where the result of a long command goes when it is asked for as JSON: alone to standard output, while everything that is
/// printed on the way goes to standard error.</summary>
internal static class ResultOutput
{
    private static readonly JsonSerializerOptions s_indented = new() { WriteIndented = true };
    private static TextWriter? s_results;

    /// <summary>From here on only results go to standard output.</summary>
    public static void BeginJson()
    {
        // A live table would go to standard output whatever the console's writer is.
        Environment.SetEnvironmentVariable("NO_COLOR", "1");
        s_results = Console.Out;
        Console.SetOut(Console.Error);
    }

    /// <summary>Prints a result, if it was asked for as JSON.</summary>
    public static void Write(JsonNode result) => s_results?.WriteLine(result.ToJsonString(s_indented));
}
