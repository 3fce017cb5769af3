using TwoTower.Actors.Options;
using TwoTower.Actors.Protocol.Reports;
using TwoTower.Actors.Simulation;
using TwoTower.Actors.Simulation.Running;
using TwoTower.Actors.Simulation.Tracing;
using TwoTower.Actors.Simulation.Worlds;
using TwoTower.Actors.Training;
using TwoTower.Model.Data;
using TwoTower.Node.Plots;

namespace TwoTower.Node.Reproductions;

/// <summary>How much of an experiment is run.</summary>
internal enum ReproductionScale
{
    /// <summary>Seconds: enough for the effect to be there; a test runs it.</summary>
    Small,

    /// <summary>Minutes: the published sizes where a machine allows them, and several seeds.</summary>
    Full,
}

/// <summary>A published result that the simulator has to show again.</summary>
internal interface IReproduction
{
    /// <summary>Its name on the command line.</summary>
    string Name { get; }

    /// <summary>Authors, title, year, and where in the paper.</summary>
    string Source { get; }

    /// <summary>What was found, in a sentence.</summary>
    string Claim { get; }

    /// <summary>Whether it trains for minutes and keeps what is finished, so that a signal ends it and the same command goes on.</summary>
    bool GoesOn => false;

    /// <summary>Runs the experiment. Deterministic.</summary>
    ReproductionReport Run(ReproductionContext context);
}

/// <summary>One figure beside the published one.</summary>
/// <param name="Measure">What is measured.</param>
/// <param name="Published">What the source says, in its words or figures.</param>
/// <param name="Ours">What came out.</param>
/// <param name="Low">Lowest value that passes.</param>
/// <param name="High">Highest value that passes.</param>
internal sealed record ReproductionRow(string Measure, string Published, double Ours, double Low, double High)
{
    /// <summary>Whether it lies in the band.</summary>
    public bool Passes => Ours >= Low && Ours <= High;
}

/// <summary>What a reproduction found.</summary>
/// <param name="Rows">Figures beside the published ones.</param>
/// <param name="Plots">Plots of the series behind them.</param>
/// <param name="Remarks">Where our result differs and why, one sentence each.</param>
internal sealed record ReproductionReport(IReadOnlyList<ReproductionRow> Rows, IReadOnlyList<Chart> Plots, IReadOnlyList<string> Remarks)
{
    /// <summary>Whether every figure lies in its band.</summary>
    public bool Passes => Rows.All(row => row.Passes);

    /// <summary>Writes a page of its own into a folder, for a command that made it; null when the table says all.</summary>
    public Action<string, string>? Document { get; init; }
}

/// <summary>What reproductions run on.</summary>
/// <param name="Data">The data.</param>
/// <param name="Scale">How much of the experiment is run.</param>
/// <param name="Say">Is told what is going on, a line each.</param>
internal sealed record ReproductionContext(RecommenderData Data, ReproductionScale Scale, Action<string> Say)
{
    /// <summary>What simulated experiments run on where no data is named. Their bands were set on it, and what users come
    /// for has no part in what they ask.</summary>
    public static DataOptions UnnamedData { get; } = new() { Profile = SyntheticProfile.Plain.Name };

    /// <summary>Whether the full experiment is run.</summary>
    public bool Full => Scale == ReproductionScale.Full;

    /// <summary>Where the data is, for trainings that are processes of their own; null for synthetic data.</summary>
    public string? DataPath => DataPaths.Count > 0 ? DataPaths[0] : null;

    /// <summary>Where all data is that was named; the first is <see cref="Data"/>.</summary>
    public IReadOnlyList<string> DataPaths { get; init; } = [];

    /// <summary>Where trainings that are processes leave their runs; null takes a folder by the reproduction's name.</summary>
    public string? Folder { get; init; }

    /// <summary>Trainings at a time.</summary>
    public int Jobs { get; init; } = 1;

    /// <summary>Ends trainings that are processes.</summary>
    public CancellationToken Stop { get; init; }

    /// <summary>Runs one simulation.</summary>
    /// <param name="what">What it is, for a person.</param>
    /// <param name="options">The training.</param>
    /// <param name="world">The world.</param>
    /// <param name="observer">Sees what happens, or null.</param>
    public Simulated Simulate(string what, TrainingOptions options, WorldOptions world, IWorldObserver? observer = null)
    {
        var statistics = new WorldStatistics(options);
        var outcome = SimulatedTraining.Run(new TrainingPlan(options, Data), world,
            observer is null ? [statistics] : [statistics, observer]);
        Say(FormattableString.Invariant(
            $"  {what}: {outcome.VirtualSeconds:0.00} virtual s, loss {outcome.Training.LossByEpoch.LastOrDefault():0.0000}"));
        return new Simulated(outcome, statistics);
    }

    /// <summary>Runs one simulation of which only losses are wanted.</summary>
    /// <param name="what">What it is, for a person.</param>
    /// <param name="options">The training.</param>
    /// <param name="world">The world.</param>
    /// <returns>Mean loss of every epoch; none when training ended because its loss was no finite number any more.</returns>
    public IReadOnlyList<double> LossByEpoch(string what, TrainingOptions options, WorldOptions world)
    {
        try
        {
            return Simulate(what, options, world).Training.LossByEpoch;
        }
        catch (TrainingException stopped) when (stopped.Message.Contains("finite number", StringComparison.Ordinal))
        {
            Say($"  {what}: diverged");
            return [];
        }
    }
}

/// <summary>A simulation that has ended.</summary>
/// <param name="Outcome">What it produced.</param>
/// <param name="Statistics">Traffic, idle times, load.</param>
internal sealed record Simulated(SimulationOutcome Outcome, WorldStatistics Statistics)
{
    /// <summary>The training.</summary>
    public TrainingOutcome Training => Outcome.Training;
}
