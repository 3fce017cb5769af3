namespace TwoTower.Node.Learned;

/// <summary>An item, as people know it.</summary>
/// <param name="Id">Raw id.</param>
/// <param name="Title">Title, or null when the source has none.</param>
/// <param name="Genres">Genres; empty when the source says nothing.</param>
/// <param name="Positives">Its train positives.</param>
internal sealed record ItemView(string Id, string? Title, IReadOnlyList<string> Genres, int Positives);

/// <summary>An item that somebody liked.</summary>
/// <param name="Id">Raw id.</param>
/// <param name="Time">When, in Unix seconds, or null.</param>
internal sealed record LikedItem(string Id, long? Time);

/// <summary>Where a user's vector comes from.</summary>
internal enum VectorOrigin
{
    /// <summary>It was trained.</summary>
    Trained,

    /// <summary>It is made from the vectors of the items that they liked.</summary>
    FoldedIn,

    /// <summary>The user tower made it from what they liked, as it makes those of users who were in train.</summary>
    ByHistory,
}

/// <summary>What a model recommends to somebody.</summary>
/// <param name="User">Raw id of the user; null for somebody who is known only by what they like.</param>
/// <param name="Vector">Where their vector comes from.</param>
/// <param name="Liked">Items that they liked, as the vector knows them.</param>
/// <param name="LeftOut">Items left out of the ranking because they have seen them.</param>
/// <param name="Items">The recommendations, best first.</param>
internal sealed record Recommendations(string? User, VectorOrigin Vector, int Liked, int LeftOut, IReadOnlyList<RecommendedItem> Items);

/// <summary>A recommendation.</summary>
/// <param name="Rank">From 1.</param>
/// <param name="Item">The item.</param>
/// <param name="Score">Its score: <paramref name="Taste"/> and <paramref name="Bias"/> together.</param>
/// <param name="Taste">The part of user and item together: the product of their vectors.</param>
/// <param name="Bias">The part that is the item's alone: a learned bias, or the prior of recent
/// popularity; 0 where the model has none.</param>
/// <param name="LikedLater">Whether it is one of the user's validation positives, of which training knew nothing.</param>
/// <param name="Because">Which of the user's liked items pull towards it, most first; null unless it was asked for.</param>
internal sealed record RecommendedItem(int Rank, ItemView Item, double Score, double Taste, double Bias, bool LikedLater,
    IReadOnlyList<Pull>? Because);

/// <summary>A liked item that pulls towards a recommendation.</summary>
/// <param name="Item">The liked item.</param>
/// <param name="Cosine">How near the two items lie.</param>
/// <param name="Weight">How much the liked item counts by its age, in (0, 1].</param>
internal sealed record Pull(ItemView Item, double Cosine, double Weight);

/// <summary>Items near an item.</summary>
/// <param name="Item">The item.</param>
/// <param name="Near">Its neighbours, nearest first.</param>
internal sealed record SimilarItems(ItemView Item, IReadOnlyList<NearItem> Near);

/// <summary>A neighbour.</summary>
/// <param name="Rank">From 1.</param>
/// <param name="Item">The item.</param>
/// <param name="Cosine">Cosine of the two vectors.</param>
internal sealed record NearItem(int Rank, ItemView Item, double Cosine);

/// <summary>What a search for an item finds.</summary>
/// <param name="Query">What was asked for.</param>
/// <param name="Found">The item that is meant, when there is no doubt.</param>
/// <param name="Candidates">Else those that may be, by falling number of positives; of an unknown
/// title, those that are spelt almost so.</param>
/// <param name="Matches">How many items have the words that were asked for; 0 when the candidates are only near to them.</param>
internal sealed record ItemSearch(string Query, ItemView? Found, IReadOnlyList<ItemView> Candidates, int Matches);

/// <summary>A picture of the items: the plane in which their vectors differ most.</summary>
/// <param name="XShare">Share of the vectors' variance along the first direction.</param>
/// <param name="YShare">Along the second.</param>
/// <param name="Items">Items of the catalogue.</param>
/// <param name="Genres">Every genre that a point has, those of most items first.</param>
/// <param name="Points">The items with most positives, most first.</param>
internal sealed record ItemMap(double XShare, double YShare, int Items, IReadOnlyList<string> Genres, IReadOnlyList<MapPoint> Points);

/// <summary>An item on the map.</summary>
/// <param name="Item">The item.</param>
/// <param name="X">Coordinate along the first direction.</param>
/// <param name="Y">Along the second.</param>
internal sealed record MapPoint(ItemView Item, double X, double Y);
