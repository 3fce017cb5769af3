using System.CommandLine;
using TwoTower.Actors.Cluster;
using TwoTower.Actors.Simulation;
using TwoTower.Actors.Simulation.Checking;
using TwoTower.Actors.Simulation.Tracing;
using TwoTower.Actors.Training;
using TwoTower.Model.Data;
using TwoTower.Model.Storage;
using TwoTower.Node.Commands;
using TwoTower.Node.Display;
using TwoTower.Node.Settings;
using TwoTower.Node.Shell;

namespace TwoTower.Node;

/// <summary>The program <c>twotower</c>.</summary>
internal static class Program
{
    /// <summary>Runs a command line.</summary>
    public static async Task<int> Main(string[] args)
    {
        SpeakUtf8();
        TerminalWriter.Install();
        var parsed = Root().Parse(args.Length == 0 ? ["--help"] : args);
        if (parsed.Errors.Count > 0)
        {
            await Console.Error.WriteLineAsync(CommandRefusal.Of(parsed)).ConfigureAwait(false);
            return ExitCode.BadInput;
        }

        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null
            }).ConfigureAwait(false);
        }
        catch (Exception failure) when (Environment.GetEnvironmentVariable("TWOTOWER_DEBUG") != "1")
        {
            var cause = failure is AggregateException { InnerException: { } inner } ? inner : failure;
            await Console.Error.WriteLineAsync(cause is DllNotFoundException or TypeInitializationException
                ? $"The native torch library cannot be loaded ({cause.GetBaseException().Message}); 'twotower doctor' says what to do."
                : cause is SettingException or DataException or StorageException or TrainingException or WorldException
                    or ViolationException or TraceException or StartAgainException
                    ? cause.Message
                    : $"{cause.Message} (Unexpected; TWOTOWER_DEBUG=1 shows where.)").ConfigureAwait(false);
            return cause is StartAgainException ? ExitCode.StartAgain : cause is SettingException or DataException
                or StorageException { Writing: false } ? ExitCode.BadInput : ExitCode.Failure;
        }
    }

    /// <summary>Titles and names have letters that the code page of a Windows console has not, and JSON in a file is UTF-8.</summary>
    private static void SpeakUtf8()
    {
        try
        {
            Console.OutputEncoding = new System.Text.UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        }
        catch (IOException)
        {
            // There is no console to be told.
        }
    }

    /// <summary>All commands, as they are parsed, completed and described.</summary>
    public static RootCommand Root()
    {
        var root = new RootCommand("""
            Train a two-tower recommender with parameter-server and worker actors, and see what asynchrony does to it.

            Examples:
              twotower train
              twotower simulate --workers 64 --shards 8 --network cloud
              twotower sweep --grid staleness=0,4,16,64 --seeds 5
            """)
        {
            TrainCommand.Create(),
            NodeCommand.Create(),
            SimulateCommand.Create(),
            CampaignCommand.Create(),
            ReplayCommand.Create(),
            TimelineCommand.Create(),
            SweepCommand.Create(),
            TuneCommand.Create(),
            RunsCommand.Create(),
            CompareCommand.Create(),
            DashboardCommand.Create(),
            ReportCommand.Create(),
            BaselinesCommand.Create(),
            EvaluateCommand.Create(),
            DiagnoseCommand.Create(),
            RecommendCommand.Create(),
            SimilarCommand.Create(),
            MapCommand.Create(),
            ExportCommand.Create(),
            CandidatesCommand.Create(),
            DataCommand.Create(),
            DoctorCommand.Create(),
            PlanCommand.Create(),
            ClusterCommand.Create(),
            ReproduceCommand.Create(),
            SettingsCommand.Create(),
            SettingsCommand.CreateRecipes(),
            CommandsCommand.Create(),
            CompletionsCommand.Create(),
        };
        CommandHelp.Install(root);
        Suggestions.Install(root);
        return root;
    }
}
