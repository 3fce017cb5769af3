using CsCheck;
using TwoTower.Actors.Options;
using TwoTower.Actors.Training;
using TwoTower.Model.Data;
using TwoTower.Model.Options;
using TwoTower.Model.Sampling;

namespace TwoTower.Tests.Sampling;

/// <summary>An epoch is conserved: whatever divides it, every example is in one batch of it and in no other.</summary>
public class EpochCoverageSpecs
{
    private static readonly Gen<(int Examples, TrainingOptions Options)> Plans =
        from examples in Gen.Int[1, 300]
        from batchSize in Gen.Int[1, 60]
        from workers in Gen.Int[1, 9]
        from scope in Gen.Enum<BatchScope>()
        from consistency in Gen.Int[0, 3].Select(n => new[] { Consistency.Bsp, Consistency.Ssp(1), Consistency.Ssp(5), Consistency.Asp }[n])
        select (examples, new TrainingOptions
        {
            BatchSize = Math.Min(batchSize, examples),
            Workers = workers,
            BatchPer = scope,
            Consistency = consistency,
            Epochs = 3
        });

    [Fact]
    public void The_leases_of_an_epoch_divide_its_positions() =>
        Plans.Sample(
            (examples, options) =>
            {
                var plan = new EpochPlan(examples, options);
                for (var epoch = 0; epoch < options.Epochs; epoch++)
                {
                    var next = 0;
                    for (var batch = epoch * plan.BatchesPerEpoch; batch < (epoch + 1) * plan.BatchesPerEpoch; batch++)
                    {
                        var lease = plan.LeaseOf(batch, clock: 0);
                        Assert.Equal((epoch, next), (lease.Epoch, lease.First));
                        Assert.InRange(lease.Count, 1, options.BatchSize);
                        next += lease.Count;
                    }

                    Assert.Equal(examples, next);
                }
            },
            iter: 2000);

    [Fact]
    public void The_batches_of_a_step_have_all_its_ranks_and_steps_follow_each_other() =>
        Plans.Sample(
            (examples, options) =>
            {
                var plan = new EpochPlan(examples, options);
                var batch = 0L;
                for (var step = 0L; step < plan.TotalSteps; step++)
                {
                    var size = plan.LeaseOf(batch, 0).RoundSize;
                    Assert.Equal(batch, plan.RoundEnd(batch));
                    for (var rank = 0; rank < size; rank++, batch++)
                    {
                        var lease = plan.LeaseOf(batch, 0);
                        Assert.Equal((step, rank, size), (lease.Step, lease.Rank, lease.RoundSize));
                    }
                }

                Assert.Equal(plan.TotalBatches, batch);
            },
            iter: 1000);

    [Fact]
    public void The_batches_built_from_the_leases_of_an_epoch_hold_every_example_once() =>
        Gen.Select(Plans, Gen.Long).Sample(
            (plan, seed) =>
            {
                // Every example has a user of its own, so a user names its example.
                var (examples, options) = plan;
                var log = new InteractionLog([.. Enumerable.Range(0, examples)], [.. Enumerable.Range(0, examples).Select(n => n % 7)],
                    new long[examples]);
                var loss = new LossOptions { Kind = LossKind.Bpr, Negatives = 2 };
                var builder = new BatchBuilder(new TrainingSet(examples, 8, log), loss, new EpochOrder(examples, seed), seed);
                var batches = new EpochPlan(examples, options);
                var buffers = new BatchPlan(options.BatchSize, loss.Negatives);
                var seen = new List<int>();
                for (var batch = batches.BatchesPerEpoch; batch < 2 * batches.BatchesPerEpoch; batch++)
                {
                    var lease = batches.LeaseOf(batch, 0);
                    builder.Build(lease.Epoch, lease.First, lease.Count, buffers);
                    Assert.Equal(lease.Count, buffers.Examples);
                    for (var n = 0; n < buffers.Examples; n++)
                    {
                        var user = buffers.QueryUsers[buffers.ExampleQuery[n]];
                        Assert.Equal(user % 7, buffers.ItemRows[buffers.ExampleItem[n]]);
                        seen.Add(user);
                    }

                    AssertUniqueRows(buffers);
                }

                Assert.Equal(Enumerable.Range(0, examples), seen.Order());
            },
            iter: 300);

    private static void AssertUniqueRows(BatchPlan plan)
    {
        var items = plan.ItemRows.Take(plan.ItemCount).ToArray();
        Assert.Equal(items.Length, items.Distinct().Count());
        Assert.Equal(plan.Examples, plan.ItemMultiplicity.Take(plan.ItemCount).Sum());
        Assert.Equal(plan.UserCount, plan.UserRows.Take(plan.UserCount).Distinct().Count());
    }
}
