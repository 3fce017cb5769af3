using Parquet;
using Parquet.Schema;
using TwoTower.Model.Storage;
using TwoTower.Node.Learned;

namespace TwoTower.Node.Exports;

/// <summary>Parquet tables of users and items, each row with its vector as a list of floats.</summary>
internal static class ParquetExport
{
    // Rows that are in memory as columns at a time.
    private const int GroupRows = 16_384;

    public static IReadOnlyList<string> Write(LearnedModel model, string folder)
    {
        var embeddings = model.Run.Embeddings;
        var positives = EntityTables.PositivesOfUsers(model);
        WriteTable(
            Path.Combine(folder, "users.parquet"), embeddings.Users, embeddings.Dim,
            [("id", user => model.Run.Data.Users.RawIds[user])], user => positives[user]);
        WriteTable(
            Path.Combine(folder, "items.parquet"), embeddings.Items, embeddings.Dim,
            [("id", item => model.Run.Data.Items.RawIds[item]), ("title", item => model.View(item).Title),
                ("genres", item => EntityTables.Genres(model.View(item)))], item => model.View(item).Positives);
        return ["users.parquet", "items.parquet"];
    }

    private static void WriteTable(string path, float[] values, int dim, (string Name, Func<int, string?> Of)[] texts,
        Func<int, int> positives) =>
            AtomicFile.Write(path, stream => WriteAsync(stream, values, dim, texts, positives).GetAwaiter().GetResult());

    private static async Task WriteAsync(Stream stream, float[] values, int dim, (string Name, Func<int, string?> Of)[] texts,
        Func<int, int> positives)
    {
        DataField<string>[] names = [.. texts.Select(text => new DataField<string>(text.Name, nullable: true))];
        var count = new DataField<int>("positives");
        var element = new DataField<float>("element", nullable: false);
        var writer = await ParquetWriter.CreateAsync(new ParquetSchema([.. names, count, new ListField("embedding", element)]), stream)
            .ConfigureAwait(false);
        await using (writer.ConfigureAwait(false))
        {
            for (var first = 0; first < values.Length / dim; first += GroupRows)
            {
                var rows = Enumerable.Range(first, Math.Min(GroupRows, (values.Length / dim) - first)).ToArray();
                using var group = writer.CreateRowGroup();
                foreach (var (name, of) in names.Zip(texts, (name, text) => (name, text.Of)))
                {
                    await group.WriteAsync(name, Array.ConvertAll(rows, row => of(row)!)).ConfigureAwait(false);
                }

                await group.WriteAsync<int>(count, Array.ConvertAll(rows, row => positives(row))).ConfigureAwait(false);

                // A list begins where its level of repetition is 0; none of its levels is missing anywhere.
                var (present, repeated) = (new int[rows.Length * dim], new int[rows.Length * dim]);
                present.AsSpan().Fill(element.MaxDefinitionLevel);
                for (var n = 0; n < repeated.Length; n++)
                {
                    repeated[n] = n % dim == 0 ? 0 : 1;
                }

                await group.WriteAllPartsAsync<float>(element, values.AsMemory(first * dim, repeated.Length), present, repeated,
                    CancellationToken.None).ConfigureAwait(false);
                group.CompleteValidate();
            }
        }
    }
}
