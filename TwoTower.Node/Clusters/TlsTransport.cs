using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Akka.Event;
using Akka.Remote.Transport.DotNetty;
using TwoTower.Model;
using TwoTower.Node.Settings;

namespace TwoTower.Node.Clusters;

/// <summary>Akka.Remote over TLS with certificates on both ends. What counts is that the cluster's own authority has signed a certificate
/// for both ends' uses; the machine's trust store, which says whom a browser trusts, says nothing about who may change the model, and names
/// are not compared, because nodes come and go under any.</summary>
internal sealed class TlsTransport
{
    private static readonly Oid s_serverAuthentication = new("1.3.6.1.5.5.7.3.1");
    private static readonly Oid s_clientAuthentication = new("1.3.6.1.5.5.7.3.2");
    private readonly X509Certificate2Collection _authorities;

    private TlsTransport(X509Certificate2 certificate, X509Certificate2Collection authorities)
    {
        _authorities = authorities;
        Setup = new DotNettySslSetup(certificate, suppressValidation: false, requireMutualAuthentication: true,
            validateCertificateHostname: false, Accept);
    }

    /// <summary>To be merged into the actor system's configuration.</summary>
    public static string Hocon => "akka.remote.dot-netty.tcp.enable-ssl = true";

    /// <summary>To be added to the actor system's setup.</summary>
    public DotNettySslSetup Setup { get; }

    /// <summary>The transport of a node; null without TLS.</summary>
    /// <exception cref="SettingException">A file cannot be read, is not what it should be, or the authority
    /// has not signed the certificate.</exception>
    public static TlsTransport? Of(NodeOptions options)
    {
        if (options.Tls is not { } files)
        {
            return null;
        }

        files.Check();
        var transport = new TlsTransport(
            Reading("--tls-certificate", files.Certificate!, () => Certificate(files)),
            Reading("--tls-authority", files.Authority!, () => Authorities(files.Authority!)));
        var own = transport.Setup.Certificate;
        return !own.HasPrivateKey
            ? throw new SettingException($"--tls-certificate: '{files.Certificate}' has no key; give it with --tls-key.")
            : transport.Trusts(own, null, out var reason) ? transport
            : throw new SettingException(
                $"--tls-certificate: other nodes will refuse '{files.Certificate}', by the authority in '{files.Authority}': {reason}.");
    }

    /// <summary>Whether the authority has signed a certificate, and it is valid now and for both ends of a connection.</summary>
    /// <param name="certificate">The certificate.</param>
    /// <param name="between">Certificates that may stand between it and the authority, or null.</param>
    /// <param name="reason">Why not.</param>
    public bool Trusts(X509Certificate2 certificate, X509Chain? between, out string reason)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(_authorities);
        // the authority of one cluster publishes no lists: it is replaced instead
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.ApplicationPolicy.Add(s_serverAuthentication);
        chain.ChainPolicy.ApplicationPolicy.Add(s_clientAuthentication);
        foreach (var element in between?.ChainElements ?? Enumerable.Empty<X509ChainElement>())
        {
            chain.ChainPolicy.ExtraStore.Add(element.Certificate);
        }

        var trusted = chain.Build(certificate);
        reason = string.Join("; ", chain.ChainStatus.Select(status => status.StatusInformation.Trim().TrimEnd('.')).Distinct());
        return trusted;
    }

    private bool Accept(X509Certificate2? certificate, X509Chain? chain, string remotePeer, SslPolicyErrors errors, ILoggingAdapter log)
    {
        var reason = "it shows none";
        if (certificate is not null && Trusts(certificate, chain, out reason))
        {
            return true;
        }

        log.Warning("Refused the certificate of {0}: {1}.", remotePeer, reason);
        return false;
    }

    private static X509Certificate2 Certificate(TlsFiles files)
    {
        var password = files.PasswordFile is { } file ? File.ReadLines(file).FirstOrDefault() : null;
        if (files.IsPkcs12)
        {
            return X509CertificateLoader.LoadPkcs12FromFile(files.Certificate!, password);
        }

        using var pem = password is null ? X509Certificate2.CreateFromPemFile(files.Certificate!, files.Key)
            : X509Certificate2.CreateFromEncryptedPemFile(files.Certificate!, password, files.Key);
        // on Windows TLS cannot use a key that is in memory only
        return X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pfx), null);
    }

    private static X509Certificate2Collection Authorities(string path)
    {
        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPemFile(path);
        return authorities.Count > 0 ? authorities : throw new CryptographicException("it has no certificate in PEM form");
    }

    private static T Reading<T>(string flag, string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (CryptographicException failure)
        {
            throw new SettingException($"{flag}: '{path}' cannot be used: {failure.Message.TrimEnd('.')}.");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new SettingException($"{flag}: '{path}' cannot be read: {PlainReason.Of(failure)}.");
        }
    }
}
