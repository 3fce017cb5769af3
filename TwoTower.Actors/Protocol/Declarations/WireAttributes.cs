namespace TwoTower.Actors.Protocol.Declarations;

/// <summary>Makes a record a message that goes over the wire. Its fields lie there in the order of its constructor.</summary>
/// <param name="name">Names its kind and version on the wire, and nothing else. A change to the fields takes a new version.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
internal sealed class ManifestAttribute(string name) : Attribute
{
    /// <summary>Kind and version.</summary>
    public string Name => name;
}

/// <summary>A property outside the constructor that travels too, behind the constructor's fields.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class CarriedAttribute : Attribute;

/// <summary>The value is of one of these types, and its place among them names it on the wire and on disk: a new one goes to the
/// end.</summary>
/// <param name="types">The types.</param>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Parameter, Inherited = false)]
internal sealed class OneOfAttribute(params Type[] types) : Attribute
{
    /// <summary>The types.</summary>
    public Type[] Types => types;
}

/// <summary>A value whose fields can be well formed each and still make no such value. A frame that holds one is refused.</summary>
internal interface IWireChecked
{
    /// <summary>What is wrong, in a sentence, or null.</summary>
    string? Fault { get; }
}

/// <summary>A value of which some rows may be counted and not there: it has a size on the wire, and no frame.</summary>
internal interface IPartlyCounted
{
    /// <summary>Bytes of rows that are counted and not there.</summary>
    long Absent { get; }
}
