using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using TwoTower.Node.Shell;

namespace TwoTower.Node.Runs;

/// <summary>What a run was made on: enough to tell why another machine gives other times or other bits. Nothing
/// that names a machine or a person.</summary>
internal static class RunEnvironment
{
    /// <summary>The environment as <c>summary.json</c> has it.</summary>
    public static JsonObject ToJson() => new()
    {
        ["os"] = RuntimeInformation.OSDescription.Trim(),
        ["architecture"] = RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant(),
        ["processors"] = Environment.ProcessorCount,
        ["vectorBits"] = System.Numerics.Vector<byte>.Count * 8,
        ["memoryBytes"] = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
        ["dotnet"] = Environment.Version.ToString(),
        ["twotower"] = ProgramVersion.Text,
        ["torchSharp"] = typeof(TorchSharp.torch).Assembly.GetName().Version?.ToString(3),
        ["libtorch"] = TorchSharp.torch.__version__,
    };
}
