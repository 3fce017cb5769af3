using TwoTower.Actors.Protocol;
using TwoTower.Actors.Simulation.Checking;
using TwoTower.Actors.Simulation.Running;
using TwoTower.Actors.Training;
using TwoTower.Model.Data;

namespace TwoTower.Actors.Simulation.Campaigns;

/// <summary>Carries a plan out on the calling thread. Nothing of it is seen by any other.</summary>
internal static class PlanRun
{
    /// <summary>What a failure is called that no checker has found: training refused to go on.</summary>
    public const string Refused = "training goes on";

    /// <summary>What a failure is called in which nothing was left to happen, or went on.</summary>
    public const string Halted = "something is left to happen until training ends";

    private const string KeptNothing = "a shard that keeps nothing had died";
    private const string LostEveryCopy = "every server that had a push was gone";
    private const string NobodyLeft = "all who could do a part of it were gone for good";
    private const string NeverBegun = "a worker was gone for good before training began";

    /// <summary>Carries a plan out.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="data">The data of <see cref="CampaignPlan.Data"/>; only read.</param>
    public static PlanResult Of(CampaignPlan plan, RecommenderData data) => Of(plan, data, PlantedFault.None);

    internal static PlanResult Of(CampaignPlan plan, RecommenderData data, PlantedFault planted)
    {
        var probe = new Probe { Planted = planted };
        PlanResult Result(string? failure, string? message, SimulationOutcome? outcome) =>
            new(plan, failure, message, probe.States, outcome);
        PlanResult Refusal(string why) => Result(null, null, null) with { Refusal = why };
        try
        {
            return Result(null, null, SimulatedTraining.Run(
                new TrainingPlan(plan.Training, data, new MemoryStore()), plan.World, null,
                [new WorldStates(plan.Training.Workers, plan.Training.Durability.Every is not null, probe)], probe: probe));
        }
        catch (ViolationException violation) when (plan.MayLosePushes && violation.Invariant == CutChecker.Name)
        {
            return Refusal(KeptNothing); // the trainer was given what the shard itself calls no cut, and would have refused it
        }
        catch (ViolationException violation)
        {
            return Result(violation.Invariant, violation.Message, null);
        }
        catch (NeverBegunException)
        {
            return Refusal(NeverBegun);
        }
        catch (NobodyLeftException)
        {
            return Refusal(NobodyLeft);
        }
        catch (WorldException halted)
        {
            return Result(Halted, halted.Message, null);
        }
        catch (PushesLostException)
        {
            return Refusal(LostEveryCopy);
        }
        catch (TrainingException lost)
            when (plan.MayLosePushes && (lost.Message.Contains("lost pushes", StringComparison.Ordinal)
            || lost.Message.Contains("not a cut", StringComparison.Ordinal)))
        {
            return Refusal(KeptNothing);
        }
        catch (Exception failure)
        {
            return Result(Refused, failure.Message, null);
        }
    }

    private sealed class Probe : ProtocolProbe
    {
        private readonly SortedSet<ProtocolState> _states = [];

        public IReadOnlySet<ProtocolState> States => _states;

        public override void Reached(ProtocolState state) => _states.Add(state);
    }

    /// <summary>Checkpoints are made and handed over; nobody goes on with them.</summary>
    private sealed class MemoryStore : ICheckpointStore
    {
        private TrainingCheckpoint? _last;

        public void Save(TrainingCheckpoint checkpoint)
        {
            if (checkpoint.Step < _last?.Step)
            {
                throw new TrainingException($"The checkpoint of batch {checkpoint.Step} would replace that of batch {_last.Step}.");
            }

            _last = checkpoint;
        }
    }
}
