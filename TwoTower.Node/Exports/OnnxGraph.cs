using System.Runtime.InteropServices;
using Google.Protobuf;
using Onnx;
using TwoTower.Node.Shell;
using Kind = Onnx.TensorProto.Types.DataType;

namespace TwoTower.Node.Exports;

/// <summary>An ONNX graph that is put together: values are known by their names, so whatever makes one returns its name.</summary>
/// <param name="name">The graph's name.</param>
internal sealed class OnnxGraph(string name)
{
    private const int OpsetVersion = 17, IrVersion = 8;

    /// <summary>What has been put together so far.</summary>
    public GraphProto Proto { get; } = new() { Name = name };

    /// <summary>A value that whoever runs the graph gives; of a shape's sides those that are known are numbers, others names.</summary>
    public string Input(string value, Kind kind, params object[] shape)
    {
        Proto.Input.Add(Described(value, kind, shape));
        return value;
    }

    /// <summary>A value that whoever runs the graph gets.</summary>
    public void Output(string value, Kind kind, params object[] shape) => Proto.Output.Add(Described(value, kind, shape));

    /// <summary>A constant.</summary>
    public string Floats(string value, ReadOnlySpan<float> values, params long[] shape) =>
        Constant(value, Kind.Float, MemoryMarshal.AsBytes(values), shape);

    /// <summary>A constant.</summary>
    public string Longs(string value, ReadOnlySpan<long> values, params long[] shape) =>
        Constant(value, Kind.Int64, MemoryMarshal.AsBytes(values), shape);

    /// <summary>A constant.</summary>
    public string Truth(string value, bool what) => Constant(value, Kind.Bool, [what ? (byte)1 : (byte)0], []);

    /// <summary>What an operation makes of values; an attribute is a number, numbers, or a graph.</summary>
    public string Node(string operation, string[] inputs, string output, params (string Name, object Value)[] attributes) =>
        Nodes(operation, inputs, [output], attributes)[0];

    /// <summary>What an operation that makes several values makes.</summary>
    public string[] Nodes(string operation, string[] inputs, string[] outputs, params (string Name, object Value)[] attributes)
    {
        var node = new NodeProto { OpType = operation, Name = outputs[0] };
        node.Input.AddRange(inputs);
        node.Output.AddRange(outputs);
        node.Attribute.AddRange(attributes.Select(attribute => Attribute(attribute.Name, attribute.Value)));
        Proto.Node.Add(node);
        return outputs;
    }

    /// <summary>The same values as another kind.</summary>
    public string Cast(string value, Kind kind, string output) => Node("Cast", [value], output, ("to", (int)kind));

    /// <summary>The graph as a model.</summary>
    public ModelProto ToModel()
    {
        var model = new ModelProto
        {
            IrVersion = IrVersion,
            ProducerName = "twotower",
            ProducerVersion = ProgramVersion.Text,
            Graph = Proto
        };
        model.OpsetImport.Add(new OperatorSetIdProto { Version = OpsetVersion });
        return model;
    }

    private string Constant(string value, Kind kind, ReadOnlySpan<byte> bytes, long[] shape)
    {
        var tensor = new TensorProto { Name = value, DataType = (int)kind, RawData = ByteString.CopyFrom(bytes) };
        tensor.Dims.AddRange(shape);
        Proto.Initializer.Add(tensor);
        return value;
    }

    private static AttributeProto Attribute(string name, object value)
    {
        var attribute = new AttributeProto { Name = name };
        switch (value)
        {
            case int number:
                (attribute.Type, attribute.I) = (AttributeProto.Types.AttributeType.Int, number);
                break;
            case int[] numbers:
                attribute.Type = AttributeProto.Types.AttributeType.Ints;
                attribute.Ints.AddRange(numbers.Select(number => (long)number));
                break;
            case OnnxGraph graph:
                (attribute.Type, attribute.G) = (AttributeProto.Types.AttributeType.Graph, graph.Proto);
                break;
            default:
                throw new ArgumentException($"An attribute is a number, numbers or a graph, no {value.GetType().Name}.", nameof(value));
        }

        return attribute;
    }

    private static ValueInfoProto Described(string value, Kind kind, object[] shape)
    {
        var sides = new TensorShapeProto();
        sides.Dim.AddRange(shape.Select(side => side is int length ? new TensorShapeProto.Types.Dimension { DimValue = length }
            : new TensorShapeProto.Types.Dimension { DimParam = (string)side }));
        return new ValueInfoProto
        {
            Name = value,
            Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)kind, Shape = sides } }
        };
    }
}
