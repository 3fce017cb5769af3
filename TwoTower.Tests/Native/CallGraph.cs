using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;

namespace TwoTower.Tests.Native;

/// <summary>The methods of some assemblies and what each calls, read from their IL. Methods are definitions:
/// generic ones without arguments.</summary>
internal sealed class CallGraph
{
    private const BindingFlags All = BindingFlags.DeclaredOnly | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance
        | BindingFlags.Static;
    private static readonly Dictionary<short, OpCode> s_codes = typeof(OpCodes).GetFields().Select(field => (OpCode)field.GetValue(null)!)
        .ToDictionary(code => code.Value);
    private readonly Dictionary<MethodBase, List<MethodBase>> _callers = [];
    private readonly Dictionary<MethodBase, List<MethodBase>> _declarations = [];

    public CallGraph(params Assembly[] assemblies)
    {
        Methods = [.. assemblies.SelectMany(MethodsOf)];
        foreach (var method in Methods)
        {
            CallsOf(method).Distinct().ToList().ForEach(called => Add(_callers, called, method));
            if (method is MethodInfo { IsVirtual: true } overriding && Definition(overriding.GetBaseDefinition()) is var declared
                && declared != method)
            {
                Add(_declarations, method, declared);
            }
        }

        foreach (var type in assemblies.SelectMany(assembly => assembly.GetTypes()).Where(type => !type.IsInterface))
        {
            foreach (var map in type.GetInterfaces().Where(contract => assemblies.Contains(contract.Assembly)).Select(type.GetInterfaceMap))
            {
                map.TargetMethods.Zip(map.InterfaceMethods).Where(pair => pair.First is not null).ToList()
                    .ForEach(pair => Add(_declarations, Definition(pair.First), Definition(pair.Second)));
            }
        }
    }

    public IReadOnlyList<MethodBase> Methods { get; }

    /// <summary>All methods of an assembly, with those of nested and of generated types: so lambdas, iterators and
    /// asynchronous methods are among them.</summary>
    public static IEnumerable<MethodBase> MethodsOf(Assembly assembly) => assembly.GetTypes().SelectMany(MethodsOf);

    public static IEnumerable<MethodBase> MethodsOf(Type type) => type.GetMethods(All).Concat<MethodBase>(type.GetConstructors(All))
        .Select(Definition);

    /// <summary>What a method calls, creates, or takes the address of, once for every time; of an iterator or an asynchronous
    /// method also the state machine.</summary>
    public static IEnumerable<MethodBase> CallsOf(MethodBase method)
    {
        if (method.GetCustomAttribute<StateMachineAttribute>() is { } machine)
        {
            yield return machine.StateMachineType.GetMethod("MoveNext", All)!;
        }

        var il = method.GetMethodBody()?.GetILAsByteArray() ?? [];
        var ofType = method.DeclaringType is { IsGenericType: true } type ? type.GetGenericArguments() : null;
        var ofMethod = method.IsGenericMethod ? method.GetGenericArguments() : null;
        for (var at = 0; at < il.Length;)
        {
            short value = il[at++];
            var code = s_codes[value == 0xFE ? (short)(0xFE00 | il[at++]) : value];
            if (code.OperandType == OperandType.InlineMethod)
            {
                yield return Definition(method.Module.ResolveMethod(BitConverter.ToInt32(il, at), ofType, ofMethod)!);
            }

            at += code.OperandType switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + (4 * BitConverter.ToInt32(il, at)),
                _ => 4,
            };
        }
    }

    /// <summary>Who calls a method, also by what it overrides or implements.</summary>
    public IEnumerable<MethodBase> CallersOf(MethodBase method) =>
        Declarations(method).Prepend(method).SelectMany(called => _callers.GetValueOrDefault(called, [])).Distinct();

    /// <summary>Some methods, whatever calls one of them, directly or not, and what is overridden or implemented by any of these.</summary>
    public HashSet<MethodBase> Reaching(IEnumerable<MethodBase> first)
    {
        var reaching = first.ToHashSet();
        var open = new Queue<MethodBase>(reaching);
        while (open.TryDequeue(out var method))
        {
            foreach (var next in CallersOf(method).Concat(Declarations(method)).Where(reaching.Add))
            {
                open.Enqueue(next);
            }
        }

        return reaching;
    }

    private static void Add(Dictionary<MethodBase, List<MethodBase>> lists, MethodBase key, MethodBase value)
    {
        if (!lists.TryGetValue(key, out var list))
        {
            lists.Add(key, list = []);
        }

        list.Add(value);
    }

    // Methods of arrays have no token.
    private static MethodBase Definition(MethodBase method) => (method.MetadataToken & 0xFFFFFF) == 0
        ? method : method.Module.ResolveMethod(method.MetadataToken)!;

    private List<MethodBase> Declarations(MethodBase method) => _declarations.GetValueOrDefault(method, []);
}
