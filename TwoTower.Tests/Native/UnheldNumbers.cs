using System.Reflection;
using TorchSharp;
using TwoTower.Model.Native;

namespace TwoTower.Tests.Native;

/// <summary>What of TorchSharp makes a native number whose owner nobody holds: what makes any, and
/// what calls that, directly or not.</summary>
internal static class UnheldNumbers
{
    /// <summary>TorchSharp's methods.</summary>
    public static HashSet<MethodBase> Makers { get; } = Find();

    /// <summary>Calls from a method to what makes such numbers, or to what takes or gives one: who has none of the
    /// first has no use for the second.</summary>
    public static IEnumerable<string> In(MethodBase method) => CallGraph.CallsOf(method)
        .Where(called => Makers.Contains(called) || Involves(called))
        .Select(called => $"{method.DeclaringType}.{method.Name} calls {called.DeclaringType!.Name}.{called}; take {nameof(HeldNumbers)}");

    /// <summary>Lines for the analyzer: everything that code outside TorchSharp could call.</summary>
    public static IEnumerable<string> BannedSymbols() => Makers
        .Where(method => method.DeclaringType!.IsVisible && (method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly))
        .Select(method => $"{DocumentationId.Of(method)};libtorch may read a number in it that nobody holds: {nameof(HeldNumbers)}")
        .Distinct().Order(StringComparer.Ordinal);

    private static HashSet<MethodBase> Find()
    {
        var makers = new CallGraph(typeof(Scalar).Assembly).Reaching(CallGraph.MethodsOf(typeof(Scalar)).OfType<ConstructorInfo>());
        makers.RemoveWhere(method => method.DeclaringType!.Assembly != typeof(Scalar).Assembly);
        return makers;
    }

    private static bool Involves(MethodBase method) => method.DeclaringType?.Assembly == typeof(Scalar).Assembly
        && method.GetParameters().Select(parameter => parameter.ParameterType).Append((method as MethodInfo)?.ReturnType)
            .Contains(typeof(Scalar));
}
