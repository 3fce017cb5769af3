namespace TwoTower.Model.Optimizers;

/// <summary>The learning rate as a pure function of the step, so that every shard and every resumed run agrees on it.</summary>
internal sealed class LearningRateSchedule
{
    private readonly OptimizerOptions _options;
    private readonly long _stepsPerEpoch;
    private readonly long _totalSteps;

    /// <summary>A schedule over a run.</summary>
    /// <param name="options">Base rate and shape.</param>
    /// <param name="stepsPerEpoch">Optimizer steps in an epoch.</param>
    /// <param name="totalSteps">Optimizer steps in the run: the end of the cosine.</param>
    public LearningRateSchedule(OptimizerOptions options, long stepsPerEpoch, long totalSteps)
    {
        _options = options;
        _stepsPerEpoch = Math.Max(1, stepsPerEpoch);
        _totalSteps = totalSteps;
    }

    /// <summary>The rate of a step, counted from 0. Warm-up rises linearly: step 0 has 1/warm-up of the rate.</summary>
    public double At(long step)
    {
        if (step < _options.WarmupSteps)
        {
            return _options.LearningRate * (step + 1) / _options.WarmupSteps;
        }

        return _options.LearningRate * _options.Schedule switch
        {
            ScheduleKind.StepDecay => Math.Pow(_options.DecayFactor, step / _stepsPerEpoch / Math.Max(1, _options.DecayEveryEpochs)),
            ScheduleKind.Cosine => Cosine(step),
            _ => 1.0,
        };
    }

    private double Cosine(long step)
    {
        var length = Math.Max(1, _totalSteps - _options.WarmupSteps);
        var done = Math.Min(1.0, (step - _options.WarmupSteps) / (double)length);
        return _options.FinalShare + ((1.0 - _options.FinalShare) * 0.5 * (1.0 + Math.Cos(Math.PI * done)));
    }
}
