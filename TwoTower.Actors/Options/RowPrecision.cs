namespace TwoTower.Actors.Options;

/// <summary>With how many bits the values of rows travel.</summary>
public enum RowPrecision
{
    /// <summary>As they are: 4 bytes each.</summary>
    Float32,

    /// <summary>The upper half of a float, rounded to nearest, ties to even: 2 bytes each, relative error up to 2⁻⁸ (below 1e-38 the last
    /// bits go one after the other).</summary>
    BFloat16,

    /// <summary>A whole number from −127 to 127 times a power of two that the row shares: 1 byte each and 2 per row, error up to
    /// 1/127 of the row's largest value.</summary>
    Int8,
}
