using System.Text;

namespace TwoTower.Tests.Cluster.Local;

/// <summary>Keeps the lines that are written and lets a test wait for one.</summary>
internal sealed class LineCollector : TextWriter
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);
    private readonly List<string> _lines = [];
    private readonly List<(Func<string, bool> Wanted, TaskCompletionSource<string> Found)> _waiting = [];
    private readonly Lock _lock = new();

    public override Encoding Encoding => Encoding.UTF8;

    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_lock)
            {
                return [.. _lines];
            }
        }
    }

    public override void WriteLine(string? value)
    {
        lock (_lock)
        {
            _lines.Add(value!);
            foreach (var (_, found) in _waiting.Where(waiting => waiting.Wanted(value!)))
            {
                found.TrySetResult(value!);
            }
        }
    }

    /// <summary>The nth line (from 1) of a kind, when it is there.</summary>
    public async Task<string> LineAsync(string start, int nth = 1)
    {
        while (true)
        {
            Task<string> next;
            lock (_lock)
            {
                var found = _lines.Where(line => line.StartsWith(start, StringComparison.Ordinal)).ToArray();
                if (found.Length >= nth)
                {
                    return found[nth - 1];
                }

                var waiting = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
                _waiting.Add((line => line.StartsWith(start, StringComparison.Ordinal), waiting));
                next = waiting.Task;
            }

            await next.WaitAsync(s_limit);
        }
    }
}
