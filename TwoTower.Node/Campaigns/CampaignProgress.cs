using System.Diagnostics;
using System.Globalization;
using TwoTower.Node.Display;

namespace TwoTower.Node.Campaigns;

/// <summary>How far a campaign is, in one line of a terminal's standard error that is written over;
/// nothing where that is no terminal.</summary>
/// <param name="asked">Plans in all.</param>
/// <param name="start">When it began.</param>
internal sealed class CampaignProgress(long asked, long start) : IDisposable
{
    private static readonly TimeSpan s_every = TimeSpan.FromSeconds(0.25);
    private readonly bool _shown = !Console.IsErrorRedirected;
    private TimeSpan _last;
    private int _length;

    /// <summary>Takes the line away, so that something else can be written.</summary>
    public void Clear()
    {
        if (_length > 0)
        {
            Console.Error.Write($"\r{new string(' ', _length)}\r");
            _length = 0;
        }
    }

    /// <summary>Writes the line.</summary>
    /// <param name="plans">Plans that were carried out.</param>
    /// <param name="violations">Of them, those that failed.</param>
    public void Show(long plans, int violations)
    {
        var now = Stopwatch.GetElapsedTime(start);
        if (!_shown || (now < _last + s_every && _last > TimeSpan.Zero))
        {
            return;
        }

        _last = now;
        var line = string.Create(CultureInfo.InvariantCulture,
            $"{plans:#,0} of {Counted.Of(asked, "plan")}, {Counted.Of(violations, "violation")}, {plans / Math.Max(1e-9, now.TotalSeconds):0} a second");
        Console.Error.Write(line);
        _length = line.Length;
    }

    /// <inheritdoc />
    public void Dispose() => Clear();
}
