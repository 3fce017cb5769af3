using System.Runtime.InteropServices;
using Google.Protobuf;
using Onnx;
using TwoTower.Model.Storage;
using TwoTower.Model.Towers;
using TwoTower.Node.Learned;

namespace TwoTower.Node.Exports;

/// <summary>An ONNX model of the ranking. Inputs: <c>user</c> int64 [batch], rows of users; <c>k</c> int64 [1]. Outputs: <c>items</c> int64 [batch, k], rows of the best items, best first, equal ones by row;
/// <c>scores</c> float [batch, k], theirs; <c>all_scores</c> float [batch, items]. It knows nothing of what a user has seen. Where users have histories there is a second model, which takes in place of a user
/// <c>liked</c> int64 [n], rows of items, and <c>weights</c> float [1, n], which sum to 1; its batch is 1.</summary>
internal static class OnnxExport
{
    private const string Name = "model.onnx", HistoryName = "history.onnx", Vectors = "user_vectors";
    private const int OpsetVersion = 17, IrVersion = 8;
    private const long LargestMessage = int.MaxValue; // protobuf's own limit

    public static IReadOnlyList<string> Write(LearnedModel model, string folder)
    {
        var embeddings = model.Run.Embeddings;
        var bytes = (embeddings.Users.LongLength + embeddings.Items.LongLength) * sizeof(float);
        if (bytes > LargestMessage - 65_536)
        {
            throw new StorageException(FormattableString.Invariant($"The tables have {bytes / 1e9:0.0} GB, and an ONNX file holds less than 2; take another format."));
        }

        Write(model, Path.Combine(folder, Name), ByUser(embeddings), "batch");
        if (embeddings.ItemHistories is null)
        {
            return [Name, .. EntityTables.Write(model, folder)];
        }

        Write(model, Path.Combine(folder, HistoryName), ByHistory(embeddings, model.Run.Settings.Values.Training.Model), 1);
        return [Name, HistoryName, .. EntityTables.Write(model, folder)];
    }

    /// <summary>User vectors by row of the user table.</summary>
    private static GraphProto ByUser(TwoTowerEmbeddings embeddings)
    {
        var graph = new GraphProto { Name = "two-tower" };
        graph.Initializer.Add(Table("user_embeddings", embeddings.Users, embeddings.UserCount, embeddings.Dim));
        graph.Input.Add(Value("user", TensorProto.Types.DataType.Int64, "batch"));
        graph.Node.Add(Node("Gather", ["user_embeddings", "user"], [Vectors], ("axis", 0)));
        return graph;
    }

    /// <summary>The vector of somebody with a history.</summary>
    private static GraphProto ByHistory(TwoTowerEmbeddings embeddings, ModelOptions model)
    {
        var dim = embeddings.ItemHistories!.Length / embeddings.ItemCount;
        var graph = new GraphProto { Name = "two-tower-history" };
        graph.Initializer.Add(Table("item_histories", embeddings.ItemHistories, embeddings.ItemCount, dim));
        graph.Input.Add(Value("liked", TensorProto.Types.DataType.Int64, "liked"));
        graph.Input.Add(Value("weights", TensorProto.Types.DataType.Float, 1, "liked"));
        graph.Node.Add(Node("Gather", ["item_histories", "liked"], ["liked_vectors"], ("axis", 0)));
        var shares = "weights";
        if (model.History.Attention > 0)
        {
            // softmax(log w + a V m) with m = w V
            graph.Initializer.Add(Table("attention", [(float)model.History.Attention], 1, 1));
            graph.Node.Add(Node("MatMul", ["weights", "liked_vectors"], ["mean"]));
            graph.Node.Add(Node("Gemm", ["mean", "liked_vectors"], ["likeness"], ("transB", 1)));
            graph.Node.Add(Node("Mul", ["likeness", "attention"], ["attended"]));
            graph.Node.Add(Node("Log", ["weights"], ["log_weights"]));
            graph.Node.Add(Node("Add", ["attended", "log_weights"], ["logits"]));
            graph.Node.Add(Node("Softmax", ["logits"], [shares = "shares"], ("axis", 1)));
        }

        var last = embeddings.Dim == dim ? Vectors : "vector";
        graph.Node.Add(Node("MatMul", [shares, "liked_vectors"], [model.Normalise ? "pooled" : last]));
        if (model.Normalise)
        {
            graph.Node.Add(Node("LpNormalization", ["pooled"], [last], ("axis", 1), ("p", 2)));
        }

        if (embeddings.Dim > dim)
        {
            graph.Initializer.Add(Table("ones", [.. Enumerable.Repeat(1f, embeddings.Dim - dim)], 1, embeddings.Dim - dim));
            graph.Node.Add(Node("Concat", [last, "ones"], [Vectors], ("axis", 1)));
        }

        return graph;
    }

    /// <summary>Completes a graph that makes user vectors by the ranking of all items, and writes it.</summary>
    private static void Write(LearnedModel model, string path, GraphProto graph, object batch)
    {
        var embeddings = model.Run.Embeddings;
        graph.Initializer.Add(Table("item_embeddings", embeddings.Items, embeddings.ItemCount, embeddings.Dim));
        graph.Input.Add(Value("k", TensorProto.Types.DataType.Int64, 1));
        graph.Output.Add(Value("items", TensorProto.Types.DataType.Int64, batch, "k"));
        graph.Output.Add(Value("scores", TensorProto.Types.DataType.Float, batch, "k"));
        graph.Output.Add(Value("all_scores", TensorProto.Types.DataType.Float, batch, embeddings.ItemCount));
        graph.Node.Add(Node("Gemm", [Vectors, "item_embeddings"], ["all_scores"], ("transB", 1)));
        graph.Node.Add(Node("TopK", ["all_scores", "k"], ["scores", "items"], ("axis", 1), ("largest", 1), ("sorted", 1)));

        var proto = new ModelProto { IrVersion = IrVersion, ProducerName = "twotower", ProducerVersion = Program.Version, Graph = graph };
        proto.OpsetImport.Add(new OperatorSetIdProto { Version = OpsetVersion });
        proto.MetadataProps.Add(new StringStringEntryProto { Key = "dataFingerprint", Value = model.Run.Data.Fingerprint });
        AtomicFile.Write(path, stream => proto.WriteTo(stream));
    }

    private static TensorProto Table(string name, float[] values, int rows, int columns) => new()
    {
        Name = name,
        DataType = (int)TensorProto.Types.DataType.Float,
        Dims = { rows, columns },
        RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes(values.AsSpan())),
    };

    /// <summary>A value with a type and a shape: numbers for known sides, names for others.</summary>
    private static ValueInfoProto Value(string name, TensorProto.Types.DataType type, params object[] shape)
    {
        var sides = new TensorShapeProto();
        sides.Dim.AddRange(shape.Select(side => side is int length ? new TensorShapeProto.Types.Dimension { DimValue = length } : new TensorShapeProto.Types.Dimension { DimParam = (string)side }));
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)type, Shape = sides } } };
    }

    private static NodeProto Node(string operation, string[] inputs, string[] outputs, params (string Name, long Value)[] attributes)
    {
        var node = new NodeProto { OpType = operation, Name = outputs[0] };
        node.Input.AddRange(inputs);
        node.Output.AddRange(outputs);
        node.Attribute.AddRange(attributes.Select(attribute => new AttributeProto { Name = attribute.Name, Type = AttributeProto.Types.AttributeType.Int, I = attribute.Value }));
        return node;
    }
}
