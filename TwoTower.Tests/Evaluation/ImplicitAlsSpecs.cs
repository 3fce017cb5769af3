using CsCheck;
using TwoTower.Model;
using TwoTower.Model.Evaluation;
using TwoTower.Model.Evaluation.Baselines;
using TwoTower.Model.Towers;

namespace TwoTower.Tests.Evaluation;

public class ImplicitAlsSpecs
{
    [Fact]
    public void The_loss_falls_in_every_iteration_and_is_the_sum_over_all_pairs()
    {
        var train = RankingTask.Validation(SmallData.Make()).Seen;
        var options = new ImplicitAlsOptions { Dim = 6, Iterations = 8, Alpha = 5, Lambda = 0.5 };
        var losses = new List<double>();
        TwoTowerEmbeddings? last = null;

        ImplicitAls.Fit(new CoOccurrence(train), options, 2, factors =>
        {
            losses.Add(ImplicitAls.Loss(train, factors, options));
            last = factors;
        });

        Assert.Equal(8, losses.Count);
        Assert.All(losses.Zip(losses.Skip(1)), pair => Assert.True(pair.Second < pair.First, $"{pair.First} then {pair.Second}"));
        var sum = options.Lambda * last!.Users.Concat(last.Items).Sum(value => (double)value * value);
        for (var user = 0; user < train.Users; user++)
        {
            for (var item = 0; item < train.Items; item++)
            {
                var (weight, target) = train.Contains(user, item) ? (1 + options.Alpha, 1) : (1, 0);
                var error = target - Dot(last, user, item);
                sum += weight * error * error;
            }
        }

        Assert.Equal(sum, losses[^1], 1e-3 * sum);
    }

    [Fact]
    public void After_the_last_iteration_every_item_solves_its_dense_normal_equations()
    {
        // user 4 and item 3 have nothing
        var train = EaseSpecs.Matrix(5, 4, (0, 0), (0, 1), (1, 0), (1, 2), (2, 1), (3, 0), (3, 1), (3, 2));
        var options = new ImplicitAlsOptions { Dim = 3, Iterations = 2, Alpha = 7, Lambda = 0.3 };

        var factors = ImplicitAls.Fit(new CoOccurrence(train), options).Factors;

        for (var item = 0; item < 4; item++)
        {
            // (Σ_u c_ui x_u x_uᵀ + λI) y_i − Σ_u c_ui p_ui x_u over all users, with the weights written out, must be 0.
            for (var r = 0; r < 3; r++)
            {
                var rest = options.Lambda * factors.Items[(item * 3) + r];
                for (var user = 0; user < 5; user++)
                {
                    var (weight, target) = train.Contains(user, item) ? (1 + options.Alpha, 1) : (1, 0);
                    rest += weight * (Dot(factors, user, item) - target) * factors.Users[(user * 3) + r];
                }

                Assert.Equal(0, rest, 1e-4);
            }
        }

        Assert.Equal([0f, 0f, 0f], factors.Users[^3..]);
        Assert.Equal([0f, 0f, 0f], factors.Items[^3..]);
        Assert.NotEqual([0f, 0f, 0f], factors.Items[..3]);
    }

    [Fact]
    public void A_system_is_solved_whatever_its_size_and_the_number_of_rows_in_it() =>
        Gen.Select(Gen.Int[1, 20], Gen.Int[0, 9], Gen.Long[0, 1000]).Sample((dim, rows, seed) =>
        {
            var random = new SeededRandom(seed);
            var table = Enumerable.Range(0, Math.Max(1, rows))
                .Select(_ => Enumerable.Range(0, dim).Select(_ => (float)random.NextGaussian()).ToArray()).ToArray();
            var b = Enumerable.Range(0, dim).Select(_ => (float)random.NextGaussian()).ToArray();
            var system = new NormalEquations(dim);
            for (var c = 0; c < dim; c++)
            {
                system.Matrix[(c * dim) + c] = 2;
            }

            for (var n = 0; n < rows; n += 4)
            {
                float[] Row(int at) => at < rows ? table[at] : system.Zeros.ToArray();
                system.Add(Row(n), Row(n + 1), Row(n + 2), Row(n + 3), 0.5f);
            }

            var x = b.ToArray();
            system.Solve(x);

            for (var r = 0; r < dim; r++)
            {
                var left = (2.0 * x[r]) + table.Take(rows).Sum(row => 0.5 * row[r] * row.Zip(x, (y, value) => (double)y * value).Sum());
                Assert.Equal(b[r], left, 1e-3);
            }
        }, iter: 300);

    [Fact]
    public void Factors_do_not_depend_on_the_number_of_threads()
    {
        var data = SmallData.Make(users: 300);
        var counts = new CoOccurrence(RankingTask.Validation(data).Seen);
        var options = new ImplicitAlsOptions { Dim = 10, Iterations = 3 };

        var (one, three) = (ImplicitAls.Fit(counts, options, 1), ImplicitAls.Fit(counts, options, 3));

        Assert.Equal(one.Factors.Users, three.Factors.Users);
        Assert.Equal(EaseSpecs.ScoresOf(one, data), EaseSpecs.ScoresOf(three, data));
    }

    private static double Dot(TwoTowerEmbeddings factors, int user, int item)
    {
        var sum = 0.0;
        for (var c = 0; c < factors.Dim; c++)
        {
            sum += (double)factors.Users[(user * factors.Dim) + c] * factors.Items[(item * factors.Dim) + c];
        }

        return sum;
    }
}
