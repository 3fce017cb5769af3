namespace TwoTower.Model.Data.Splitting;

/// <summary>The positives of a held-out part: those that a ranking can reach, those that count as
/// misses, and what became of the rest.</summary>
internal sealed class HeldOutPart
{
    private readonly string _name;
    private readonly string _seenName;
    private readonly int _minimumHistory;
    private int _all;
    private int _unknownUser;
    private int _shortHistory;
    private int _alreadySeen;
    private int _misses;
    private int _alone;

    private HeldOutPart(string name, string seenName, int users, int minimumHistory)
    {
        _name = name;
        _seenName = seenName;
        _minimumHistory = minimumHistory;
        Unreachable = new int[users];
    }

    /// <summary>Rows of positives that are inside the catalogue, of users with enough history, and new to them.</summary>
    public List<int> Rows { get; } = [];

    /// <summary>Per user with enough history, positives whose item is outside the catalogue.</summary>
    public int[] Unreachable { get; }

    /// <summary>How many count as misses: their item is outside the catalogue, and their user has others inside it.</summary>
    public int Misses => _misses;

    /// <summary>Share of the part's positives whose user is not in the catalogue.</summary>
    public double UnknownUsers => _all == 0 ? 0 : (double)_unknownUser / _all;

    /// <summary>How many are left out.</summary>
    public int DroppedCount => Dropped().Sum(dropped => dropped.Count);

    /// <summary>Sorts a part's positives.</summary>
    /// <param name="name">Name of the part.</param>
    /// <param name="positives">Row, user and item of each; -1 stands for what is not in the catalogue.</param>
    /// <param name="train">Train positives: a user's history.</param>
    /// <param name="seen">What is no discovery any more: train and, for test, validation.</param>
    /// <param name="seenName">That in words.</param>
    /// <param name="minimumHistory">Train positives that a user needs.</param>
    public static HeldOutPart Of(
        string name, IEnumerable<(int Row, int User, int Item)> positives, InteractionMatrix train, InteractionMatrix seen, string seenName,
        int minimumHistory)
    {
        var part = new HeldOutPart(name, seenName, train.Users, minimumHistory);
        var reachable = new bool[train.Users];
        foreach (var (row, user, item) in positives)
        {
            part._all++;
            if (user < 0)
            {
                part._unknownUser++;
            }
            else if (train.ItemsOf(user).Length < minimumHistory)
            {
                part._shortHistory++;
            }
            else if (item < 0)
            {
                part.Unreachable[user]++;
            }
            else if (seen.Contains(user, item))
            {
                part._alreadySeen++;
            }
            else
            {
                part.Rows.Add(row);
                reachable[user] = true;
            }
        }

        for (var user = 0; user < reachable.Length; user++)
        {
            part._misses += reachable[user] ? part.Unreachable[user] : 0;
            part._alone += reachable[user] ? 0 : part.Unreachable[user];
        }

        return part;
    }

    /// <summary>How many are judged, and why the others are not.</summary>
    /// <param name="isJudged">Whether every judgement is on this part.</param>
    public HeldOutCount Count(bool isJudged) => new(_name, _all, Rows.Count, isJudged, [.. Warnings()]);

    /// <summary>What a reader must know, one sentence each.</summary>
    public IEnumerable<string> Warnings()
    {
        foreach (var (count, reason) in Dropped())
        {
            yield return $"Dropped {count} of {_all} {_name} positives: {reason}.";
        }

        if (_misses > 0)
        {
            yield return $"{_misses} of {_all} {_name} positives count as misses: the item is not in the catalogue.";
        }
    }

    /// <summary>Why there is no row, as the end of a sentence.</summary>
    public string WhyEmpty() => _all == 0
        ? $"there is no positive rating in the {_name} part"
        : $"of {_all} in the {_name} part, {string.Join(", ", Dropped().Select(dropped => $"{dropped.Count} cannot be used because {dropped.Reason}"))}";

    private IEnumerable<(int Count, string Reason)> Dropped() => new (int Count, string Reason)[]
    {
        (_unknownUser, "the user is not in the catalogue"),
        (_shortHistory, $"the user has fewer than {_minimumHistory} train positives"),
        (_alone, "the item is not in the catalogue and the user has no other one"),
        (_alreadySeen, $"the user has the item in {_seenName} already"),
    }.Where(dropped => dropped.Count > 0);
}
