namespace TwoTower.Model.Evaluation.Baselines;

/// <summary>The bars that a model has to pass, weakest idea first.</summary>
public enum BaselineKind
{
    /// <summary>The mean over all random rankings.</summary>
    Random,

    /// <summary>Train positives per item.</summary>
    Popularity,

    /// <summary>The same over the latest train positives.</summary>
    RecentPopularity,

    /// <summary>Item-based nearest neighbours.</summary>
    ItemKnn,

    /// <summary>A linear model in closed form.</summary>
    Ease,

    /// <summary>Matrix factorisation by alternating least squares.</summary>
    ImplicitAls,
}

/// <summary>Names of baselines.</summary>
internal static class BaselineNames
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<BaselineKind> All { get; } = Enum.GetValues<BaselineKind>();

    /// <summary>Those that take no time worth speaking of: they stand in every report.</summary>
    public static IReadOnlyList<BaselineKind> Cheap { get; } = [BaselineKind.Random, BaselineKind.Popularity,
        BaselineKind.RecentPopularity];

    /// <summary>The name in settings and files: <c>random</c>, <c>recentPopularity</c>, …</summary>
    public static string Key(this BaselineKind kind) => kind switch
    {
        BaselineKind.Random => "random",
        BaselineKind.Popularity => "popularity",
        BaselineKind.RecentPopularity => "recentPopularity",
        BaselineKind.ItemKnn => "itemKnn",
        BaselineKind.Ease => "ease",
        _ => "implicitAls",
    };

    /// <summary>The name for people.</summary>
    public static string InWords(this BaselineKind kind) => kind switch
    {
        BaselineKind.Random => "random",
        BaselineKind.Popularity => "popularity",
        BaselineKind.RecentPopularity => "recent popularity",
        BaselineKind.ItemKnn => "item kNN",
        BaselineKind.Ease => "EASE",
        _ => "iALS",
    };
}
