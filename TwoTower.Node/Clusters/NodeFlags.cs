using System.CommandLine;
using TwoTower.Node.Settings;

namespace TwoTower.Node.Clusters;

/// <summary>The options of a node on a command line.</summary>
internal sealed class NodeFlags
{
    private readonly (NodeOption Meaning, Option Option, Func<ParseResult, string> Read)[] _flags =
        [.. NodeOptionCatalogue.All.Select(Flag)];

    /// <summary>To be added to the command.</summary>
    public IEnumerable<Option> Options => _flags.Select(flag => flag.Option);

    /// <summary>The options of a node: defaults, configuration sources, flags, the later over the earlier.</summary>
    /// <param name="parsed">A command line with <see cref="Options"/>.</param>
    /// <param name="configured">The configuration sources.</param>
    /// <exception cref="SettingException">One does not take its value, or they do not fit each other.</exception>
    public NodeOptions Resolve(ParseResult parsed, ConfiguredValues configured)
    {
        var options = configured.ApplyTo(new NodeOptions());
        foreach (var (meaning, option, read) in _flags)
        {
            if (parsed.GetResult(option) is { Implicit: false })
            {
                options = meaning.Apply(options, read(parsed));
            }
        }

        options.Check();
        return options;
    }

    private static (NodeOption Meaning, Option Option, Func<ParseResult, string> Read) Flag(NodeOption meaning)
    {
        if (meaning.Repeats)
        {
            var several = new Option<string[]>(meaning.Flag) { Description = meaning.Help };
            return (meaning, several, parsed => string.Join(',', parsed.GetValue(several)!));
        }

        var one = new Option<string>(meaning.Flag) { Description = meaning.Help };
        return (meaning, one, parsed => parsed.GetValue(one)!);
    }
}
