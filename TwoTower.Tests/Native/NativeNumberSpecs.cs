using System.Reflection;
using TorchSharp;
using TwoTower.Actors.Training;
using TwoTower.Model;
using TwoTower.Model.Native;
using TwoTower.Tests.Node;
using static TorchSharp.torch;

namespace TwoTower.Tests.Native;

/// <summary>What libtorch reads is held while it reads: in every assembly, by what the compiler made of it.</summary>
public class NativeNumberSpecs
{
    private static readonly Assembly[] s_programs =
        [typeof(SeededRandom).Assembly, typeof(TrainerActor).Assembly, Assembly.Load("twotower"), Assembly.Load("TwoTower.Benchmarks")];

    public static TheoryData<string> Assemblies =>
        new(s_programs.Append(typeof(NativeNumberSpecs).Assembly).Select(assembly => assembly.GetName().Name!));

    [Theory]
    [MemberData(nameof(Assemblies))]
    public void No_number_reaches_libtorch_but_by_who_holds_it(string assembly)
    {
        var found = CallGraph.MethodsOf(Assembly.Load(assembly)).Where(method => method.DeclaringType != typeof(HeldNumbers))
            .SelectMany(UnheldNumbers.In).ToList();

        Assert.True(found.Count == 0, string.Join('\n', found));
    }

    [Fact]
    public void Every_number_is_disposed_of_by_the_method_that_made_it()
    {
        var made = 0;
        foreach (var method in CallGraph.MethodsOf(typeof(HeldNumbers)).Where(method => method.IsPublic))
        {
            var calls = CallGraph.CallsOf(method).ToList();
            var numbers = calls.Count(called => called.DeclaringType == typeof(HeldNumbers) && ((MethodInfo)called)
                .ReturnType == typeof(Scalar));
            Assert.Equal(numbers, calls.Count(called => called.Name == nameof(IDisposable.Dispose)));
            Assert.DoesNotContain(calls, called => called.DeclaringType != typeof(HeldNumbers) && UnheldNumbers.Makers.Contains(called));
            made += numbers;
        }

        // The search finds what it looks for where that is: in who makes the numbers.
        Assert.True(made > 10);
        Assert.NotEmpty(CallGraph.MethodsOf(typeof(HeldNumbers)).Where(method => method.IsPrivate).SelectMany(UnheldNumbers.In));
    }

    [Fact]
    public void TorchSharp_makes_numbers_also_where_none_is_to_be_seen()
    {
        MethodBase Of(Type type, string name, params Type[] parameters) => type.GetMethod(name, parameters)
            ?? throw new MissingMethodException(type.Name, name);
        var tensors = new[] { typeof(Tensor), typeof(Tensor) };

        Assert.All(
            [
                Of(typeof(Tensor), "add", typeof(Tensor)), Of(typeof(Tensor), "square"), Of(typeof(Tensor), "op_Addition", tensors),
                Of(typeof(Tensor), "op_Multiply", typeof(Tensor), typeof(double)),
                Of(typeof(TorchSharp.Modules.Adam), "step", typeof(Func<Tensor>)),
                Of(typeof(optim.Optimizer), "step", typeof(Func<Tensor>)),
            ],
            method => Assert.Contains(method, UnheldNumbers.Makers));
        Assert.All(
            [Of(typeof(Tensor), "sub", typeof(Tensor)), Of(typeof(Tensor), "op_Subtraction", tensors),
                Of(typeof(Tensor), "op_Multiply", tensors), Of(typeof(Tensor), "mm", typeof(Tensor)), Of(typeof(Tensor), "item")],
            method => Assert.DoesNotContain(method, UnheldNumbers.Makers));
    }

    [Fact]
    public async Task The_list_of_banned_symbols_is_what_TorchSharp_makes_numbers_in()
    {
        var listed = await File.ReadAllLinesAsync(Path.Combine(ReadmeSpecs.Root(), "build", "BannedSymbols.txt"));
        var right = UnheldNumbers.BannedSymbols().ToArray();
        var written = Path.Combine(AppContext.BaseDirectory, "BannedSymbols.txt");
        await File.WriteAllLinesAsync(written, right);

        Assert.True(right.SequenceEqual(listed),
            $"build/BannedSymbols.txt should be {written}: {string.Join(", ", right.Except(listed).Take(5))} are "
            + $"missing, {string.Join(", ", listed.Except(right).Take(5))} too many.");
    }

    [Fact]
    public void Whoever_makes_a_tensor_has_opened_a_scope_that_holds_it_or_was_called_by_who_has()
    {
        var graph = new CallGraph(s_programs);
        var makers = graph.Methods.Where(method => method.DeclaringType != typeof(HeldNumbers) && CallGraph.CallsOf(method)
            .Any(MakesTensors)).ToList();
        Assert.True(makers.Count > 20);
        var uncovered = makers.Where(maker => !IsCovered(graph, maker, []))
            .Select(maker => $"{maker.DeclaringType}.{maker.Name} makes tensors outside any {nameof(NewDisposeScope)}").ToList();

        // One without a name could be freed while libtorch reads it.
        Assert.True(uncovered.Count == 0, string.Join('\n', uncovered));
    }

    private static bool MakesTensors(MethodBase called) =>
        (called.DeclaringType?.Assembly == typeof(Tensor).Assembly || called.DeclaringType == typeof(HeldNumbers))
            && (called is MethodInfo method ? method.ReturnType : called.DeclaringType) is { } made
            && (typeof(Tensor).IsAssignableFrom(made) || made.GetGenericArguments().Contains(typeof(Tensor)));

    private static bool IsCovered(CallGraph graph, MethodBase method, HashSet<MethodBase> above) =>
        CallGraph.CallsOf(method).Any(called => called.DeclaringType == typeof(torch) && called.Name == nameof(NewDisposeScope))
        || !above.Add(method)
        || (graph.CallersOf(method).ToList() is [_, ..] callers && callers.All(caller => IsCovered(graph, caller, above)));
}
