namespace TwoTower.Node.Settings;

/// <summary>The files of a node's TLS: both ends of every connection show a certificate that the
/// cluster's own authority has signed.</summary>
internal sealed record TlsFiles
{
    /// <summary>The node's certificate: .pfx or .p12 with its key, else PEM.</summary>
    public string? Certificate { get; init; }

    /// <summary>PEM file of the certificate's key; null where the certificate's file has it.</summary>
    public string? Key { get; init; }

    /// <summary>File whose first line is the password of the key; null for none.</summary>
    public string? PasswordFile { get; init; }

    /// <summary>PEM file of the authority's certificate, or of several.</summary>
    public string? Authority { get; init; }

    /// <summary>Whether the certificate's file is PKCS #12.</summary>
    public bool IsPkcs12 => Path.GetExtension(Certificate)?.ToLowerInvariant() is ".pfx" or ".p12";

    /// <summary>Refuses files that do not make a whole.</summary>
    /// <exception cref="SettingException">One is missing or too many.</exception>
    public void Check()
    {
        if (Certificate is null || Authority is null)
        {
            throw new SettingException(
                "TLS needs both --tls-certificate, which this node shows, and --tls-authority, which must have signed those of the others.");
        }

        if (IsPkcs12 && Key is not null)
        {
            throw new SettingException($"'{Certificate}' has its key inside; leave --tls-key away, or give the certificate as PEM.");
        }

        foreach (var (flag, file) in new[] { ("--tls-certificate", Certificate), ("--tls-key", Key), ("--tls-password-file", PasswordFile),
            ("--tls-authority", Authority) })
        {
            if (file is not null && !File.Exists(file))
            {
                throw new SettingException($"{flag}: there is no file '{file}'.");
            }
        }
    }
}
