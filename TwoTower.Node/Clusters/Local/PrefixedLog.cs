namespace TwoTower.Node.Clusters.Local;

/// <summary>What several processes print, as whole lines, each with the name of who printed it.</summary>
/// <param name="names">All who may print.</param>
/// <param name="output">Where what they print goes.</param>
/// <param name="error">Where their complaints go.</param>
internal sealed class PrefixedLog(IEnumerable<string> names, TextWriter output, TextWriter error)
{
    private readonly int _width = names.Max(name => name.Length);
    private readonly Lock _lock = new();
    private bool _gone;

    /// <summary>Writes a line.</summary>
    public void Write(string name, string line, bool complaint = false)
    {
        lock (_lock)
        {
            if (_gone)
            {
                return;
            }

            try
            {
                (complaint ? error : output).WriteLine($"{name.PadRight(_width)} | {line}".TrimEnd());
            }
            catch (IOException)
            {
                _gone = true; // nobody reads any more; the processes go on
            }
        }
    }

    /// <summary>Writes what a process prints until it prints no more; a last line without an end counts as one.</summary>
    /// <param name="name">Whose it is.</param>
    /// <param name="from">What it prints.</param>
    /// <param name="complaint">Whether it is its error stream.</param>
    /// <param name="seen">Is shown each line.</param>
    public async Task CopyAsync(string name, TextReader from, bool complaint, Action<string> seen)
    {
        while (await from.ReadLineAsync().ConfigureAwait(false) is { } line)
        {
            Write(name, line, complaint);
            seen(line);
        }
    }
}
