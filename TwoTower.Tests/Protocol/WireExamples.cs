using System.Reflection;
using TwoTower.Actors.Options;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Protocol.Declarations;
using TwoTower.Actors.Protocol.Reports;
using TwoTower.Model.Evaluation;

namespace TwoTower.Tests.Protocol;

/// <summary>One value of a type, made of its declaration: numbers count up from 1 in the order of the fields, every list has two entries,
/// nothing is missing.</summary>
internal sealed class WireExamples
{
    private int _number;

    /// <summary>The example of a type.</summary>
    public static object Of(Type type) => new WireExamples().Make(type) switch
    {
        // Values whose fields have to fit each other.
        LeaseProtocol.RankingGiven given => given with { Depth = 2 },
        EndpointProtocol.Chunk chunk => chunk with { Offset = 5, Total = 1000 },
        var example => example,
    };

    private object Make(Type type)
    {
        if (type == typeof(int))
        {
            return ++_number;
        }

        if (type == typeof(long))
        {
            return ++_number + (1L << 40);
        }

        if (type == typeof(double))
        {
            return ++_number + 0.5;
        }

        if (type == typeof(float))
        {
            return ++_number + 0.25f;
        }

        if (type == typeof(bool))
        {
            return true;
        }

        if (type == typeof(string))
        {
            return $"text {++_number}é";
        }

        if (type.IsEnum)
        {
            return Enum.GetValues(type).GetValue(Enum.GetValues(type).Length - 1)!;
        }

        if (type == typeof(ReadOnlyMemory<byte>))
        {
            return (ReadOnlyMemory<byte>)new byte[] { 1, 2, 3 };
        }

        if (type == typeof(RowKeys))
        {
            return new RowKeys([++_number, ++_number], 2);
        }

        if (type == typeof(RowBlock))
        {
            var values = new[] { ++_number, 2f, 3f, 4f };
            return new RowBlock((RowKeys)Make(typeof(RowKeys)), (int[])Make(typeof(int[])), values, 2)
                .Rounded(_number % 2 == 0 ? RowPrecision.Int8 : RowPrecision.Float32);
        }

        if (type == typeof(StalenessCounts))
        {
            var counts = new StalenessCounts { Sum = ++_number, Rows = ++_number, Max = ++_number, Pushes = ++_number };
            counts.VersionSum = ++_number;
            (counts.MaxClocks, counts.BoundViolations, counts.Dropped) = (++_number, ++_number, ++_number);
            (counts.Histograms[1][2][1], counts.Versions[0]) = (++_number, ++_number);
            return counts;
        }

        if (type == typeof(RankingResult))
        {
            return new RankingResult(
                RankingProtocol.Raw, (int[])Make(typeof(int[])),
                new Dictionary<string, double[]> { ["recall@10"] = (double[])Make(typeof(double[])) },
                new Dictionary<int, double> { [10] = ++_number }, new Dictionary<int, int> { [10] = ++_number });
        }

        if (type == typeof(IWithShardId))
        {
            return Make(typeof(ParameterProtocol.Push));
        }

        if (Nullable.GetUnderlyingType(type) is { } inner)
        {
            return Make(inner);
        }

        if (type.IsArray || (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>)))
        {
            var element = type.IsArray ? type.GetElementType()! : type.GetGenericArguments()[0];
            var list = Array.CreateInstance(element, 2);
            list.SetValue(Make(element), 0);
            list.SetValue(Make(element), 1);
            return list;
        }

        var constructor = type.GetConstructors().MaxBy(found => found.GetParameters().Length)!;
        var value = constructor.Invoke([.. constructor.GetParameters().Select(parameter => Make(parameter.ParameterType))]);
        foreach (var property in type.GetProperties().Where(property => property.IsDefined(typeof(CarriedAttribute))))
        {
            property.SetValue(value, Make(property.PropertyType));
        }

        return value;
    }
}
