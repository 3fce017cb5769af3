using System.Runtime.InteropServices;
using Google.Protobuf;
using Onnx;
using TwoTower.Model.Storage;
using TwoTower.Node.Learned;

namespace TwoTower.Node.Exports;

/// <summary>An ONNX model of the ranking. Inputs: <c>user</c> int64 [batch], rows of users; <c>k</c> int64 [1]. Outputs: <c>items</c> int64 [batch, k], rows of the best items, best first, equal ones by row;
/// <c>scores</c> float [batch, k], theirs; <c>all_scores</c> float [batch, items]. It knows nothing of what a user has seen.</summary>
internal static class OnnxExport
{
    private const string Name = "model.onnx";
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

        var graph = new GraphProto { Name = "two-tower" };
        graph.Initializer.Add(Table("user_embeddings", embeddings.Users, embeddings.UserCount, embeddings.Dim));
        graph.Initializer.Add(Table("item_embeddings", embeddings.Items, embeddings.ItemCount, embeddings.Dim));
        graph.Input.Add(Value("user", TensorProto.Types.DataType.Int64, "batch"));
        graph.Input.Add(Value("k", TensorProto.Types.DataType.Int64, 1));
        graph.Output.Add(Value("items", TensorProto.Types.DataType.Int64, "batch", "k"));
        graph.Output.Add(Value("scores", TensorProto.Types.DataType.Float, "batch", "k"));
        graph.Output.Add(Value("all_scores", TensorProto.Types.DataType.Float, "batch", embeddings.ItemCount));
        graph.Node.Add(Node("Gather", ["user_embeddings", "user"], ["user_vectors"], ("axis", 0)));
        graph.Node.Add(Node("Gemm", ["user_vectors", "item_embeddings"], ["all_scores"], ("transB", 1)));
        graph.Node.Add(Node("TopK", ["all_scores", "k"], ["scores", "items"], ("axis", 1), ("largest", 1), ("sorted", 1)));

        var proto = new ModelProto { IrVersion = IrVersion, ProducerName = "twotower", ProducerVersion = Program.Version, Graph = graph };
        proto.OpsetImport.Add(new OperatorSetIdProto { Version = OpsetVersion });
        proto.MetadataProps.Add(new StringStringEntryProto { Key = "dataFingerprint", Value = model.Run.Data.Fingerprint });
        AtomicFile.Write(Path.Combine(folder, Name), stream => proto.WriteTo(stream));
        return [Name, .. EntityTables.Write(model, folder)];
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
        var node = new NodeProto { OpType = operation, Name = operation };
        node.Input.AddRange(inputs);
        node.Output.AddRange(outputs);
        node.Attribute.AddRange(attributes.Select(attribute => new AttributeProto { Name = attribute.Name, Type = AttributeProto.Types.AttributeType.Int, I = attribute.Value }));
        return node;
    }
}
