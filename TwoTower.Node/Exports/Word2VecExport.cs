using System.Globalization;
using TwoTower.Node.Learned;

namespace TwoTower.Node.Exports;

/// <summary>The text form of word2vec: a line with count and columns, then a line per vector, its name first. What reads it goes by cosine,
/// so bias and prior, which are no direction, stay out.</summary>
internal static class Word2VecExport
{
    public static IReadOnlyList<string> Write(LearnedModel model, string folder)
    {
        var (embeddings, data, dim) = (model.Run.Embeddings, model.Run.Data, model.Run.Settings.Values.Training.Model.Dim);
        WriteTable(Path.Combine(folder, "users.vec"), data.Users.RawIds, embeddings.Users, embeddings.Dim, dim);
        WriteTable(Path.Combine(folder, "items.vec"), data.Items.RawIds, embeddings.Items, embeddings.Dim, dim);
        return ["users.vec", "items.vec", .. EntityTables.Write(model, folder)];
    }

    private static void WriteTable(string path, IReadOnlyList<string> ids, float[] values, int stride, int dim) =>
        EntityTables.WriteText(path, to =>
        {
            to.Write(string.Create(CultureInfo.InvariantCulture, $"{ids.Count} {dim}\n"));
            for (var row = 0; row < ids.Count; row++)
            {
                // The form has no quotes: what stands before the first space is the name, and some readers split at any white space.
                to.Write(EscapedId.Of(ids[row], keepSpaces: false));
                foreach (var value in values.AsSpan(row * stride, dim))
                {
                    to.Write(' ');
                    to.Write(value.ToString("R", CultureInfo.InvariantCulture));
                }

                to.Write('\n');
            }
        });
}
