using Spectre.Console;
using TwoTower.Actors.Options;
using TwoTower.Actors.Protocol.Reports;
using TwoTower.Model.Evaluation;
using TwoTower.Node.Display;

namespace TwoTower.Tests.Node;

public class TrainingDisplaySpecs
{
    [Fact]
    public void A_terminal_that_is_closed_takes_what_is_shown_with_it_and_not_the_run()
    {
        using var closed = new ClosedTerminal();
        using var writer = new TerminalWriter(closed);

        writer.Write("a");
        writer.WriteLine("b");
        writer.Flush();

        Assert.Equal(1, closed.Attempts);
    }

    [Fact]
    public void A_notice_is_a_row_of_the_live_table_and_the_table_fits_in_80_columns()
    {
        var options = new TrainingOptions();
        var metrics = TrainingDisplay.Metrics(options).ToDictionary(metric => metric, _ => new[] { 0.5 });
        var display = new TrainingDisplay(options, new RankingResult(RankingProtocol.Masked, [0], metrics, new Dictionary<int, double>()),
            live: true, () => null);
        display.Report(new TrainingEvent.BatchesDone(5, 100, 1, 6.5, 123_456, 0.25));
        display.Report(new TrainingEvent.Notice("Finishing the batches in flight and saving; once more quits."));

        var text = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, Out = new AnsiConsoleOutput(text) });
        console.Profile.Width = 80;
        console.Write(display.Table());

        var lines = text.ToString().TrimEnd().Split('\n');
        Assert.Single(lines, line => line.Contains("notice", StringComparison.Ordinal) && line.Contains("once more quits.",
            StringComparison.Ordinal));
        Assert.All(lines, line => Assert.True(line.TrimEnd().Length <= 80, line));
    }

    private sealed class ClosedTerminal : StringWriter
    {
        public int Attempts { get; private set; }

        public override void Write(string? value)
        {
            Attempts++;
            throw new IOException("Input/output error");
        }
    }
}
