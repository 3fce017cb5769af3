using CsCheck;
using TwoTower.Actors.Options;
using TwoTower.Actors.ParameterServer;

namespace TwoTower.Tests.ParameterServer;

public class TableLayoutSpecs
{
    [Theory]
    [InlineData(PartitionerKind.Range)]
    [InlineData(PartitionerKind.Modulo)]
    [InlineData(PartitionerKind.Hash)]
    [InlineData(PartitionerKind.Balanced)]
    public void Every_row_lies_in_exactly_one_shard_at_one_place(PartitionerKind kind) =>
        Gen.Select(Gen.Int[1, 20], Gen.Int[0, 1000].Array[1, 300]).Sample((shards, frequencies) =>
        {
            var layout = TableLayout.Create(kind, shards, frequencies);
            var seen = new HashSet<int>();
            for (var shard = 0; shard < shards; shard++)
            {
                var rows = layout.RowsOf(shard);
                for (var local = 0; local < rows.Length; local++)
                {
                    Assert.True(seen.Add(rows[local]));
                    Assert.Equal(shard, layout.ShardOf(rows[local]));
                    Assert.Equal(local, layout.LocalOf(rows[local]));
                }
            }

            Assert.Equal(frequencies.Length, seen.Count);
        }, iter: 200);

    [Fact]
    public void Balanced_loads_differ_by_no_more_than_the_heaviest_row() =>
        Gen.Select(Gen.Int[1, 20], Gen.Int[0, 1000].Array[1, 300]).Sample((shards, frequencies) =>
        {
            var layout = TableLayout.Create(PartitionerKind.Balanced, shards, frequencies);
            var loads = Enumerable.Range(0, shards).Select(shard => layout.RowsOf(shard).ToArray().Sum(row => frequencies[row])).ToArray();

            Assert.True(loads.Max() - loads.Min() <= frequencies.Max() + 3);
        }, iter: 200);

    [Fact]
    public void Rows_of_all_shards_go_back_to_their_places()
    {
        var layout = TableLayout.Create(PartitionerKind.Hash, 3, new int[17]);

        var whole = RowOrder.Assemble(layout, 2, shard => layout.RowsOf(shard).ToArray().SelectMany(row => new[] { row, -row }).ToArray());

        Assert.Equal(Enumerable.Range(0, 17).SelectMany(row => new[] { row, -row }), whole);
    }
}
