namespace TwoTower.Actors.Training;

/// <summary>Stops training when a metric has not improved for a number of evaluations (Prechelt 1998), and knows which one was best.</summary>
/// <param name="patience">Evaluations without improvement after which to stop; 0 never stops.</param>
/// <param name="minDelta">An evaluation improves when it is above the best by more than this.</param>
public sealed class EarlyStopping(int patience, double minDelta)
{
    private double _reference = double.NegativeInfinity;
    private int _withoutImprovement;

    /// <summary>The highest value seen.</summary>
    public double Best { get; private set; } = double.NegativeInfinity;

    /// <summary>Whether patience has run out.</summary>
    public bool ShouldStop => patience > 0 && _withoutImprovement >= patience;

    /// <summary>Takes the next value; true when it is the highest so far.</summary>
    public bool Observe(double value)
    {
        if (value > _reference + minDelta)
        {
            _reference = value;
            _withoutImprovement = 0;
        }
        else
        {
            _withoutImprovement++;
        }

        if (value <= Best)
        {
            return false;
        }

        Best = value;
        return true;
    }
}
