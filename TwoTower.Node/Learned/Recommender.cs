using System.Numerics.Tensors;
using TwoTower.Model.Data;
using TwoTower.Model.Data.Loading;
using TwoTower.Model.Evaluation;
using TwoTower.Model.NewUsers;
using TwoTower.Model.Options;
using TwoTower.Model.Sampling;
using TwoTower.Model.Towers;
using TwoTower.Node.Runs;
using TwoTower.Node.Settings;

namespace TwoTower.Node.Learned;

/// <summary>Finds vectors for people, and ranks the catalogue by them.</summary>
internal sealed class Recommender
{
    private static readonly IReadOnlySet<int> s_none = new HashSet<int>();
    private readonly EndedRun _run;
    private readonly int _dim;
    private readonly RecentSpan _halfLife;
    private readonly EventClock _clock;
    private readonly HistoryVectors? _tower;
    private readonly HistoryVectors? _weigher;
    private readonly Lazy<FoldIn> _fold;
    private readonly Lazy<SourceHistories> _source;

    public Recommender(EndedRun run)
    {
        var training = run.Settings.Values.Training;
        _run = run;
        _dim = training.Model.Dim;
        _halfLife = training.Loss.RecencyHalfLife;
        _clock = new EventClock(run.Data.Train.Timestamps);
        _tower = HistoryVectors.ForNewUsers(run.Embeddings, training.Model);
        _weigher = run.Embeddings.ItemHistories is null ? null : new HistoryVectors(run.Embeddings, training.Model);
        _fold = new(() => FoldInOf(run));
        _source = new(() => new SourceHistories(run.Settings.Values.Data, run.Data.Items));
    }

    /// <summary>How users who were not in train get a vector where no tower makes them one.</summary>
    /// <param name="run">The run.</param>
    public static FoldIn FoldInOf(EndedRun run) => new(
        run.Embeddings, run.Settings.Values.Training.Model, run.Embeddings.TemperatureUnder(run.Settings.Values.Training.Loss),
        new TrainingSet(run.Data.Users.Count, run.Data.Items.Count, run.Data.Train));

    /// <summary>The vector that was learned for a user; where none was, one that is made from what they liked.</summary>
    /// <exception cref="SettingException">There is no such user, or nothing is known of what they like.</exception>
    public TasteProfile ProfileOf(string userId)
    {
        var data = _run.Data;
        if (data.Users.TryGetIndex(userId, out var user))
        {
            var trained = PositivesOf(user, data.Train);
            if (trained.Items.Length > 0)
            {
                return Known(userId, user, VectorOrigin.Trained, trained, data.Validation);
            }

            if (data.Cold is { } cold && PositivesOf(user, cold.Train) is { Items.Length: > 0 } shown)
            {
                return Known(userId, user, _tower is null ? VectorOrigin.FoldedIn : VectorOrigin.ByHistory, shown, cold.Validation);
            }
        }

        return OfSource(userId);
    }

    /// <summary>Somebody who likes these items.</summary>
    /// <param name="liked">Rows of items, each once.</param>
    /// <param name="times">Unix seconds, as many; null where none are known: then all count alike.</param>
    /// <exception cref="SettingException">There is none.</exception>
    public TasteProfile ProfileOf(int[] liked, long[]? times = null)
    {
        if (liked.Length == 0)
        {
            throw new SettingException("Name a user, or at least one item that somebody likes.");
        }

        if (times is not null)
        {
            int[] order = [.. Enumerable.Range(0, liked.Length).OrderBy(n => times[n]).ThenBy(n => liked[n])];
            (liked, times) = (Array.ConvertAll(order, n => liked[n]), Array.ConvertAll(order, n => times[n]));
        }

        return Unseen(null, liked, times ?? new long[liked.Length], liked);
    }

    /// <summary>The best unseen items, best first; equal ones by index.</summary>
    public IEnumerable<(int Item, float Taste, float Bias)> Top(TasteProfile profile, int k)
    {
        var vector = profile.Vector.Span;
        var scores = new float[_run.Embeddings.ItemCount];
        for (var item = 0; item < scores.Length; item++)
        {
            var (taste, bias) = Score(vector, item);
            scores[item] = taste + bias;
        }

        foreach (var item in profile.Seen)
        {
            scores[item] = float.NegativeInfinity;
        }

        var top = new int[k];
        var found = new TopItems(k).Find(scores, top);
        return [.. from item in top.Take(found) let score = Score(profile.Vector.Span, item) select (item, score.Taste, score.Bias)];
    }

    private (float Taste, float Bias) Score(ReadOnlySpan<float> vector, int item)
    {
        var row = _run.Embeddings.Items.AsSpan(item * _run.Embeddings.Dim, _run.Embeddings.Dim);
        return (TensorPrimitives.Dot(vector[.._dim], row[.._dim]), _dim < row.Length ? TensorPrimitives.Dot(vector[_dim..],
            row[_dim..]) : 0);
    }

    private TasteProfile Known(string userId, int user, VectorOrigin origin, (int[] Items, long[] Times) liked, InteractionLog later) =>
        new(
            userId, origin, _run.Embeddings.Users.AsMemory(user * _run.Embeddings.Dim, _run.Embeddings.Dim),
            liked.Items, WeightsOf(liked.Items, liked.Times), [.. liked.Items.Distinct()], PositivesOf(user, later).Items.ToHashSet());

    private TasteProfile OfSource(string userId)
    {
        var source = _source.Value;
        if (!source.Users.TryGetIndex(userId, out var user))
        {
            throw new SettingException(
                $"There is no user '{userId}' in {_run.Data.Name}.{NearNames.Question(NearNames.Ids(userId, source.Users.RawIds))}");
        }

        var rated = source.Of(user);
        var liked = rated.Where(rating => rating.IsPositive).OrderBy(rating => rating.Timestamp).ThenBy(rating => rating.Item).ToArray();
        if (liked.Length == 0)
        {
            throw new SettingException(
                $"User '{userId}' has no positive rating ({_run.Data.Split.PositivesRule}) of an item in the catalogue, so nothing is "
                    + $"known of what they like; name items that they like with --like.");
        }

        return Unseen(userId, [.. liked.Select(rating => rating.Item)], [.. liked.Select(rating => rating.Timestamp)],
            [.. rated.Select(rating => rating.Item)]);
    }

    /// <summary>Somebody who was not in train.</summary>
    private TasteProfile Unseen(string? userId, int[] items, long[] times, int[] seen)
    {
        var weights = WeightsOf(items, times);
        return _tower is null
            ? new TasteProfile(userId, VectorOrigin.FoldedIn, _fold.Value.VectorOf(items, weights), items, weights, seen, s_none)
            : new TasteProfile(userId, VectorOrigin.ByHistory, _tower.VectorOf(items, times), items, weights, seen, s_none);
    }

    /// <summary>How much each of somebody's items counts, beside that which counts most.</summary>
    private float[] WeightsOf(int[] items, long[] times)
    {
        if (_weigher is null)
        {
            return _clock.WeightsFromLatest(times, _halfLife);
        }

        var shares = _weigher.SharesOf(items, times);
        var most = shares.DefaultIfEmpty(1).Max();
        return Array.ConvertAll(shares, share => share / most);
    }

    private static (int[] Items, long[] Times) PositivesOf(int user, InteractionLog log)
    {
        var items = new List<int>();
        var times = new List<long>();
        for (var n = 0; n < log.Count; n++)
        {
            if (log.Users[n] == user)
            {
                items.Add(log.Items[n]);
                times.Add(log.Timestamps[n]);
            }
        }

        return ([.. items], [.. times]);
    }
}
