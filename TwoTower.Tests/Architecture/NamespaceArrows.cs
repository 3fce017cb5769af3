using System.Collections.Concurrent;
using System.Reflection;
using ArchUnitNET.Loader;

namespace TwoTower.Tests.Architecture;

/// <summary>Which namespaces of one project depend on which others of it: by what the compiler made of them, and by what their files
/// import, since constants, nameof and references in comments leave no trace in what is compiled.</summary>
internal sealed class NamespaceArrows
{
    private static readonly ConcurrentDictionary<Assembly, ArchUnitNET.Domain.Architecture> s_read = new();
    private readonly SortedDictionary<string, SortedDictionary<string, string>> _arrows;

    private NamespaceArrows(SortedDictionary<string, SortedDictionary<string, string>> arrows) => _arrows = arrows;

    /// <summary>The namespaces that depend on others.</summary>
    public IEnumerable<(string From, string To, string Example)> All =>
        _arrows.SelectMany(from => from.Value.Select(to => (from.Key, to.Key, to.Value)));

    /// <summary>An assembly as ArchUnit reads it; read once.</summary>
    public static ArchUnitNET.Domain.Architecture Read(params Assembly[] assemblies) => assemblies.Length == 1
        ? s_read.GetOrAdd(assemblies[0], static one => new ArchLoader().LoadAssemblies(one).Build())
        : new ArchLoader().LoadAssemblies(assemblies).Build();

    /// <summary>The arrows between the namespaces of a project.</summary>
    /// <param name="assembly">What it is compiled to.</param>
    /// <param name="root">The project: what its namespaces begin with, and its folder.</param>
    public static NamespaceArrows Of(Assembly assembly, string root)
    {
        var arrows = new SortedDictionary<string, SortedDictionary<string, string>>(StringComparer.Ordinal);
        foreach (var type in Read(assembly).Types)
        {
            var from = NamespaceOf(type.FullName);
            // A parameter's name says nothing of where it is declared.
            foreach (var target in type.Dependencies.Select(on => on.Target).Where(on => on is not ArchUnitNET.Domain.GenericParameter))
            {
                var to = NamespaceOf(target.FullName);
                if (from != to && IsUnder(from, root) && IsUnder(to, root))
                {
                    arrows.TryAdd(from, new SortedDictionary<string, string>(StringComparer.Ordinal));
                    arrows[from].TryAdd(to, $"{type.Name} → {target.Name}");
                }
            }
        }

        foreach (var file in SourceFile.In(root))
        {
            foreach (var to in file.Imports.Where(import => import != file.Namespace && IsUnder(import, root)))
            {
                arrows.TryAdd(file.Namespace, new SortedDictionary<string, string>(StringComparer.Ordinal));
                arrows[file.Namespace].TryAdd(to, file.Path);
            }
        }

        return new NamespaceArrows(arrows);
    }

    /// <summary>Every arrow from whose end there is a way back to its beginning.</summary>
    public IReadOnlyList<string> InCircles() =>
        [.. All.Where(arrow => Reaches(arrow.To, arrow.From)).Select(arrow => $"{arrow.From} → {arrow.To} ({arrow.Example})")];

    private bool Reaches(string from, string to)
    {
        var (seen, due) = (new HashSet<string>(StringComparer.Ordinal) { from }, new Queue<string>([from]));
        while (due.TryDequeue(out var one) && one != to)
        {
            foreach (var next in _arrows.TryGetValue(one, out var targets) ? targets.Keys : Enumerable.Empty<string>())
            {
                if (seen.Add(next))
                {
                    due.Enqueue(next);
                }
            }
        }

        return seen.Contains(to);
    }

    private static bool IsUnder(string name, string root) => name == root || name.StartsWith(root + '.', StringComparison.Ordinal);

    /// <summary>What stands before the last dot of the outermost type's name.</summary>
    private static string NamespaceOf(string fullName)
    {
        var outermost = fullName.Split('+', '/', '<', '`', '[')[0];
        return outermost.LastIndexOf('.') is > 0 and var dot ? outermost[..dot] : string.Empty;
    }
}
