namespace TwoTower.Actors.Training;

/// <summary>Stops training when a metric has not improved for a number of evaluations (Prechelt 1998). Which model is best is another
/// question: a gain under the minimum makes a better model and still counts as no improvement.</summary>
/// <param name="patience">Evaluations without improvement after which to stop; 0 never stops.</param>
/// <param name="minDelta">An evaluation improves when it is above the last improvement by more than this.</param>
internal sealed class EarlyStopping(int patience, double minDelta)
{
    private double _reference = double.NegativeInfinity;
    private int _withoutImprovement;

    /// <summary>Whether patience has run out.</summary>
    public bool ShouldStop => patience > 0 && _withoutImprovement >= patience;

    /// <summary>Takes the next value.</summary>
    public void Observe(double value)
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
    }
}
