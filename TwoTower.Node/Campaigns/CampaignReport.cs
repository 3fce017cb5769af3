using System.Globalization;
using System.Text.Json.Nodes;
using TwoTower.Actors.Simulation.Campaigns;
using TwoTower.Node.Display;

namespace TwoTower.Node.Campaigns;

/// <summary>What a campaign has found, as text and as JSON. Nothing of it depends on the machine or its clock.</summary>
/// <param name="from">The first seed.</param>
/// <param name="asked">How many plans were asked for.</param>
/// <param name="worlds">Which worlds are drawn.</param>
/// <param name="to">Where the text goes.</param>
internal sealed class CampaignReport(long from, long asked, CampaignWorlds worlds, TextWriter to)
{
    private const int Block = 1000;
    private const int MostShrunk = 3;

    /// <summary>A person or a signal stopped it.</summary>
    public const string InterruptedStop = "interrupted";

    /// <summary>Its time was over.</summary>
    public const string MinutesStop = "minutes";

    private readonly Coverage _coverage = new(worlds);
    private readonly List<(PlanResult Result, ShrunkPlan? Shrunk)> _failures = [];
    private readonly SortedDictionary<string, int> _features = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, int> _refusals = new(StringComparer.Ordinal);
    private long _plans;

    /// <summary>What stopped the campaign before it had carried out all plans, as the JSON has it: "interrupted" or
    /// "minutes"; null when nothing did.</summary>
    public string? Stopped { get; set; }

    /// <summary>Whether nothing was violated, and all was reached that had to be; null when nothing was violated and it was
    /// stopped before that can be said.</summary>
    public bool? IsClean => _failures.Count > 0 || MissesStates ? false : _plans == 0 || StatesAreOpen ? null : true;

    private bool MissesStates => _plans >= Coverage.DemandedFrom && _coverage.Unreached.Any();

    /// <summary>Whether a stop came before every state was reached that all plans together would have had to reach.</summary>
    private bool StatesAreOpen => asked >= Coverage.DemandedFrom && _plans < Coverage.DemandedFrom && _coverage.Unreached.Any();

    /// <summary>Plans that were taken in.</summary>
    public long Plans => _plans;

    /// <summary>Plans that failed.</summary>
    public int Violations => _failures.Count;

    /// <summary>Failures of which the first of each kind are to be made smaller.</summary>
    public IEnumerable<PlanResult> ToShrink => _failures.Select(failure => failure.Result).DistinctBy(result => result.Failure)
        .Take(MostShrunk);

    /// <summary>Takes a plan in.</summary>
    public void Add(PlanResult result)
    {
        _plans++;
        _coverage.Add(result);
        foreach (var feature in PlanFeatures.Of(result.Plan))
        {
            _features[feature] = _features.GetValueOrDefault(feature) + 1;
        }

        if (result.Refusal is { } refusal)
        {
            _refusals[refusal] = _refusals.GetValueOrDefault(refusal) + 1;
        }

        if (result.Failure is not null)
        {
            _failures.Add((result, null));
            to.WriteLine(Line($"seed {result.Plan.Seed}: {result.Failure}"));
            to.WriteLine(Paragraph.Wrap($"  {result.Message}", 2));
            to.WriteLine($"  {PlanText.Command(result.Plan)}");
        }

        if (_plans % Block == 0)
        {
            to.WriteLine(
                Line($"{Counted.Of(_plans, "plan")}, seeds {from} to {result.Plan.Seed}: {Counted.Of(_failures.Count, "violation")}, {_coverage.Plans.Count - _coverage.Unreached.Count()} of {_coverage.Plans.Count} states"));
        }
    }

    /// <summary>Takes a smaller plan for a failure in.</summary>
    public void Add(PlanResult failure, ShrunkPlan shrunk)
    {
        _failures[_failures.FindIndex(known => known.Result == failure)] = (failure, shrunk);
        to.WriteLine();
        to.WriteLine(Paragraph.Wrap(Line($"seed {failure.Plan.Seed}, made smaller in {shrunk.Tries} tries: {shrunk.Result.Message}"), 2));
        to.WriteLine($"  {PlanText.Command(shrunk.Result.Plan)}");
        to.WriteLine(PlanText.Specification(shrunk.Result));
    }

    /// <summary>The last lines.</summary>
    public void End()
    {
        to.WriteLine();
        if (_plans == 0)
        {
            to.WriteLine(
                Line($"No plan was carried out: {StoppedBy} before the first of {Counted.Of(asked, "plan")} had ended. Nothing can be said."));
            return;
        }

        to.WriteLine(Line($"{Counted.Of(_plans, "plan")} from seed {from}: {Counted.Of(_failures.Count, "violation")}"));
        if (Stopped is not null)
        {
            to.WriteLine(
                Paragraph.Wrap(
                Line($"  {Capital(StoppedBy)} after {_plans:#,0} of {Counted.Of(asked, "plan")}{(IsClean is null ? Line($": {_coverage.Unreached.Count()} of {_coverage.Plans.Count} states were not reached, so nothing can be said of them") : string.Empty)}."), 4));
        }

        to.WriteLine(
            Paragraph.Wrap(
            $"  plans with {string.Join(", ", _features.OrderByDescending(feature => feature.Value).Select(feature => Line($"{feature.Key} {feature.Value:#,0}")))}", 4));
        if (_refusals.Count > 0)
        {
            to.WriteLine(
                Paragraph.Wrap(
                $"  plans that ended early and said "
                + $"so: {string.Join(", ", _refusals.OrderByDescending(refusal => refusal.Value).Select(refusal => Line($"{refusal.Value:#,0} because {refusal.Key}")))}", 4));
        }

        to.WriteLine("  states, and the plans that came to them:");
        foreach (var (state, plans) in _coverage.Plans)
        {
            to.WriteLine(Line($"  {plans,9:#,0}  {Coverage.InWords(state)}"));
        }

        if (MissesStates)
        {
            to.WriteLine(Paragraph.Wrap($"Never reached: {string.Join(", ", _coverage.Unreached.Select(Coverage.InWords))}.", 2));
        }
    }

    /// <summary>The same as JSON.</summary>
    public JsonObject ToJson() => new()
    {
        ["from"] = from,
        ["topology"] = NameOf(worlds),
        ["plansAsked"] = asked,
        ["plans"] = _plans,
        ["stopped"] = Stopped,
        ["violations"] = new JsonArray([.. _failures.Select(failure => (JsonNode)Json(failure.Result, failure.Shrunk))]),
        ["features"] = new JsonObject(_features.Select(feature => KeyValuePair.Create(feature.Key, (JsonNode?)feature.Value))),
        ["endedEarly"] = new JsonObject(_refusals.Select(refusal => KeyValuePair.Create(refusal.Key, (JsonNode?)refusal.Value))),
        ["states"] =
            new JsonObject(_coverage.Plans.Select(state => KeyValuePair.Create(Coverage.InWords(state.Key), (JsonNode?)state.Value))),
        ["unreached"] = MissesStates || StatesAreOpen
            ? new JsonArray([.. _coverage.Unreached.Select(state => (JsonNode)Coverage.InWords(state))]) : new JsonArray(),
        ["clean"] = IsClean,
    };

    private static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];

    private string StoppedBy => Stopped == InterruptedStop ? "it was interrupted" : "its minutes were over";

    /// <summary>What worlds are called on the command line.</summary>
    public static string NameOf(CampaignWorlds worlds) => worlds switch
    {
        CampaignWorlds.Actors => "actors",
        CampaignWorlds.Clusters => "cluster",
        _ => "both",
    };

    private static JsonObject Json(PlanResult result, ShrunkPlan? shrunk) => new()
    {
        ["seed"] = result.Plan.Seed,
        ["invariant"] = result.Failure,
        ["message"] = result.Message,
        ["command"] = PlanText.Command(result.Plan),
        ["shrunk"] = shrunk is null ? null : new JsonObject
        {
            ["message"] = shrunk.Result.Message,
            ["command"] = PlanText.Command(shrunk.Result.Plan),
            ["specification"] = PlanText.Specification(shrunk.Result),
            ["tries"] = shrunk.Tries,
        },
    };

    private static string Line(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
