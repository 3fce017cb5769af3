using TwoTower.Actors.Hosting;
using TwoTower.Actors.Options;
using TwoTower.Actors.ParameterServer.Staleness;
using TwoTower.Actors.Simulation.Compute;
using TwoTower.Actors.Simulation.Running;
using TwoTower.Actors.Simulation.Worlds;
using TwoTower.Actors.Training;
using TwoTower.Model.Data;
using TwoTower.Model.Data.Loading;
using TwoTower.Model.Optimizers;
using TwoTower.Model.Options;

namespace TwoTower.Tests.Training;

/// <summary>Rules that another program registers: the same rule written outside and built in trains the same bits.</summary>
public sealed class OwnRuleSpecs
{
    private static readonly RecommenderData s_data = SmallData.Make();
    private static readonly TrainingOptions s_options = InvariantSpecs.Options(LossKind.Bpr, OptimizerKind.Adagrad) with
    { Workers = 3, Consistency = Consistency.Asp };

    [Fact]
    public void BPR_written_as_a_loss_of_ones_own_trains_the_bits_of_BPR()
    {
        var own = s_options with { Loss = s_options.Loss with { OwnPairLoss = new LogSigmoid() } };

        Assert.Equal(Simulated(s_options), Simulated(own));
        Assert.NotEqual(Simulated(s_options), Simulated(s_options with { Loss = s_options.Loss with { OwnPairLoss = new Hinge() } }));
    }

    [Fact]
    public void A_rule_that_always_gives_one_bound_trains_the_bits_of_ssp_with_that_bound()
    {
        Assert.Equal(Simulated(s_options with { Consistency = Consistency.Ssp(2) }),
            Simulated(s_options with { Consistency = Consistency.Of(new Always(2, 2)) }));
        Assert.NotEqual(Simulated(s_options with { Consistency = Consistency.Ssp(2) }),
            Simulated(s_options with { Consistency = Consistency.Of(new Always(1, 2)) }));
    }

    [Fact]
    public void A_rule_that_gives_a_bound_which_it_has_not_promised_ends_the_run_with_its_name()
    {
        var broken = Assert.ThrowsAny<Exception>(() => Simulated(s_options with { Consistency = Consistency.Of(new Always(3, 2)) }));

        Assert.Contains("Always gives the bound 3 at clock", broken.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_policy_written_outside_trains_the_bits_of_the_same_policy_inside()
    {
        var inside = s_options with { StalenessPolicy = new StalenessPolicyOptions { Kind = StalenessPolicyKind.Divide } };
        var outside = s_options with { StalenessPolicy = new StalenessPolicyOptions { Own = new DivideByStaleness() } };

        Assert.Equal(Simulated(inside), Simulated(outside));
        Assert.NotEqual(Simulated(s_options), Simulated(outside));
    }

    [Fact]
    public void A_partitioner_written_outside_trains_the_bits_of_the_same_partitioner_inside()
    {
        var inside = s_options with { Partitioner = PartitionerKind.Modulo };

        Assert.Equal(Simulated(inside), Simulated(s_options with { OwnPartitioner = new Modulo() }));
    }

    [Fact]
    public async Task A_rule_that_cannot_be_used_is_refused_in_a_sentence_that_names_it()
    {
        Assert.Contains("Hinge is a loss of pairs", await Refused(s_options with
        {
            Loss = new LossOptions { Kind = LossKind.InBatchSoftmax, OwnPairLoss = new Hinge() }
        }), StringComparison.Ordinal);
        Assert.Contains("Nowhere has to give each of 60 rows a shard in 0 … 3.", await Refused(s_options with
        {
            Shards = 4,
            OwnPartitioner = new Nowhere()
        }), StringComparison.Ordinal);
        Assert.Contains("Always sets the bound at each clock", await Refused(s_options with
        {
            Consistency = Consistency.Of(new Always(2, 2)),
            HotRows = 3
        }), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "a", 1f, "rating 1: expected a user and an item")]
    [InlineData("u", "a", -1f, "rating 1: expected a value from 0 on, found -1")]
    [InlineData("u", "a", float.NaN, "rating 1: expected a value from 0 on, found NaN")]
    public void A_rating_that_cannot_be_used_is_named_by_its_place(string user, string item, float value, string refusal)
    {
        var refused = Assert.Throws<DataException>(() => DataLoader.Load("mine", [new Rating(user, item, null, value)], new DataOptions()));

        Assert.StartsWith("mine, " + refusal, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Ratings_of_which_some_have_times_are_refused()
    {
        Rating[] ratings = [new("u", "a", DateTimeOffset.FromUnixTimeSeconds(1_700_000_000)), new("u", "b")];

        Assert.Contains("rating 2: expected times for all ratings or for none",
            Assert.Throws<DataException>(() => DataLoader.Load("mine", ratings, new DataOptions())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Pairs_without_values_are_positives_and_without_times_are_split_at_random_and_it_says_so()
    {
        var ratings = Enumerable.Range(0, 400).Select(n => new Rating($"u{n % 20}", $"i{n / 20}"));

        var data = DataLoader.Load("mine", ratings, new DataOptions());

        Assert.Equal((SplitKind.Random, false), (data.Split.Kind, data.Split.HasTimes));
        Assert.Equal(20, data.Users.Count);
        Assert.NotEmpty(data.Validation.Items);
    }

    private static string Simulated(TrainingOptions options) =>
        SimulatedTraining.Run(new TrainingPlan(options, s_data), new WorldOptions
        {
            Compute = new ComputeOptions { ExamplesPerSecond = 1000, SlowWorkers = 1, SlowBy = 3 }
        }).Training.ParametersSha256;

    private static async Task<string> Refused(TrainingOptions options) =>
        (await Assert.ThrowsAsync<TrainingException>(() => LocalTraining.RunAsync(new TrainingPlan(options, s_data)))).Message;

    private sealed class LogSigmoid : IPairLoss
    {
        public float Of(float margin, out float slope)
        {
            var decay = MathF.Exp(-MathF.Abs(margin));
            slope = margin >= 0 ? -decay / (1f + decay) : -1f / (1f + decay);
            return MathF.Max(-margin, 0f) + MathF.Log(1f + decay);
        }
    }

    private sealed class Hinge : IPairLoss
    {
        public float Of(float margin, out float slope)
        {
            slope = margin < 1 ? -1 : 0;
            return MathF.Max(0, 1 - margin);
        }
    }

    private sealed class Always(int bound, int loosest) : IConsistencyRule
    {
        public int Loosest => loosest;

        public int BoundAt(long clock) => bound;
    }

    private sealed class Modulo : IPartitioner
    {
        public int[] Divide(int shards, ReadOnlySpan<int> frequencies) =>
            [.. Enumerable.Range(0, frequencies.Length).Select(row => row % shards)];
    }

    private sealed class Nowhere : IPartitioner
    {
        public int[] Divide(int shards, ReadOnlySpan<int> frequencies) => [];
    }
}
