using CsCheck;
using TwoTower.Model.Evaluation;
using static TorchSharp.torch;

namespace TwoTower.Tests.Evaluation;

/// <summary>The plane that items are shown on.</summary>
public class PrincipalPlaneSpecs
{
    private static readonly Gen<(int Dim, float[] Rows)> s_tables =
        from dim in Gen.Int[1, 24]
        from rows in Gen.Int[1, 40]
        from values in Gen.Float[-2, 2].Array[dim * rows]
        select (dim, values);

    /// <summary>Values that stay what they are when 8 is added: smaller ones would be rounded away, and
    /// with them all that the table says.</summary>
    private static readonly Gen<(int Dim, float[] Rows)> s_movable =
        from dim in Gen.Int[1, 24]
        from rows in Gen.Int[1, 40]
        from values in Gen.Int[-2048, 2048].Array[dim * rows]
        select (dim, Array.ConvertAll(values, value => value / 1024f));

    [Fact]
    public void It_explains_what_the_two_largest_singular_values_explain() => s_tables.Sample(table =>
    {
        var plane = PrincipalPlane.Of(table.Rows, table.Dim);

        using var scope = NewDisposeScope();
        var centred = tensor(table.Rows, ScalarType.Float64).view(-1, table.Dim);
        centred -= centred.mean([0], keepdim: true);
        var (_, values, right) = linalg.svd(centred, fullMatrices: false);
        var squares = values.data<double>().ToArray().Select(value => value * value).ToArray();
        var total = squares.Sum();
        if (total < 1e-12)
        {
            Assert.Equal((0, 0), (plane.XShare, plane.YShare));
            return;
        }

        Assert.Equal(squares[0] / total, plane.XShare, 1e-7);
        Assert.Equal(squares.Length > 1 ? squares[1] / total : 0, plane.YShare, 1e-7);
        Assert.Equal(squares[0], plane.X.Sum(x => x * x), 1e-6 * total);
        Assert.Equal(0, plane.X.Zip(plane.Y).Sum(point => point.First * point.Second), 1e-6 * total);

        // Where the first direction stands clear of the second it is SVD's, up to its sign.
        if (squares.Length > 1 && squares[0] > 1.1 * squares[1])
        {
            var along = centred.mv(right[0]).data<double>().ToArray();
            var sign = along.Zip(plane.X).Sum(pair => pair.First * pair.Second) < 0 ? -1 : 1;
            Assert.All(along.Zip(plane.X), pair => Assert.Equal(sign * pair.First, pair.Second, 1e-4 * Math.Sqrt(total)));
        }
    });

    [Fact]
    public void The_same_table_gives_the_same_bits_and_moving_all_rows_alike_moves_nothing() => s_movable.Sample(table =>
    {
        var plane = PrincipalPlane.Of(table.Rows, table.Dim);
        var again = PrincipalPlane.Of(table.Rows, table.Dim);
        Assert.Equal(plane.X, again.X);
        Assert.Equal(plane.Y, again.Y);

        var moved = PrincipalPlane.Of(Array.ConvertAll(table.Rows, value => value + 8), table.Dim);
        Assert.Equal(plane.XShare, moved.XShare, 1e-4);
    });

    [Fact]
    public void Two_groups_lie_apart_on_the_first_direction()
    {
        var plane = PrincipalPlane.Of([5, 0, 0.1f, 5.1f, 0, 0, -5, 0.1f, 0, -5, 0, 0], 3);
        Assert.True(plane.X[0] > 4 && plane.X[1] > 4 && plane.X[2] < -4 && plane.X[3] < -4, string.Join(' ', plane.X));
        Assert.True(plane.XShare > 0.99);
    }
}
