namespace TwoTower.Model.Options;

/// <summary>Whose positives say how recent and all-time popularity are mixed in the prior.</summary>
public enum PriorFit
{
    /// <summary>Nobody's: the prior is recent popularity alone.</summary>
    Off,

    /// <summary>Those of everybody.</summary>
    All,

    /// <summary>Those of users who were there before: whoever is ranked for has a past, and has seen what everybody sees first.</summary>
    Returning,
}
