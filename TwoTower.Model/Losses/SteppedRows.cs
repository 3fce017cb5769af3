using System.Numerics.Tensors;
using TwoTower.Model.Sampling;

namespace TwoTower.Model.Losses;

/// <summary>Rows under a prior that moves with time: examples of one user and one moment share a row of logits, those of
/// another moment have one of their own.</summary>
/// <param name="inner">Differentiates the examples of one moment.</param>
/// <param name="prior">Tells the moment of an example.</param>
/// <param name="columns">The batch's columns, whose shift goes by the moment.</param>
/// <param name="capacity">Most columns.</param>
internal sealed class SteppedRows(ISoftmaxRows inner, ItemPrior prior, SoftmaxColumns columns, int capacity) : ISoftmaxRows
{
    private readonly float[] _products = new float[capacity];
    private readonly float[] _gradient = new float[capacity];
    private readonly List<(int Step, int Example)> _examples = [];
    private readonly List<int> _ofStep = [];

    /// <inheritdoc />
    public void Differentiate(BatchPlan plan, int user, ReadOnlySpan<int> examples, Span<float> row, ref SoftmaxSums sums)
    {
        _examples.Clear();
        foreach (var example in examples)
        {
            _examples.Add((prior.StepOf(plan.ExampleIndex[example]), example));
        }

        _examples.Sort(); // by moment, then by place in the batch
        if (_examples[0].Step == _examples[^1].Step)
        {
            columns.TakeStep(_examples[0].Step, plan);
            inner.Differentiate(plan, user, examples, row, ref sums);
            return;
        }

        row.CopyTo(_products);
        var gradient = _gradient.AsSpan(0, row.Length);
        gradient.Clear();
        for (var at = 0; at < _examples.Count;)
        {
            var step = _examples[at].Step;
            _ofStep.Clear();
            for (; at < _examples.Count && _examples[at].Step == step; at++)
            {
                _ofStep.Add(_examples[at].Example);
            }

            columns.TakeStep(step, plan);
            _products.AsSpan(0, row.Length).CopyTo(row);
            inner.Differentiate(plan, user, System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_ofStep), row, ref sums);
            TensorPrimitives.Add(gradient, row, gradient);
        }

        gradient.CopyTo(row);
    }
}
