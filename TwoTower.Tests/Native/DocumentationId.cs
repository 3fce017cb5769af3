using System.Reflection;

namespace TwoTower.Tests.Native;

/// <summary>The documentation comment id of a method, by which analyzers name it (C# specification, annex D.4.2).</summary>
internal static class DocumentationId
{
    /// <summary>The id; of an accessor its property's.</summary>
    public static string Of(MethodBase method)
    {
        var type = method.DeclaringType!;
        const BindingFlags All = BindingFlags.DeclaredOnly | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance
            | BindingFlags.Static;
        if (method.IsSpecialName && type.GetProperties(All)
            .FirstOrDefault(property => method.Equals(property.GetMethod) || method.Equals(property.SetMethod)) is { } property)
        {
            return $"P:{Name(type)}.{property.Name}{Parameters(property.GetIndexParameters())}";
        }

        var arity = method.IsGenericMethod ? $"``{method.GetGenericArguments().Length}" : string.Empty;
        var result = method is MethodInfo { Name: "op_Implicit" or "op_Explicit" } conversion ? $"~{Reference(conversion.ReturnType)}"
            : string.Empty;
        return $"M:{Name(type)}.{method.Name.Replace('.', '#')}{arity}{Parameters(method.GetParameters())}{result}";
    }

    private static string Name(Type type) => type.FullName!.Replace('+', '.');

    private static string Parameters(ParameterInfo[] parameters) => parameters is []
        ? string.Empty : $"({string.Join(',', parameters.Select(parameter => Reference(parameter.ParameterType)))})";

    private static string Reference(Type type)
    {
        if (type.IsGenericParameter)
        {
            return $"{(type.DeclaringMethod is null ? "`" : "``")}{type.GenericParameterPosition}";
        }

        if (type.HasElementType)
        {
            var suffix = type.IsByRef ? "@" : type.IsPointer ? "*" : type.IsSZArray
                ? "[]" : $"[{string.Join(',', Enumerable.Repeat("0:", type.GetArrayRank()))}]";
            return Reference(type.GetElementType()!) + suffix;
        }

        // A nested type has its outer types' arguments first.
        var outer = type.DeclaringType;
        var arguments = type.GetGenericArguments();
        var outers = outer?.GetGenericArguments().Length ?? 0;
        var name = type.Name.Split('`')[0]
            + (arguments.Length > outers ? $"{{{string.Join(',', arguments[outers..].Select(Reference))}}}" : string.Empty);
        return outer is null ? $"{type.Namespace}.{name}"
            : $"{Reference(outers > 0 ? outer.MakeGenericType(arguments[..outers]) : outer)}.{name}";
    }
}
