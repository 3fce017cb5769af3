namespace TwoTower.Model.Optimizers;

/// <summary>Which update rule turns gradients into steps.</summary>
public enum OptimizerKind
{
    /// <summary>Plain stochastic gradient descent.</summary>
    Sgd,

    /// <summary>Adagrad (Duchi et al. 2011).</summary>
    Adagrad,

    /// <summary>Adam (Kingma and Ba 2015) on touched rows only, bias-corrected by each row's own step count.</summary>
    Adam,

    /// <summary>Stochastic gradient descent with heavy-ball momentum (Polyak 1964).</summary>
    Momentum,

    /// <summary>Adagrad with one sum per row instead of one per parameter (Gupta, Bengio and Weston 2014).</summary>
    RowwiseAdagrad,

    /// <summary>RMSProp (Tieleman and Hinton 2012).</summary>
    RmsProp,
}

/// <summary>How the learning rate moves after warm-up.</summary>
public enum ScheduleKind
{
    /// <summary>It stays.</summary>
    Constant,

    /// <summary>It is multiplied by a factor every so many epochs.</summary>
    StepDecay,

    /// <summary>It follows half a cosine down to a floor at the last step.</summary>
    Cosine,
}

/// <summary>Optimizer, schedule, decay and clipping.</summary>
public sealed record OptimizerOptions
{
    /// <summary>The update rule.</summary>
    public OptimizerKind Kind { get; init; } = OptimizerKind.Adam;

    /// <summary>Base learning rate.</summary>
    public double LearningRate { get; init; } = 1e-3;

    /// <summary>Adam: decay of the first moment.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>Adam: decay of the second moment.</summary>
    public double Beta2 { get; init; } = 0.999;

    /// <summary>Momentum: the share of its velocity that a row keeps from one of its steps to the next.</summary>
    public double Momentum { get; init; } = 0.9;

    /// <summary>RMSProp: decay of the mean square (α in torch).</summary>
    public double RmsDecay { get; init; } = 0.99;

    /// <summary>Added to the denominator; null takes the rule's usual one (Adam and RMSProp 1e-8,
    /// Adagrad and row-wise Adagrad 1e-10).</summary>
    public double? Epsilon { get; init; }

    /// <summary>L2 penalty: this times the row is added to the gradient of every touched row.</summary>
    public double WeightDecay { get; init; }

    /// <summary>The penalty of user rows; null takes <see cref="WeightDecay"/>.</summary>
    public double? UserDecay { get; init; }

    /// <summary>The penalty of item rows; null takes <see cref="WeightDecay"/>.</summary>
    public double? ItemDecay { get; init; }

    /// <summary>Largest L2 norm of a row's vector: a step that leads beyond is projected back (Srebro and Shraibman
    /// 2005; Keras' MaxNorm). 0 is off.</summary>
    public double MaxNorm { get; init; }

    /// <summary>Largest L2 norm of one push's gradient over all its rows; 0 is no clipping.</summary>
    public double ClipNorm { get; init; }

    /// <summary>Schedule after warm-up.</summary>
    public ScheduleKind Schedule { get; init; } = ScheduleKind.Constant;

    /// <summary>Steps over which the rate rises linearly from near 0.</summary>
    public int WarmupSteps { get; init; }

    /// <summary>Step decay: epochs between two multiplications.</summary>
    public int DecayEveryEpochs { get; init; } = 5;

    /// <summary>Step decay: the factor.</summary>
    public double DecayFactor { get; init; } = 0.5;

    /// <summary>Cosine: the floor as a share of the base rate.</summary>
    public double FinalShare { get; init; } = 0.05;

    /// <summary>These options for user rows.</summary>
    public OptimizerOptions ForUsers() => this with { WeightDecay = UserDecay ?? WeightDecay };

    /// <summary>These options for item rows.</summary>
    public OptimizerOptions ForItems() => this with { WeightDecay = ItemDecay ?? WeightDecay };
}
