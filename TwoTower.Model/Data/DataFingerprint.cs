using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace TwoTower.Model.Data;

/// <summary>Names a data set by its content.</summary>
internal static class DataFingerprint
{
    /// <summary>SHA-256, lower-case hex, over both catalogues and the columns of the three parts
    /// (little-endian, each with its length first).</summary>
    public static string Of(IdCatalogue users, IdCatalogue items, params ReadOnlySpan<InteractionLog> parts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(hash, users);
        Append(hash, items);
        foreach (var part in parts)
        {
            Append(hash, part.Users);
            Append(hash, part.Items);
            Append(hash, part.Timestamps);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>The fingerprint of data whose features are used too.</summary>
    public static string With(string fingerprint, params ReadOnlySpan<SideFeatures?> features)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(hash, fingerprint);
        foreach (var side in features)
        {
            Append(hash, [side?.Fields.Count ?? 0]);
            foreach (var one in side?.Fields ?? [])
            {
                Append(hash, one.Name);
                Append(hash, [one.Values.Count]);
                foreach (var value in one.Values)
                {
                    Append(hash, value);
                }

                foreach (var values in one.ValuesOf)
                {
                    Append(hash, values);
                }
            }
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static void Append(IncrementalHash hash, IdCatalogue catalogue)
    {
        Append(hash, [catalogue.Count]);
        foreach (var rawId in catalogue.RawIds)
        {
            Append(hash, rawId);
        }
    }

    private static void Append(IncrementalHash hash, string text)
    {
        var utf8 = Encoding.UTF8.GetBytes(text);
        hash.AppendData(MemoryMarshal.AsBytes<int>([utf8.Length]));
        hash.AppendData(utf8);
    }

    private static void Append<T>(IncrementalHash hash, T[] column)
        where T : unmanaged
    {
        hash.AppendData(MemoryMarshal.AsBytes<int>([column.Length]));
        hash.AppendData(MemoryMarshal.AsBytes<T>(column));
    }
}
