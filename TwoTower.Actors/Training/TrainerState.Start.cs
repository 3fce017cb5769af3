using System.Globalization;
using TwoTower.Actors.Ids;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Protocol.Reports;

namespace TwoTower.Actors.Training;

// How training begins, and what becomes of a run whose workers do not come.
internal sealed partial class TrainerState
{
    private const int MostNamed = 8;
    private double _waitingSince;
    private double _sayAt = TrainerSettings.StartNoticeSeconds;

    private int Missing => Math.Max(1, _options.Workers - _ledger.Here - _members.Unable);

    private void StartWhenAllAreHere()
    {
        var here = _ledger.Here;
        if (here == 0 || here + _members.Unable < _options.Workers)
        {
            return;
        }

        Keep(new JournalEntry.Started(_now));
        _startedAt = _now;
        var step = _ledger.Completed;
        if (step >= _epochs.TotalBatches || Record.StopsEarlyAt(step))
        {
            Keep(new JournalEntry.Reached(step));
        }
        else
        {
            Leave(step);
        }
    }

    /// <summary>Says who is missing, at intervals that double, and ends a run that has waited for too long: whoever started it would look
    /// at a screen on which nothing happens.</summary>
    private void OnStartAwaited()
    {
        var (waited, limit) = (_now - _waitingSince, _options.StartWithinSeconds);
        if (Started)
        {
            return;
        }

        if (limit > 0 && waited >= limit)
        {
            Fail(string.Create(
                CultureInfo.InvariantCulture,
                $"Training has not begun within {limit:0.###} s: of {_options.Workers} workers {Missing} did not come ({WhoIsHere()}). In a cluster a worker joins when every shard has answered it, so servers that are missing hold workers up too. train.startWithinSeconds is how long is waited, 0 for ever; train.workers is how many are waited for."));
        }
        else if (waited >= _sayAt)
        {
            _sayAt *= 2;
            Show(new TrainingEvent.Notice(string.Create(
                CultureInfo.InvariantCulture,
                $"Training has waited {waited:0} s for workers: of {_options.Workers} {Missing} have not come ({WhoIsHere()}){(limit > 0 ? $"; without them the run ends after {limit:0.###} s (train.startWithinSeconds)" : string.Empty)}.")));
        }
    }

    private string WhoIsHere()
    {
        var (here, gone) = (new List<int>(), new List<int>());
        foreach (var worker in Record.Births.Keys)
        {
            (_members.BirthOf(new WorkerId(worker)) is null ? gone : here).Add(worker);
        }

        string[] parts =
        [
            here.Count == 0 ? "none has joined" : $"{Names(here)} {(here.Count == 1 ? "has" : "have")} joined",
            .. gone.Count == 0 ? Array.Empty<string>() : [$"{Names(gone)} had joined and {(gone.Count == 1 ? "is" : "are")} gone"],
            .. _members.Unable == 0 ? Array.Empty<string>() : [$"{_members.Unable} cannot go on"],
        ];
        return string.Join(", ", parts);

        static string Names(List<int> workers) =>
            string.Join(", ", workers.Take(MostNamed).Select(worker => $"{new WorkerId(worker)}"))
                + (workers.Count > MostNamed ? $" and {workers.Count - MostNamed} more" : string.Empty);
    }
}
