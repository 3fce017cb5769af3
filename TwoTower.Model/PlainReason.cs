namespace TwoTower.Model;

/// <summary>Why a file could not be read or written, in words for a person: the runtime's own texts repeat paths and name types.</summary>
internal static class PlainReason
{
    private const int NoSpaceOnUnix = 28;
    private const int DiskFullOnWindows = unchecked((int)0x80070070);

    /// <summary>The reason, as the end of a sentence.</summary>
    public static string Of(Exception failure) => failure switch
    {
        UnauthorizedAccessException => "permission is denied, or it is a folder",
        FileNotFoundException or DirectoryNotFoundException => "it does not exist",
        EndOfStreamException => "it is cut off",
        PathTooLongException => "its path is too long",
        System.Text.Json.JsonException json => $"line {json.LineNumber + 1} is not the JSON that belongs there",
        IOException io when io.HResult is NoSpaceOnUnix or DiskFullOnWindows
            || io.Message.Contains("No space left", StringComparison.Ordinal) => "the disk is full",
        IOException io when io.Message.Contains("Read-only", StringComparison.OrdinalIgnoreCase) => "the file system is read-only",
        IOException io when io.Message.Contains("already exists", StringComparison.Ordinal)
            || io.Message.Contains("Not a directory", StringComparison.Ordinal) => "a file is in the way",
        IOException io => io.Message.Split('\n')[0].TrimEnd('.', '\r'),
        _ => "its content is not what belongs there",
    };
}
