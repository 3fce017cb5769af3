namespace TwoTower.Actors.Training;

/// <summary>When it is time to tell something of a run again: the longer the run, the more seldom, or what
/// a week tells would fill a disk.</summary>
/// <param name="seconds">Least seconds between two times where time is the wall clock's; they grow with the run from its 400th second to
/// its 10,000th, to 25 times as many.</param>
/// <param name="timesARun">Times in a whole run, where it is not.</param>
internal sealed class ProgressPace(double seconds, int timesARun)
{
    private double _lastAt = double.NegativeInfinity;
    private long _lastStep;

    /// <summary>Whether it is time; then the next time is counted from here.</summary>
    /// <param name="age">Seconds that the run is old.</param>
    /// <param name="step">Batches done.</param>
    /// <param name="total">Batches of the whole run.</param>
    /// <param name="realTime">Whether time is the wall clock's.</param>
    /// <param name="atOnce">Whether it is time whatever has been told.</param>
    public bool IsDue(double age, long step, long total, bool realTime, bool atOnce)
    {
        var due = atOnce
            || (realTime ? age - _lastAt >= seconds * Math.Clamp(age / 400, 1, 25) : step - _lastStep >= Math.Max(1, total / timesARun));
        if (due)
        {
            (_lastAt, _lastStep) = (age, step);
        }

        return due;
    }
}
