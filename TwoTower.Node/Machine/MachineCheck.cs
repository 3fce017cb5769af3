namespace TwoTower.Node.Machine;

/// <summary>What was looked at on a machine, and what to do about it.</summary>
/// <param name="What">What was looked at, in a word or two.</param>
/// <param name="Good">Whether it is as it should be.</param>
/// <param name="Found">What was seen.</param>
/// <param name="Advice">What to do where it is not good.</param>
internal sealed record MachineCheck(string What, bool Good, string Found, string Advice);
