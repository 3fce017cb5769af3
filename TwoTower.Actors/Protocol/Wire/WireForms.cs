using System.Linq.Expressions;
using System.Reflection;
using TwoTower.Actors.Protocol.Declarations;
using TwoTower.Actors.Protocol.Reports;
using TwoTower.Model.Evaluation;

namespace TwoTower.Actors.Protocol.Wire;

/// <summary>Works out how values lie in a frame from how their types are declared.</summary>
/// <remarks>A record is a group of its constructor's parameters in their order, then of the properties that are <see
/// cref="CarriedAttribute"/>. A struct of one value, as ids are, is that value. Numbers have a fixed width; that is why MessagePack's own
/// resolver, which writes small numbers short, does not serve here: sizes would depend on times that a worker measured, and a simulation
/// could not be repeated. An array of numbers is one binary block; any other list is a group.</remarks>
internal static class WireForms
{
    private static readonly Dictionary<Type, string> s_direct = new()
    {
        [typeof(int)] = nameof(WireWriter.Int),
        [typeof(long)] = nameof(WireWriter.Long),
        [typeof(double)] = nameof(WireWriter.Real),
        [typeof(bool)] = nameof(WireWriter.Flag),
        [typeof(string)] = nameof(WireWriter.Text),
    };

    private static readonly Dictionary<Type, (Delegate Write, Delegate Read)> s_special = new()
    {
        [typeof(int)] = Pair<int>((ref writer, value) => writer.Int(value), (ref reader) => reader.Int()),
        [typeof(long)] = Pair<long>((ref writer, value) => writer.Long(value), (ref reader) => reader.Long()),
        [typeof(double)] = Pair<double>((ref writer, value) => writer.Real(value), (ref reader) => reader.Real()),
        [typeof(bool)] = Pair<bool>((ref writer, value) => writer.Flag(value), (ref reader) => reader.Flag()),
        [typeof(string)] = Pair<string>((ref writer, value) => writer.Text(value), (ref reader) => reader.Text()),
        [typeof(ReadOnlyMemory<byte>)] = Pair<ReadOnlyMemory<byte>>(
            (ref writer, value) => writer.Bytes(value.Span), (ref reader) => reader.Bytes()),
        [typeof(RowKeys)] = Pair<RowKeys>(RowForm.Write, RowForm.ReadKeys),
        [typeof(RowBlock)] = Pair<RowBlock>(RowForm.Write, RowForm.ReadBlock),
        [typeof(StalenessCounts)] = As<StalenessCounts, StalenessForm>(StalenessForm.Of, form => form.Counts()),
        [typeof(RankingResult)] = As<RankingResult, RankingForm>(RankingForm.Of, form => form.Result()),
    };

    /// <summary>The form of a type.</summary>
    /// <exception cref="NotSupportedException">It has none.</exception>
    public static (WireWriting<T> Write, WireReading<T> Read) Of<T>()
    {
        var (write, read) = s_special.TryGetValue(typeof(T), out var special) ? special
            : typeof(T).GetCustomAttribute<OneOfAttribute>() is { } kinds ? OneOf<T>(new OneOfForm(kinds.Types))
            : typeof(T).IsEnum ? Make(nameof(Enumeration), typeof(T))
            : Nullable.GetUnderlyingType(typeof(T)) is { } inner ? Make(nameof(Optional), inner)
            : ElementOf(typeof(T)) is { } element ? Make(element.IsPrimitive ? nameof(Block) : nameof(List), element)
            : Record<T>();
        return ((WireWriting<T>)write, (WireReading<T>)read);
    }

    private static (Delegate Write, Delegate Read) Pair<T>(WireWriting<T> write, WireReading<T> read) => (write, read);

    /// <summary>A value that travels as another.</summary>
    private static (Delegate Write, Delegate Read) As<T, TForm>(Func<T, TForm> to, Func<TForm, T> from) => Pair<T>(
        (ref writer, value) => WireForm<TForm>.Write(ref writer, to(value)), (ref reader) => from(WireForm<TForm>.Read(ref reader)));

    private static (Delegate Write, Delegate Read) OneOf<T>(OneOfForm form) => Pair<T>(
        (ref writer, value) => form.Write(ref writer, value!), (ref reader) => (T)form.Read(ref reader));

    private static (Delegate Write, Delegate Read) Make(string method, Type of) => ((Delegate, Delegate))typeof(WireForms)
        .GetMethod(method, BindingFlags.NonPublic | BindingFlags.Static)!.MakeGenericMethod(of).Invoke(null, null)!;

    private static (Delegate Write, Delegate Read) Enumeration<T>()
        where T : struct, Enum => Pair<T>(
            (ref writer, value) => writer.Int(Convert.ToInt32(value, System.Globalization.CultureInfo.InvariantCulture)),
            (ref reader) => reader.Int() is var number && Enum.IsDefined(typeof(T), number)
                ? (T)Enum.ToObject(typeof(T), number)
                : throw new WireException($"There is no {typeof(T).Name} {number}."));

    private static (Delegate Write, Delegate Read) Optional<T>()
        where T : struct => Pair<T?>(
            (ref writer, value) =>
            {
                writer.Flag(value.HasValue);
                WireForm<T>.Write(ref writer, value.GetValueOrDefault());
            },
            (ref reader) => reader.Flag() is var there && WireForm<T>.Read(ref reader) is var value && there ? value : null);

    /// <summary>Serves arrays and read-only lists: who writes one takes the other, and who reads gives an array.</summary>
    private static (Delegate Write, Delegate Read) Block<T>()
        where T : unmanaged => (
            (WireWriting<IReadOnlyList<T>>)((ref writer, values) => writer.Block(values as T[] ?? [.. values])),
            (WireReading<T[]>)((ref reader) => reader.Array<T>()));

    private static (Delegate Write, Delegate Read) List<T>() => (
        (WireWriting<IReadOnlyList<T>>)((ref writer, values) =>
        {
            writer.Group(values.Count);
            foreach (var value in values)
            {
                WireForm<T>.Write(ref writer, value);
            }
        }),
        (WireReading<T[]>)((ref reader) =>
        {
            // The list grows as its values come: a count that promises more than there is costs nothing.
            var values = new List<T>();
            for (var left = reader.Group(); left > 0; left--)
            {
                values.Add(WireForm<T>.Read(ref reader));
            }

            return [.. values];
        }));

    private static Type? ElementOf(Type type) =>
        type.IsArray ? type.GetElementType()
        : type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>) ? type.GetGenericArguments()[0]
        : null;

    private static (Delegate Write, Delegate Read) Record<T>()
    {
        if (typeof(T).IsAbstract || typeof(T).IsPrimitive || ConstructorOf(typeof(T)) is not { } constructor)
        {
            throw new NotSupportedException($"{typeof(T)} has no form on the wire.");
        }

        var writer = Expression.Parameter(typeof(WireWriter).MakeByRefType(), "writer");
        var reader = Expression.Parameter(typeof(WireReader).MakeByRefType(), "reader");
        var value = Expression.Parameter(typeof(T), "value");
        var carried = typeof(T).GetProperties().Where(property => property.IsDefined(typeof(CarriedAttribute)))
            .OrderBy(property => property.MetadataToken).ToArray();
        var parameters = constructor.GetParameters();
        var fields = Expression.Constant(parameters.Length + carried.Length);
        var nullability = new NullabilityInfoContext();
        bool IsNullable(NullabilityInfo info) =>
            !typeof(T).IsGenericType && !info.Type.IsValueType && info.WriteState == NullabilityState.Nullable;

        List<Expression> writes = [Expression.Call(writer, nameof(WireWriter.Group), null, fields)];
        List<Expression> reads = [];
        foreach (var parameter in parameters)
        {
            var nullable = IsNullable(nullability.Create(parameter));
            var member = Expression.PropertyOrField(value, parameter.Name!);
            var form = parameter.GetCustomAttribute<OneOfAttribute>() is { } kinds ? Expression.Constant(new OneOfForm(kinds.Types)) : null;
            writes.Add(form is null
                ? Write(writer, member, nullable)
                : Expression.Call(form, nameof(OneOfForm.Write), null, writer, member));
            reads.Add(form is null
                ? Read(reader, parameter.ParameterType, nullable)
                : Expression.Convert(Expression.Call(form, nameof(OneOfForm.Read), null, reader), parameter.ParameterType));
        }

        writes.AddRange(carried.Select(property =>
            Write(writer, Expression.Property(value, property), IsNullable(nullability.Create(property)))));
        if (typeof(T).IsAssignableTo(typeof(IPartlyCounted)))
        {
            var absent = Expression.Property(Expression.Convert(value, typeof(IPartlyCounted)), nameof(IPartlyCounted.Absent));
            writes.Add(Expression.Call(writer, nameof(WireWriter.Absent), null, absent));
        }

        Expression made = Expression.MemberInit(
            Expression.New(constructor, reads),
            carried.Select(property =>
                Expression.Bind(property, Read(reader, property.PropertyType, IsNullable(nullability.Create(property))))));
        if (typeof(T).IsAssignableTo(typeof(IWireChecked)))
        {
            made = Expression.Call(typeof(WireForms), nameof(Checked), [typeof(T)], made);
        }

        return Pair(
            Expression.Lambda<WireWriting<T>>(Expression.Block(typeof(void), writes), writer, value).Compile(),
            Expression.Lambda<WireReading<T>>(
                Expression.Block(Expression.Call(reader, nameof(WireReader.Group), null, fields), made), reader).Compile());
    }

    /// <summary>The constructor that takes all of a record's fields; null when there is none.</summary>
    private static ConstructorInfo? ConstructorOf(Type type) => type
        .GetConstructors(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance)
        .Where(constructor => constructor.GetParameters() is not [{ } only] || only.ParameterType != type)
        .MaxBy(constructor => constructor.GetParameters().Length);

    private static Expression Write(ParameterExpression writer, Expression value, bool nullable)
    {
        if (s_direct.TryGetValue(value.Type, out var method))
        {
            return Expression.Call(writer, method, null, value);
        }

        if (OnlyValueOf(value.Type) is { } only)
        {
            return Write(writer, Expression.PropertyOrField(value, only.Name!), false);
        }

        var form = typeof(WireForm<>).MakeGenericType(value.Type);
        var written = Expression.Invoke(Expression.Field(null, form, nameof(WireForm<>.Write)), writer, value);
        var missing = Expression.Call(writer, nameof(WireWriter.Nil), null);
        return nullable ? Expression.IfThenElse(Expression.ReferenceEqual(value, Expression.Constant(null)), missing, written) : written;
    }

    private static Expression Read(ParameterExpression reader, Type type, bool nullable)
    {
        if (s_direct.TryGetValue(type, out var method))
        {
            return Expression.Call(reader, method, null);
        }

        if (OnlyValueOf(type) is { } only)
        {
            return Expression.New((ConstructorInfo)only.Member, Read(reader, only.ParameterType, false));
        }

        var read = Expression.Invoke(Expression.Field(null, typeof(WireForm<>).MakeGenericType(type), nameof(WireForm<>.Read)), reader);
        return nullable
            ? Expression.Condition(Expression.Call(reader, nameof(WireReader.TryNil), null), Expression.Constant(null, type), read)
            : read;
    }

    private static ParameterInfo? OnlyValueOf(Type type) =>
        type is { IsValueType: true, IsEnum: false } && Nullable.GetUnderlyingType(type) is null && !s_special.ContainsKey(type)
        && ConstructorOf(type)?.GetParameters() is [{ } only]
            ? only
            : null;

    private static T Checked<T>(T value)
        where T : IWireChecked => value.Fault is { } fault ? throw new WireException(fault) : value;
}
