using System.Globalization;
using TwoTower.Node.Learned;

namespace TwoTower.Node.Exports;

/// <summary>What the TensorFlow Embedding Projector loads: vectors and metadata as TSV, and the file by which TensorBoard finds them.
/// Without bias and prior, as a picture goes by directions.</summary>
internal static class ProjectorExport
{
    private const string Config = "projector_config.pbtxt";

    public static IReadOnlyList<string> Write(LearnedModel model, string folder)
    {
        var (embeddings, data, dim) = (model.Run.Embeddings, model.Run.Data, model.Run.Settings.Values.Training.Model.Dim);
        var positives = EntityTables.PositivesOfUsers(model);
        WriteVectors(Path.Combine(folder, "items.tsv"), embeddings.Items, embeddings.Dim, dim);
        WriteVectors(Path.Combine(folder, "users.tsv"), embeddings.Users, embeddings.Dim, dim);
        EntityTables.WriteText(Path.Combine(folder, "items_metadata.tsv"), to =>
        {
            to.Write("title\tid\tgenres\tpositives\n");
            for (var item = 0; item < data.Items.Count; item++)
            {
                var view = model.View(item);
                to.Write(string.Create(CultureInfo.InvariantCulture,
                    $"{Label(view)}\t{EscapedId.Of(view.Id, keepSpaces: true)}\t{Cell(EntityTables.Genres(view))}\t{view.Positives}\n"));
            }
        });
        EntityTables.WriteText(Path.Combine(folder, "users_metadata.tsv"), to =>
        {
            to.Write("id\tpositives\n");
            for (var user = 0; user < data.Users.Count; user++)
            {
                to.Write(string.Create(CultureInfo.InvariantCulture,
                    $"{EscapedId.Of(data.Users.RawIds[user], keepSpaces: true)}\t{positives[user]}\n"));
            }
        });
        EntityTables.WriteText(Path.Combine(folder, Config), to =>
        {
            foreach (var table in new[] { "items", "users" })
            {
                to.Write($"embeddings {{\n  tensor_name: \"{table}\"\n  tensor_path: \"{table}.tsv\"\n  metadata_path: "
                    + $"\"{table}_metadata.tsv\"\n}}\n");
            }
        });
        return ["items.tsv", "items_metadata.tsv", "users.tsv", "users_metadata.tsv", Config];
    }

    private static void WriteVectors(string path, float[] values, int stride, int dim) => EntityTables.WriteText(path, to =>
    {
        for (var row = 0; row < values.Length / stride; row++)
        {
            to.Write(string.Join('\t', values.AsMemory(row * stride, dim).ToArray()
                .Select(value => value.ToString("R", CultureInfo.InvariantCulture))));
            to.Write('\n');
        }
    });

    /// <summary>What stands beside a point: a title, which is no name, or for want of one the id.</summary>
    private static string Label(ItemView item) => string.IsNullOrWhiteSpace(item.Title) ? EscapedId.Of(item.Id, keepSpaces: true)
        : Cell(item.Title);

    // TSV has no quotes, and readers differ in what ends a line.
    private static string Cell(string text) =>
        string.Concat(text.Select(letter => char.IsControl(letter) || letter is '\u2028' or '\u2029' ? ' ' : letter));
}
