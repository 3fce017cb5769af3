using System.CommandLine;

namespace TwoTower.Node.Commands;

/// <summary>What stands for an option's value in help: what kind of thing it is.</summary>
internal static class OptionValue
{
    private static readonly Dictionary<string, string> s_words = new(StringComparer.Ordinal)
    {
        ["--baselines"] = "NAMES",
        ["--batch-size"] = "N",
        ["--checks"] = "on|off",
        ["--compute"] = "KIND",
        ["--consistency"] = "KIND",
        ["--cutoffs"] = "K,K",
        ["--dashboard"] = "[=PORT]",
        ["--data"] = "PATH",
        ["--embeddings"] = "FOLDER",
        ["--engine"] = "NAME",
        ["--epochs"] = "N",
        ["--examples"] = "N",
        ["--faults"] = "FAULTS",
        ["--format"] = "NAME",
        ["--gradient-delay"] = "MS",
        ["--grid"] = "AXIS",
        ["--health-port"] = "PORT",
        ["--history"] = "FILE",
        ["--host"] = "HOST",
        ["--item"] = "ITEM",
        ["--join-within"] = "SECONDS",
        ["--item-skew"] = "X",
        ["--items"] = "N",
        ["--like"] = "ITEM",
        ["--listen"] = "ADDRESS",
        ["--log-json"] = "FILE",
        ["--machines"] = "one|each",
        ["--metric"] = "METRIC",
        ["--metrics-port"] = "PORT",
        ["--network"] = "KIND",
        ["--numerics"] = "on|off",
        ["--out"] = "PATH",
        ["--page"] = "FOLDER",
        ["--partitioner"] = "KIND",
        ["--port"] = "PORT",
        ["--positives"] = "FILE",
        ["--prefetch"] = "N",
        ["--profile"] = "NAME",
        ["--protocol"] = "NAME",
        ["--public-host"] = "HOST",
        ["--public-port"] = "PORT",
        ["--range"] = "KEY=RANGE",
        ["--recipe"] = "NAME",
        ["--resume"] = "FOLDER",
        ["--role"] = "ROLES",
        ["--run"] = "FOLDER",
        ["--seed-node"] = "HOST:PORT",
        ["--seen"] = "FILE",
        ["--set"] = "KEY=VALUE",
        ["--split"] = "KIND",
        ["--state"] = "FOLDER",
        ["--target"] = "GOAL",
        ["--time-limit"] = "SECONDS",
        ["--tls-authority"] = "FILE",
        ["--tls-certificate"] = "FILE",
        ["--tls-key"] = "FILE",
        ["--tls-password-file"] = "FILE",
        ["--topology"] = "KIND",
        ["--trace"] = "FILE",
        ["--url"] = "URL",
        ["--user"] = "ID",
        ["--user-skew"] = "X",
        ["--vary"] = "one|all",
    };

    /// <summary>The word, or null where an option takes no value.</summary>
    public static string? Of(Option option) =>
        option.ValueType == typeof(bool) || option.Arity.MaximumNumberOfValues == 0 ? null
        : s_words.GetValueOrDefault(option.Name, option.ValueType == typeof(double) || option.ValueType == typeof(double?) ? "X" : "N");

    /// <summary>Whether an option is known here; those that are not take numbers.</summary>
    internal static bool IsKnown(Option option) => s_words.ContainsKey(option.Name);
}
