using TwoTower.Actors.Simulation.Faults;

namespace TwoTower.Actors.Simulation.Campaigns;

/// <summary>A failing plan that is as small as it could be made.</summary>
/// <param name="Result">The small plan and how it fails.</param>
/// <param name="Tries">Plans carried out on the way.</param>
internal sealed record ShrunkPlan(PlanResult Result, int Tries);

/// <summary>Makes a failing plan smaller as long as it fails in the same way: faults are dropped (in halves, then one by one: Zeller and
/// Hildebrandt 2002, "ddmin"), settings go back to what every plan has, there are fewer workers, shards and epochs, and times have fewer
/// digits. Those that leave or crash for good keep somebody to take over. Whatever helps is tried again until nothing does.</summary>
/// <param name="run">Carries a plan out.</param>
/// <param name="tries">Plans that may be carried out.</param>
internal sealed class Shrinker(Func<CampaignPlan, PlanResult> run, int tries = Shrinker.UsualTries)
{
    /// <summary>Tries when nobody says otherwise: some ten seconds.</summary>
    public const int UsualTries = 600;

    private PlanResult _best = null!;
    private int _tried;

    /// <summary>Shrinks.</summary>
    /// <param name="failing">How a plan failed.</param>
    public ShrunkPlan Shrink(PlanResult failing)
    {
        ArgumentNullException.ThrowIfNull(failing.Failure);
        (_best, _tried) = (failing, 0);
        bool better;
        do
        {
            better = DropFaults();
            foreach (var (isSmaller, smaller) in SmallerPlans.All)
            {
                better |= isSmaller(_best.Plan) && Try(smaller(_best.Plan));
            }

            better |= RoundTimes();
        }
        while (better && _tried < tries);
        return new ShrunkPlan(_best, _tried);
    }

    private bool DropFaults()
    {
        var better = false;
        for (var length = Math.Max(1, _best.Plan.World.Faults.Faults.Count / 2); length >= 1; length /= 2)
        {
            for (var first = 0; first < _best.Plan.World.Faults.Faults.Count;)
            {
                var faults = _best.Plan.World.Faults.Faults;
                if (Try(SmallerPlans.WithFaults(_best.Plan, [.. faults.Take(first), .. faults.Skip(first + length)])))
                {
                    better = true;
                }
                else
                {
                    first += length;
                }
            }
        }

        return better;
    }

    private bool RoundTimes()
    {
        var better = false;
        for (var place = 0; place < _best.Plan.World.Faults.Faults.Count; place++)
        {
            foreach (var digits in (ReadOnlySpan<int>)[0, 1, 2, 3])
            {
                Fault[] faults = [.. _best.Plan.World.Faults.Faults];
                var rounded = SmallerPlans.Rounded(faults[place], digits);
                if (rounded != faults[place])
                {
                    faults[place] = rounded;
                    if (Try(SmallerPlans.WithFaults(_best.Plan, faults)))
                    {
                        better = true;
                        break;
                    }
                }
            }
        }

        return better;
    }

    private bool Try(CampaignPlan plan)
    {
        // What cannot go on by construction fails on code without any fault, too.
        if (_tried >= tries || !plan.IsPossible || !plan.IsRecoverable)
        {
            return false;
        }

        _tried++;
        var result = run(plan);
        if (!FailsAlike(result, _best))
        {
            return false;
        }

        _best = result;
        return true;
    }

    /// <summary>The same invariant; and where there is none but a refusal, the same words around other numbers.</summary>
    private static bool FailsAlike(PlanResult one, PlanResult other) =>
        one.Failure == other.Failure && (one.Failure != PlanRun.Refused || WithoutNumbers(one.Message) == WithoutNumbers(other.Message));

    private static string WithoutNumbers(string? message) =>
        string.Concat((message ?? string.Empty).Where(letter => !char.IsAsciiDigit(letter)));
}
