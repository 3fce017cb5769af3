using System.Globalization;
using System.Text;
using Parquet;
using Parquet.Schema;
using TwoTower.Model.Data;
using TwoTower.Model.Storage;

namespace TwoTower.Node.Exports;

/// <summary>Candidates as rows of user id, item id, rank (from 1) and score.</summary>
internal static class CandidateFile
{
    /// <summary>Writes CSV with a header.</summary>
    /// <param name="stream">Where.</param>
    /// <param name="lists">The lists.</param>
    /// <param name="data">Names of users and items.</param>
    public static void WriteCsv(Stream stream, CandidateLists lists, RecommenderData data)
    {
        using var to = new StreamWriter(stream, new UTF8Encoding(false), 1 << 16, leaveOpen: true);
        to.Write("user_id,item_id,rank,score\n");
        foreach (var list in lists.Blocks().SelectMany(block => block))
        {
            var user = CsvText.Cell(data.Users.RawIds[list.User]);
            for (var n = 0; n < list.Items.Length; n++)
            {
                to.Write(string.Create(CultureInfo.InvariantCulture,
                    $"{user},{CsvText.Cell(data.Items.RawIds[list.Items[n]])},{n + 1},{list.Scores[n]:R}\n"));
            }
        }
    }

    /// <summary>Writes parquet, a row group for each block of users.</summary>
    /// <param name="stream">Where.</param>
    /// <param name="lists">The lists.</param>
    /// <param name="data">Names of users and items.</param>
    public static void WriteParquet(Stream stream, CandidateLists lists, RecommenderData data) => WriteParquetAsync(stream, lists, data)
        .GetAwaiter().GetResult();

    private static async Task WriteParquetAsync(Stream stream, CandidateLists lists, RecommenderData data)
    {
        var user = new DataField<string>("user_id", nullable: false);
        var item = new DataField<string>("item_id", nullable: false);
        var rank = new DataField<int>("rank", nullable: false);
        var score = new DataField<float>("score", nullable: false);
        var writer = await ParquetWriter.CreateAsync(new ParquetSchema(user, item, rank, score), stream).ConfigureAwait(false);
        await using (writer.ConfigureAwait(false))
        {
            foreach (var block in lists.Blocks())
            {
                using var group = writer.CreateRowGroup();
                await group.WriteAsync(user, block.SelectMany(list => list.Items.Select(_ => data.Users.RawIds[list.User])).ToArray())
                    .ConfigureAwait(false);
                await group.WriteAsync(item, block.SelectMany(list => list.Items.Select(index => data.Items.RawIds[index])).ToArray())
                    .ConfigureAwait(false);
                await group.WriteAsync<int>(rank, block.SelectMany(list => Enumerable.Range(1, list.Items.Length)).ToArray())
                    .ConfigureAwait(false);
                await group.WriteAsync<float>(score, block.SelectMany(list => list.Scores).ToArray()).ConfigureAwait(false);
                group.CompleteValidate();
            }
        }
    }
}
