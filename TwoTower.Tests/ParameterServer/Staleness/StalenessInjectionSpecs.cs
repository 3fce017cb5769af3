using TwoTower.Actors.Options;

namespace TwoTower.Tests.ParameterServer.Staleness;

public class StalenessInjectionSpecs
{
    [Fact]
    public void An_update_is_shown_to_each_worker_k_of_its_own_iterations_late_and_to_the_table_at_once()
    {
        var shard = new SmallShard("asp", injection: "constant:2");
        var before = shard[1];
        shard.Pull(1, 5, 1); // worker 1 is five iterations ahead
        Assert.Single(shard.Push(0, 0, 0, 1f, shard.Pull(0, 0, 1)));
        Assert.Equal(before - 1f, shard[1], 1e-6f);

        Assert.Equal([before, before, before - 1f], new long[] { 6, 7, 8 }.Select(clock => shard.Pull(1, clock, 1).Users.Row(0)[0]));
        // its own too
        Assert.Equal([before, before, before - 1f], new long[] { 1, 2, 3 }.Select(clock => shard.Pull(0, clock, 1).Users.Row(0)[0]));
    }

    [Fact]
    public void What_is_held_back_counts_as_staleness()
    {
        var shard = new SmallShard("asp", injection: "constant:1");
        for (var clock = 0; clock < 6; clock++)
        {
            shard.Turn(0, clock, clock, 1f, 1);
        }

        Assert.Equal([1, 5], shard.State.Staleness.Versions[..2]); // the first batch had nothing to miss
        Assert.Equal((5, 1), (shard.State.Staleness.Sum, shard.State.Staleness.Max));
    }

    [Fact]
    public void Rows_that_more_than_one_update_is_held_back_from_show_them_one_by_one()
    {
        var shard = new SmallShard("asp", injection: "constant:1");
        var before = shard[1];
        var shown = Enumerable.Range(0, 5).Select(clock =>
        {
            var pulled = shard.Pull(0, clock, 1);
            shard.Push(0, clock, clock, 1f, pulled);
            return pulled.Users.Row(0)[0];
        }).ToArray();

        foreach (var (value, updates) in shown.Zip([0, 0, 1, 2, 3]))
        {
            Assert.Equal(before - updates, value, 1e-5f);
        }
    }

    [Fact]
    public void A_snapshot_has_every_update_and_holds_on_to_the_delays_and_a_checkpoint_ends_them()
    {
        var shard = new SmallShard("asp", injection: "constant:4");
        var before = shard[1];
        shard.Turn(0, 0, 0, 1f, 1);

        Assert.Equal(before - 1f, shard.State.Snapshot(1).Users[2], 1e-6f);
        Assert.Equal(before, shard.Pull(1, 0, 1).Users.Row(0)[0]);
        shard.State.Export(0); // a late copy of an earlier request
        Assert.Equal(before, shard.Pull(1, 0, 1).Users.Row(0)[0]);
        shard.State.Export(1);

        var pulled = shard.Pull(1, 1, 1);
        Assert.Equal((before - 1f, 1, 1L), (pulled.Users.Row(0)[0], pulled.Users.Versions[0], pulled.Version));
    }

    [Fact]
    public void Under_bsp_what_a_pull_shows_depends_on_its_round_and_not_on_who_pulled_before()
    {
        var shards = new[] { new SmallShard("bsp", injection: "constant:1"), new SmallShard("bsp", injection: "constant:1") };
        var shown = shards.Select((shard, which) =>
        {
            for (var round = 0; round < 3; round++)
            {
                var pulls = new[] { shard.Pull(0, round, 1), shard.Pull(1, round, 1) };
                for (var rank = 0; rank < 2; rank++)
                {
                    var place = which == 0 ? rank : 1 - rank; // the order in which pushes come
                    shard.Push(place, (2 * round) + place, round, place + 1f, pulls[place], place, 2);
                }
            }

            return (shard.Pull(0, 3, 1).Users.Row(0)[0], shard.Pull(0, 4, 1).Users.Row(0)[0], shard[1]);
        }).ToArray();

        Assert.Equal(shown[0], shown[1]);
        Assert.Equal(shown[0].Item3, shown[0].Item2); // round 2's update is due in round 4
        Assert.Equal(shown[0].Item1 - 1.5f, shown[0].Item2, 1e-5f);
    }

    [Theory]
    [InlineData("uniform:4", 2.0, 4)]
    [InlineData("uniform:0", 0.0, 0)]
    [InlineData("constant:7", 7.0, 7)]
    [InlineData("geometric:0.25", 3.0, 200)]
    [InlineData("geometric:1", 0.0, 0)]
    public void Delays_have_the_distribution_that_was_asked_for_and_are_the_same_when_drawn_again(string text, double mean, int most)
    {
        Assert.True(StalenessInjection.TryParse(text, out var injection));
        Assert.Equal(text, injection.ToString());
        var draws = Enumerable.Range(0, 20_000).Select(n => injection.Draw(3, n / 4, n % 4)).ToArray();

        Assert.Equal(mean, draws.Average(), 0.1);
        Assert.InRange(draws.Min(), 0, 0 + mean);
        Assert.InRange(draws.Max(), mean, most);
        Assert.Equal(draws, Enumerable.Range(0, 20_000).Select(n => injection.Draw(3, n / 4, n % 4)));
        if (text == "uniform:4")
        {
            Assert.All(Enumerable.Range(0, 5), r => Assert.InRange(draws.Count(draw => draw == r), 3700, 4300));
            Assert.NotEqual(draws[..^1], draws[1..]);
        }
    }

    [Theory]
    [InlineData("constant")]
    [InlineData("constant:-1")]
    [InlineData("uniform:1.5")]
    [InlineData("geometric:0")]
    [InlineData("geometric:2")]
    [InlineData("poisson:2")]
    [InlineData("uniform:1:2")]
    public void A_distribution_that_cannot_be_is_refused(string text) => Assert.False(StalenessInjection.TryParse(text, out _));
}
