namespace TwoTower.Model.Towers;

/// <summary>What a block of a tower's weights is.</summary>
internal enum WeightKind
{
    /// <summary>A linear layer's matrix, row-major [output, input].</summary>
    Matrix,

    /// <summary>A linear layer's bias.</summary>
    Bias,

    /// <summary>Batch norm's scale γ.</summary>
    Scale,

    /// <summary>Batch norm's shift β.</summary>
    Shift,

    /// <summary>Batch norm's running mean.</summary>
    Mean,

    /// <summary>Batch norm's running variance (unbiased, as in torch).</summary>
    Variance,
}

/// <summary>A matrix or vector of a tower's weights as rows of its table: flattened, cut into rows of the table's width, the
/// last one filled up with zeros.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Layer">Which layer of the tower it belongs to.</param>
/// <param name="FirstRow">Its first row in the table.</param>
/// <param name="Rows">Its rows.</param>
/// <param name="Length">Floats in use.</param>
/// <param name="FanIn">Linear layers: columns of the input.</param>
internal sealed record WeightBlock(WeightKind Kind, int Layer, int FirstRow, int Rows, int Length, int FanIn)
{
    /// <summary>Whether it is measured and not learned.</summary>
    public bool IsStatistic => Kind is WeightKind.Mean or WeightKind.Variance;
}
