namespace TwoTower.Actors.Protocol.Wire;

/// <summary>Writes a value, or counts its bytes.</summary>
internal delegate void WireWriting<in T>(ref WireWriter writer, T value);

/// <summary>Reads a value.</summary>
internal delegate T WireReading<out T>(ref WireReader reader);

/// <summary>How values of a type lie in a frame, worked out once from its declaration (<see cref="WireForms"/>).</summary>
internal static class WireForm<T>
{
    private static readonly (WireWriting<T> Write, WireReading<T> Read) s_form = WireForms.Of<T>();

    /// <summary>Writes a value.</summary>
    public static readonly WireWriting<T> Write = s_form.Write;

    /// <summary>Reads a value.</summary>
    public static readonly WireReading<T> Read = s_form.Read;
}

/// <summary>The form of a type that is known only when the program runs.</summary>
internal abstract class ObjectForm
{
    /// <summary>The form of values of a type.</summary>
    public static ObjectForm Of(Type type) => (ObjectForm)Activator.CreateInstance(typeof(Typed<>).MakeGenericType(type))!;

    /// <summary>Writes a value of the type.</summary>
    public abstract void Write(ref WireWriter writer, object value);

    /// <summary>Reads a value of the type.</summary>
    public abstract object Read(ref WireReader reader);

    private sealed class Typed<T> : ObjectForm
        where T : notnull
    {
        public override void Write(ref WireWriter writer, object value) => WireForm<T>.Write(ref writer, (T)value);

        public override object Read(ref WireReader reader) => WireForm<T>.Read(ref reader);
    }
}

/// <summary>A value of one of several types: the type's place among them, and the value.</summary>
internal sealed class OneOfForm(Type[] types)
{
    private readonly ObjectForm[] _forms = [.. types.Select(ObjectForm.Of)];

    /// <summary>Writes a value.</summary>
    /// <exception cref="WireException">It is of none of the types.</exception>
    public void Write(ref WireWriter writer, object value)
    {
        var kind = Array.IndexOf(types, value.GetType());
        if (kind < 0)
        {
            throw new WireException($"{value.GetType().Name} is none of {string.Join(", ", types.Select(type => type.Name))}.");
        }

        writer.Group(2);
        writer.Int(kind);
        _forms[kind].Write(ref writer, value);
    }

    /// <summary>Reads a value.</summary>
    public object Read(ref WireReader reader)
    {
        reader.Group(2);
        var kind = reader.Int();
        return kind >= 0 && kind < types.Length
            ? _forms[kind].Read(ref reader)
            : throw new WireException($"There is no kind {kind} of {string.Join(", ", types.Select(type => type.Name))}.");
    }
}
