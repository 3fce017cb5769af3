using TwoTower.Actors.Protocol;
using TwoTower.Model.Data;

namespace TwoTower.Actors.Simulation.Campaigns;

/// <summary>Carries out the plans of consecutive seeds, each on one thread from its beginning to its end, as
/// many at once as there are threads.</summary>
/// <param name="data">The data of <see cref="CampaignPlan.Data"/>, which all share and nobody changes.</param>
/// <param name="threads">Plans at once.</param>
internal sealed class Campaign(RecommenderData data, int threads)
{
    /// <summary>What worlds there may be.</summary>
    public CampaignWorlds Worlds { get; init; }

    /// <summary>Left out of the protocols, by specs that want to see it found.</summary>
    internal PlantedFault Planted { get; init; }

    /// <summary>Carries plans out. Those that have begun when a stop is asked for are finished.</summary>
    /// <param name="from">The first seed.</param>
    /// <param name="plans">How many.</param>
    /// <param name="tell">Is told each result, in the order of the seeds, one at a time.</param>
    /// <param name="stop">Asks to begin no more.</param>
    /// <returns>How many were carried out: all from the first on without a gap.</returns>
    public long Run(long from, long plans, Action<PlanResult> tell, CancellationToken stop = default)
    {
        var lane = new Lane(tell);
        var next = -1L;
        Exception? broken = null;
        var workers = Enumerable.Range(0, threads).Select(n => new Thread(() =>
        {
            try
            {
                while (!stop.IsCancellationRequested && Volatile.Read(ref broken) is null && Interlocked.Increment(ref next) is var place
                    && place < plans)
                {
                    lane.Add(place, PlanRun.Of(CampaignPlan.Draw(from + place, Worlds), data, Planted));
                }
            }
            catch (Exception failure)
            {
                Interlocked.CompareExchange(ref broken, failure, null);
            }
        })
        { Name = $"campaign-{n}" }).ToArray();
        Array.ForEach(workers, worker => worker.Start());
        Array.ForEach(workers, worker => worker.Join());
        return broken is null ? lane.Told : throw new WorldException($"The campaign broke off: {broken.Message}");
    }

    /// <summary>Puts results in order.</summary>
    private sealed class Lane(Action<PlanResult> tell)
    {
        private readonly SortedDictionary<long, PlanResult> _early = [];
        private readonly Lock _lock = new();

        public long Told { get; private set; }

        public void Add(long place, PlanResult result)
        {
            lock (_lock)
            {
                _early.Add(place, result);
                while (_early.Remove(Told, out var following))
                {
                    Told++;
                    tell(following);
                }
            }
        }
    }
}
