using TwoTower.Node.Sweeps;

namespace TwoTower.Tests.Sweeps;

public class StalenessBinsSpecs
{
    [Fact]
    public void Bins_double_in_width_without_a_gap() =>
        Assert.Equal(["0", "1", "2", "3–4", "5–8", "9–16"], StalenessBins.UpTo(9).Select(bin => bin.ToString()));

    [Fact]
    public void Shares_add_the_counts_of_all_histograms_up()
    {
        // τ 0: 2, τ 1: 1, τ 3: 3, τ 4: 2 of 8 in all.
        var shares = StalenessBins.Shares(StalenessBins.UpTo(4), [[2, 1, 0, 1, 2], [0, 0, 0, 2]]);

        Assert.Equal([0.25, 0.125, 0, 0.625], shares);
        Assert.Empty(StalenessBins.Shares(StalenessBins.UpTo(4), [[0, 0]]));
    }
}
