using TwoTower.Actors.Training;

namespace TwoTower.Actors.Protocol;

/// <summary>Bytes of a message on the wire.</summary>
public static class WireSize
{
    /// <summary>Bytes of everything about a message besides its rows.</summary>
    public const int Header = 48;

    /// <summary>The size of a message.</summary>
    public static long Of(object message) => Header + message switch
    {
        ParameterProtocol.Pull pull => Keys(pull.Users) + Keys(pull.Items),
        ParameterProtocol.Rows rows => rows.Users.Bytes + rows.Items.Bytes,
        ParameterProtocol.Push push => push.Users.Bytes + push.Items.Bytes,
        SnapshotProtocol.Part part => sizeof(float) * ((long)part.Users.Length + part.Items.Length),
        SnapshotProtocol.Evaluated evaluated => 0, // metrics; the parameters stay where they were scored
        StateProtocol.Image image => image.Users.Bytes + image.Items.Bytes,
        _ => 0,
    };

    private static long Keys(RowKeys keys) => (long)keys.Count * sizeof(int);
}
