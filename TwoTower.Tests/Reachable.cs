using System.Collections;
using System.Reflection;

namespace TwoTower.Tests;

/// <summary>How much an object holds on to: objects and array entries that can be reached from it, through everything but delegates, types
/// and what belongs to Akka or a running program.</summary>
internal static class Reachable
{
    public static long From(params object[] roots)
    {
        var (seen, open, size) = (new HashSet<object>(ReferenceEqualityComparer.Instance), new Stack<object>(roots), 0L);
        while (open.TryPop(out var value))
        {
            if (value is string text)
            {
                size += seen.Add(value) ? text.Length : 0;
                continue;
            }

            if (!value.GetType().IsValueType && !seen.Add(value))
            {
                continue;
            }

            size++;
            if (value is Delegate or Type or Task or Thread || value.GetType()
                .Namespace?.StartsWith("Akka", StringComparison.Ordinal) == true)
            {
                continue;
            }

            if (value is Array array)
            {
                size += array.Length;
                foreach (var entry in array.GetType().GetElementType()!.IsPrimitive ? Array.Empty<object>() : (IEnumerable)array)
                {
                    Push(entry);
                }

                continue;
            }

            for (var type = value.GetType(); type is not null && type != typeof(object); type = type.BaseType)
            {
                foreach (var field in type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic
                    | BindingFlags.DeclaredOnly).Where(field => !field.FieldType.IsPrimitive && !field.FieldType.IsPointer
                    && !field.FieldType.IsEnum))
                {
                    Push(field.GetValue(value));
                }
            }
        }

        return size;

        void Push(object? next)
        {
            if (next is not null && !next.GetType().IsPrimitive)
            {
                open.Push(next);
            }
        }
    }
}
