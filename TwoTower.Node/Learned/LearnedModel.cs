using System.Globalization;
using TwoTower.Model.Data;
using TwoTower.Model.Data.Features;
using TwoTower.Model.Evaluation;
using TwoTower.Model.Storage;
using TwoTower.Node.Runs;
using TwoTower.Node.Settings;

namespace TwoTower.Node.Learned;

/// <summary>What a run has learned, to be asked: what it recommends to whom, which items lie near which, and how they lie altogether. Safe
/// to ask from several threads.</summary>
internal sealed class LearnedModel
{
    /// <summary>The most items that one question may ask for.</summary>
    public const int MostItems = 1000;

    private readonly Recommender _recommender;
    private readonly IReadOnlyList<IReadOnlyList<string>>? _genres;
    private readonly int[] _positives;
    private readonly Lazy<ItemNeighbours> _neighbours;
    private readonly Lazy<TitleSearch> _search;
    private readonly Lazy<(PrincipalPlane Plane, int[] Items)> _plane;

    /// <summary>Takes a run that has been read.</summary>
    /// <param name="run">The run.</param>
    public LearnedModel(EndedRun run)
    {
        Run = run;
        var dim = run.Settings.Values.Training.Model.Dim;
        _genres = ItemGenres.Of(run.Data, run.Settings.Values.Data);
        _positives = new int[run.Data.Items.Count];
        foreach (var item in run.Data.Train.Items)
        {
            _positives[item]++;
        }

        _neighbours = new(() => new ItemNeighbours(run.Embeddings.Items, run.Embeddings.Dim, dim));
        _search = new(() => new TitleSearch(run.Data.ItemTitles ?? new string?[run.Data.Items.Count]));
        _plane = new(() => MakePlane(dim));
        _recommender = new Recommender(run);
    }

    /// <summary>The run.</summary>
    public EndedRun Run { get; }

    /// <summary>Opens a run's folder and loads its data again.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="to">Where is told what is read; null says nothing.</param>
    /// <exception cref="DataException">The data cannot be read, or is not the run's.</exception>
    /// <exception cref="StorageException">There is no run in the folder, or it has not ended, or is damaged.</exception>
    public static LearnedModel Open(string folder, TextWriter? to = null) => new(EndedRun.Read(folder, null, to ?? TextWriter.Null));

    /// <summary>What the model recommends to a user, without the items that they have seen.</summary>
    /// <param name="userId">Raw id. A user who was left out of training, or has ratings only in later parts of the data, gets a vector made
    /// from the items that they liked: by the user tower where it reads histories, else folded in.</param>
    /// <param name="k">How many.</param>
    /// <param name="explain">Whether to say which of their liked items pull towards each.</param>
    /// <exception cref="SettingException">There is no such user, nothing is known of what they like, or
    /// <paramref name="k"/> is out of range.</exception>
    public Recommendations RecommendFor(string userId, int k, bool explain) =>
        Recommend(_recommender.ProfileOf(userId), Checked(k), explain);

    /// <summary>What the model recommends to somebody of whom nothing is known but what they like.</summary>
    /// <param name="likedIds">Raw ids of items.</param>
    /// <param name="k">How many.</param>
    /// <param name="explain">Whether to say which of them pull towards each.</param>
    /// <exception cref="SettingException">An item is unknown, there is none, or <paramref name="k"/> is out of range.</exception>
    public Recommendations RecommendTo(IReadOnlyList<string> likedIds, int k, bool explain) =>
        Recommend(_recommender.ProfileOf([.. likedIds.Select(IndexOf).Distinct()]), Checked(k), explain);

    /// <summary>What the model recommends to somebody of whom a history is known.</summary>
    /// <param name="history">Raw ids of items that they liked, with times where those are known: of all, or of none.</param>
    /// <param name="k">How many.</param>
    /// <param name="explain">Whether to say which of them pull towards each.</param>
    /// <exception cref="SettingException">An item is unknown, there is none, or <paramref name="k"/> is out of range.</exception>
    public Recommendations RecommendByHistory(IReadOnlyList<LikedItem> history, int k, bool explain)
    {
        // Of an item that comes more than once the latest time counts, as in data that is read.
        var latest = history.GroupBy(liked => IndexOf(liked.Id)).Select(group => (Item: group.Key, Time: group.Max(liked => liked.Time)))
            .ToArray();
        var times = latest.Length > 0 && latest.All(liked => liked.Time is not null)
            ? Array.ConvertAll(latest, liked => liked.Time!.Value) : null;
        return Recommend(_recommender.ProfileOf(Array.ConvertAll(latest, liked => liked.Item), times), Checked(k), explain);
    }

    /// <summary>The items nearest to one.</summary>
    /// <param name="itemId">Raw id; <see cref="Find"/> gets one from a title.</param>
    /// <param name="k">How many.</param>
    /// <exception cref="SettingException">There is no such item, or <paramref name="k"/> is out of range.</exception>
    public SimilarItems SimilarTo(string itemId, int k)
    {
        var item = IndexOf(itemId);
        return new SimilarItems(View(item),
            [.. _neighbours.Value.Of(item, Checked(k)).Select((near, n) => new NearItem(n + 1, View(near.Item), near.Cosine))]);
    }

    /// <summary>Searches an item by raw id, or else by title.</summary>
    /// <param name="query">An id, a title, or words of one.</param>
    /// <param name="most">The most candidates.</param>
    public ItemSearch Find(string query, int most = 10)
    {
        if (Run.Data.Items.TryGetIndex(query.Trim(), out var known))
        {
            return new ItemSearch(query, View(known), [], 1);
        }

        var matches = _search.Value.Matches(query);
        return matches switch
        {
            [var only] => new ItemSearch(query, View(only), [], 1),
            [] => new ItemSearch(query, null, [.. _search.Value.Near(query, most).Select(View)], 0),
            _ => new ItemSearch(query, null, [.. matches.OrderByDescending(item => _positives[item]).ThenBy(item => item).Take(most)
                .Select(View)], matches.Count),
        };
    }

    /// <summary>The items as points of a plane. It is laid through the items with train positives, for
    /// nothing was learned of others.</summary>
    /// <param name="most">How many points at most: those with most positives.</param>
    public ItemMap Map(int most = 5000)
    {
        var (plane, items) = _plane.Value;
        MapPoint[] points = [.. Enumerable.Range(0, items.Length).OrderByDescending(n => _positives[items[n]]).ThenBy(n => n).Take(most)
            .Select(n => new MapPoint(View(items[n]), plane.X[n], plane.Y[n]))];
        var genres = points.SelectMany(point => point.Item.Genres).GroupBy(genre => genre, StringComparer.Ordinal)
            .OrderByDescending(group => group.Count()).ThenBy(group => group.Key, StringComparer.Ordinal);
        return new ItemMap(plane.XShare, plane.YShare, Run.Data.Items.Count, [.. genres.Select(group => group.Key)], points);
    }

    /// <summary>An item by index.</summary>
    public ItemView View(int item) => new(Run.Data.Items.RawIds[item], Run.Data.ItemTitles?[item], _genres?[item] ?? [], _positives[item]);

    private Recommendations Recommend(TasteProfile profile, int k, bool explain) => new(
        profile.User, profile.Origin, profile.Liked.Length, profile.Seen.Length,
        [.. _recommender.Top(profile, k).Select((scored, n) => new RecommendedItem(
            n + 1, View(scored.Item), scored.Taste + (double)scored.Bias, scored.Taste, scored.Bias, profile.Later.Contains(scored.Item),
            explain ? Because(profile, scored.Item) : null))]);

    private IReadOnlyList<Pull> Because(TasteProfile profile, int item) =>
    [
        .. profile.Liked.Select((liked, n) => (Item: liked, Cosine: _neighbours.Value.Cosine(item, liked), Weight: profile.Weights[n]))
            .Where(pull => pull is { Cosine: > 0, Weight: > 0 }).OrderByDescending(pull => pull.Cosine * pull.Weight)
            .ThenBy(pull => pull.Item).Take(3).Select(pull => new Pull(View(pull.Item), pull.Cosine, pull.Weight)),
    ];

    private (PrincipalPlane, int[]) MakePlane(int dim)
    {
        var units = _neighbours.Value.Units;
        int[] items = [.. Enumerable.Range(0, _positives.Length).Where(item => _positives[item] > 0)];
        var rows = new float[items.Length * dim];
        for (var n = 0; n < items.Length; n++)
        {
            units.Slice(items[n] * dim, dim).CopyTo(rows.AsSpan(n * dim));
        }

        return (PrincipalPlane.Of(rows, dim), items);
    }

    private int IndexOf(string itemId) => Run.Data.Items.TryGetIndex(itemId, out var index)
        ? index
        : throw new SettingException(
            $"There is no item '{itemId}' in {Run.Data.Name}.{NearNames.Question(NearNames.Ids(itemId, Run.Data.Items.RawIds))}");

    private static int Checked(int k) => k is >= 1 and <= MostItems
        ? k
        : throw Setting.Refused("k", k.ToString(CultureInfo.InvariantCulture), $"a whole number from 1 to {MostItems}");
}
