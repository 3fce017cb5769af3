using Google.Protobuf;
using Onnx;
using TwoTower.Model.Options;
using TwoTower.Model.Storage;
using TwoTower.Model.Towers;
using TwoTower.Node.Learned;
using Kind = Onnx.TensorProto.Types.DataType;

namespace TwoTower.Node.Exports;

/// <summary>ONNX models of the ranking. <c>model.onnx</c> takes <c>user</c> int64 [batch], rows of users, and <c>k</c> int64 [1]; it gives
/// <c>items</c> int64 [batch, k], rows of the best items, best first, equal ones by row;
/// <c>scores</c> float [batch, k], theirs; <c>all_scores</c> float [batch, items]. It knows nothing of what a user has seen. Two others
/// take in place of a user <c>liked</c> int64 [n], rows of items, and <c>weights</c> float [1, n], have a batch of 1, and give
/// <c>vector</c> float [1, columns] besides: <c>history.onnx</c> where users have histories, <c>new_user.onnx</c> where users who
/// were not in train are folded in.</summary>
internal static class OnnxExport
{
    private const string Name = "model.onnx", HistoryName = "history.onnx", NewUserName = "new_user.onnx";
    private const long LargestMessage = int.MaxValue; // protobuf's own limit

    /// <summary>Names that graphs have in common: the items' table, and the user vectors that are scored.</summary>
    public const string Items = "item_embeddings", Vector = "vector";

    public static IReadOnlyList<string> Write(LearnedModel model, string folder)
    {
        var (embeddings, options) = (model.Run.Embeddings, model.Run.Settings.Values.Training.Model);
        var bytes = (embeddings.Users.LongLength + embeddings.Items.LongLength) * sizeof(float);
        if (bytes > LargestMessage - 65_536)
        {
            throw new StorageException(
                FormattableString.Invariant(
                $"The tables have {bytes / 1e9:0.0} GB, and an ONNX file holds less than 2; take another format."));
        }

        var graphs = new List<(string Name, OnnxGraph Graph)> { (Name, ByUser(embeddings)) };
        if (embeddings.ItemHistories is not null)
        {
            graphs.Add((HistoryName, ByHistory(embeddings, options)));
        }

        if (HistoryVectors.ForNewUsers(embeddings, options) is null)
        {
            graphs.Add((NewUserName, OnnxFoldIn.Graph(embeddings, options.Dim, Recommender.FoldInOf(model.Run))));
        }

        foreach (var (name, graph) in graphs)
        {
            var proto = graph.ToModel();
            proto.MetadataProps.Add(new StringStringEntryProto { Key = "dataFingerprint", Value = model.Run.Data.Fingerprint });
            AtomicFile.Write(Path.Combine(folder, name), stream => proto.WriteTo(stream));
        }

        return [.. graphs.Select(graph => graph.Name), .. EntityTables.Write(model, folder)];
    }

    /// <summary>Completes a graph that makes user vectors by the ranking of all items.</summary>
    /// <param name="graph">The graph, with the items' table.</param>
    /// <param name="vectors">Name of the user vectors, [batch, columns].</param>
    /// <param name="items">Items.</param>
    /// <param name="batch">A number, or the name of a number that is not known.</param>
    public static void Rank(OnnxGraph graph, string vectors, int items, object batch)
    {
        graph.Input("k", Kind.Int64, 1);
        graph.Output("items", Kind.Int64, batch, "k");
        graph.Output("scores", Kind.Float, batch, "k");
        graph.Output("all_scores", Kind.Float, batch, items);
        graph.Node("Gemm", [vectors, Items], "all_scores", ("transB", 1));
        graph.Nodes("TopK", ["all_scores", "k"], ["scores", "items"], ("axis", 1), ("largest", 1), ("sorted", 1));
    }

    /// <summary>Makes a direction a user vector as it scores, which is given out: with 1 in each column of bias and prior.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="direction">Name of the direction, [1, dim].</param>
    /// <param name="dim">Its length.</param>
    /// <param name="columns">Columns of the items' table.</param>
    public static void Complete(OnnxGraph graph, string direction, int dim, int columns)
    {
        graph.Output(Vector, Kind.Float, 1, columns);
        if (columns == dim)
        {
            graph.Node("Identity", [direction], Vector);
        }
        else
        {
            graph.Node("Concat", [direction, graph.Floats("ones", [.. Enumerable.Repeat(1f, columns - dim)], 1, columns - dim)], Vector,
                ("axis", 1));
        }
    }

    /// <summary>User vectors by row of the user table.</summary>
    private static OnnxGraph ByUser(TwoTowerEmbeddings embeddings)
    {
        var graph = new OnnxGraph("two-tower");
        graph.Floats(Items, embeddings.Items, embeddings.ItemCount, embeddings.Dim);
        var table = graph.Floats("user_embeddings", embeddings.Users, embeddings.UserCount, embeddings.Dim);
        var vectors = graph.Node("Gather", [table, graph.Input("user", Kind.Int64, "batch")], "user_vectors", ("axis", 0));
        Rank(graph, vectors, embeddings.ItemCount, "batch");
        return graph;
    }

    /// <summary>The vector of somebody with a history.</summary>
    private static OnnxGraph ByHistory(TwoTowerEmbeddings embeddings, ModelOptions model)
    {
        var graph = new OnnxGraph("two-tower-history");
        var dim = embeddings.ItemHistories!.Length / embeddings.ItemCount;
        graph.Floats(Items, embeddings.Items, embeddings.ItemCount, embeddings.Dim);
        var histories = graph.Floats("item_histories", embeddings.ItemHistories, embeddings.ItemCount, dim);
        var liked = graph.Node("Gather", [histories, graph.Input("liked", Kind.Int64, "liked")], "liked_vectors", ("axis", 0));
        var shares = graph.Input("weights", Kind.Float, 1, "liked");
        if (model.History.Attention > 0)
        {
            // softmax(log w + a V m) with m = w V
            var likeness = graph.Node("Gemm", [graph.Node("MatMul", [shares, liked], "mean"), liked], "likeness", ("transB", 1));
            var attended = graph.Node("Mul", [likeness, graph.Floats("attention", [(float)model.History.Attention], 1, 1)], "attended");
            shares = graph.Node("Softmax", [graph.Node("Add", [attended, graph.Node("Log", [shares], "log_weights")], "logits")], "shares",
                ("axis", 1));
        }

        var pooled = graph.Node("MatMul", [shares, liked], "pooled");
        Complete(graph, model.Normalise ? graph.Node("LpNormalization", [pooled], "direction", ("axis", 1), ("p", 2)) : pooled, dim,
            embeddings.Dim);
        Rank(graph, Vector, embeddings.ItemCount, 1);
        return graph;
    }
}
