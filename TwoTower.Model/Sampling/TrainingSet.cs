using TwoTower.Model.Data;
using TwoTower.Model.Options;

namespace TwoTower.Model.Sampling;

/// <summary>The train positives with what sampling and weighting need: counts, known positives, example weights.</summary>
public sealed class TrainingSet
{
    private readonly Dictionary<(double, RecentSpan, double, int, PriorFit), ItemPrior> _priors = [];

    /// <summary>Prepares a log for training.</summary>
    /// <param name="users">Rows of the user table.</param>
    /// <param name="items">Rows of the item table.</param>
    /// <param name="log">Train positives.</param>
    /// <param name="recencyHalfLife">The age at which an example's weight has halved; without a limit all weigh alike.</param>
    public TrainingSet(int users, int items, InteractionLog log, RecentSpan recencyHalfLife = default)
    {
        Users = users;
        Items = items;
        Log = log;
        Known = InteractionMatrix.From(users, items, log);
        UserCounts = Count(log.Users, users);
        ItemCounts = Count(log.Items, items);
        Clock = new EventClock(log.Timestamps);
        Weights = Clock.Weights(log.Timestamps, recencyHalfLife);
    }

    /// <summary>Rows of the user table.</summary>
    public int Users { get; }

    /// <summary>Rows of the item table.</summary>
    public int Items { get; }

    /// <summary>The examples, in time order.</summary>
    public InteractionLog Log { get; }

    /// <summary>Every user's distinct train positives.</summary>
    public InteractionMatrix Known { get; }

    /// <summary>Train positives of every user.</summary>
    public int[] UserCounts { get; }

    /// <summary>Train positives of every item.</summary>
    public int[] ItemCounts { get; }

    /// <summary>Tells how old something is.</summary>
    internal EventClock Clock { get; }

    /// <summary>The prior of these positives: made once for all that train on them.</summary>
    internal ItemPrior PriorOf((double Strength, RecentSpan Window, double Smoothing, int Steps, PriorFit Fit) options,
        Func<ItemPrior> make)
    {
        lock (_priors)
        {
            return _priors.TryGetValue(options, out var known) ? known : _priors[options] = make();
        }
    }

    /// <summary>Weight of every example; their mean is 1.</summary>
    public float[] Weights { get; }

    private static int[] Count(int[] rows, int length)
    {
        var counts = new int[length];
        foreach (var row in rows)
        {
            counts[row]++;
        }

        return counts;
    }
}
