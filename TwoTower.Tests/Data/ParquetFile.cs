using Parquet;
using Parquet.Schema;

namespace TwoTower.Tests.Data;

/// <summary>Writes small parquet files for tests.</summary>
internal static class ParquetFile
{
    public static byte[] Of(params (long User, long Item, double Rating, long Timestamp)[] rows) => OfAsync(rows).GetAwaiter().GetResult();

    private static async Task<byte[]> OfAsync((long User, long Item, double Rating, long Timestamp)[] rows)
    {
        var user = new DataField<long>("user_id");
        var item = new DataField<long>("movie_id");
        var rating = new DataField<double>("rating");
        var timestamp = new DataField<long>("timestamp");
        using var stream = new MemoryStream();
        await using (var writer = await ParquetWriter.CreateAsync(new ParquetSchema(user, item, rating, timestamp), stream))
        {
            using var group = writer.CreateRowGroup();
            await group.WriteAsync<long>(user, rows.Select(row => row.User).ToArray());
            await group.WriteAsync<long>(item, rows.Select(row => row.Item).ToArray());
            await group.WriteAsync<double>(rating, rows.Select(row => row.Rating).ToArray());
            await group.WriteAsync<long>(timestamp, rows.Select(row => row.Timestamp).ToArray());
            group.CompleteValidate();
        }

        return stream.ToArray();
    }
}
