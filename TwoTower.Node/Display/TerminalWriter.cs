using System.Text;

namespace TwoTower.Node.Display;

/// <summary>The console for as long as there is one: when the terminal is closed in the middle of a run, what would be shown is
/// lost, and the run still saves.</summary>
/// <param name="inner">The console's own writer.</param>
internal sealed class TerminalWriter(TextWriter inner) : TextWriter
{
    private volatile bool _gone;

    /// <inheritdoc />
    public override Encoding Encoding => inner.Encoding;

    /// <summary>Puts such writers in the place of those of the console that are terminals; a full disk
    /// behind a redirection stays an error.</summary>
    public static void Install()
    {
        if (!Console.IsOutputRedirected)
        {
            Console.SetOut(new TerminalWriter(Console.Out));
        }

        if (!Console.IsErrorRedirected)
        {
            Console.SetError(new TerminalWriter(Console.Error));
        }
    }

    /// <inheritdoc />
    public override void Write(char value) => Try(() => inner.Write(value));

    /// <inheritdoc />
    public override void Write(string? value) => Try(() => inner.Write(value));

    /// <inheritdoc />
    public override void Write(char[] buffer, int index, int count) => Try(() => inner.Write(buffer, index, count));

    /// <inheritdoc />
    public override void WriteLine(string? value) => Try(() => inner.WriteLine(value));

    /// <inheritdoc />
    public override void Flush() => Try(inner.Flush);

    private void Try(Action write)
    {
        if (_gone)
        {
            return;
        }

        try
        {
            write();
        }
        catch (IOException)
        {
            _gone = true;
        }
    }
}
