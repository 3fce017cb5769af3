using TwoTower.Model.Native;
using TwoTower.Model.Options;
using static TorchSharp.torch;

namespace TwoTower.Tests.Losses;

/// <summary>The log-q correction that takes the positive as certain (Khrylchenko et al. 2025).</summary>
public class CertainPositiveSpecs
{
    [Theory]
    [InlineData(LossKind.InBatchSoftmax, 0, 1.0, true)]
    [InlineData(LossKind.InBatchSoftmax, 5, 1.0, false)]
    [InlineData(LossKind.InBatchSoftmax, 0, 0.5, false)]
    [InlineData(LossKind.SampledSoftmax, 0, 1.0, false)]
    public void The_loss_equals_autograd_with_the_probability_of_an_error_as_a_constant_weight(LossKind kind, int mixed,
        double logQ, bool known)
    {
        var loss = new LossOptions
        {
            Kind = kind,
            Negatives = 11,
            MixedNegatives = mixed,
            LogQ = logQ,
            LogQPositive = true,
            MaskKnownPositives = known,
            Sampling = NegativeSampling.Popularity
        };
        GradientSpecs.Check(SoftmaxColumnSpecs.Model(normalise: true, bias: true), loss, (plan, scores, set) =>
        {
            var total = tensor(0f);
            for (var example = 0; example < plan.Examples; example++)
            {
                var (user, own) = (plan.ExampleQuery[example], plan.ExampleItem[example]);
                var negatives = HardNegativeSpecs.NegativesOf(plan, set, loss, example);
                if (negatives.Count == 0)
                {
                    continue;
                }

                var free = 1 - SoftmaxColumnSpecs.Q(plan, own, set, loss);
                var f = scores[example, own].DividedBy(loss.Temperature);
                var corrected = stack(negatives.Select(item =>
                    scores[example, item].DividedBy(loss.Temperature)
                        .Minus(logQ * Math.Log(SoftmaxColumnSpecs.Q(plan, item, set, loss) / free))));
                var probability = exp(f) / exp(f).Plus(exp(corrected).sum().DividedBy(negatives.Count));
                total = total - (probability.neg().Plus(1).detach().Times(plan.Weights[example]) * (f - logsumexp(corrected, 0)));
            }

            return total;
        });
    }

    [Fact]
    public void With_many_draws_the_gradient_is_that_of_full_softmax_where_the_usual_correction_is_far_from_it()
    {
        var draws = new LossOptions
        {
            Kind = LossKind.SampledSoftmax,
            Negatives = 60_000,
            Sampling = NegativeSampling.Popularity,
            PopularityAlpha = 1
        };
        draws = draws with { MaskKnownPositives = false };
        var full = SoftmaxColumnSpecs.UserGradient(new LossOptions { Kind = LossKind.FullSoftmax, MaskKnownPositives = false });

        Assert.InRange(SoftmaxColumnSpecs.Distance(full, SoftmaxColumnSpecs.UserGradient(draws with { LogQPositive = true })), 0, 0.02);
        Assert.InRange(SoftmaxColumnSpecs.Distance(full, SoftmaxColumnSpecs.UserGradient(draws)), 0.04, double.MaxValue);
    }
}
