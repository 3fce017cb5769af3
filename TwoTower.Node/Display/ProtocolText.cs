using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using TwoTower.Model.Evaluation;
using TwoTower.Model.Evaluation.Baselines;
using TwoTower.Node.Runs;

namespace TwoTower.Node.Display;

/// <summary>A protocol card as text and as JSON.</summary>
public static class ProtocolText
{
    private static readonly JsonSerializerOptions s_camelCase = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    /// <summary>Writes the card.</summary>
    public static void Write(this ProtocolCard card, TextWriter to)
    {
        void Line(FormattableString text) => to.WriteLine(text.ToString(CultureInfo.InvariantCulture));
        to.WriteLine("Protocol");
        Line($"  positives   {card.Positives}");
        Line($"  split       {card.Split}");
        Line($"  train       to {card.TrainEnd}");
        Line($"  {card.Judged.ToLowerInvariant(),-11} {(card.EvaluableUsers > 0 ? $"{card.ValidationStart} to {card.ValidationEnd}" : "nothing is judged")}");
        Line($"  ranking     {card.Candidates:#,0} candidates, {card.Mask}");
        Line($"  users       {card.EvaluableUsers:#,0} with {card.HeldOutPositives:#,0} held-out positives");
        to.WriteLine(Paragraph.Wrap($"  ties        {card.TiesInWords()}", 14));
        Line($"  intervals   {card.Interval}");
    }

    /// <summary>What equal scores are worth, and how many users had them at the cut: "equal scores are worth their expectation; at the cut of 10: popularity 12, EASE 1 of 364 users".</summary>
    public static string TiesInWords(this ProtocolCard card) => TiesInWords(card.Ties, card.TiedUsers, card.EvaluableUsers);

    /// <summary>The same of a rule and of counts.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="tied">Rankings with their users.</param>
    /// <param name="users">Users who are evaluated.</param>
    public static string TiesInWords(string rule, IReadOnlyList<TiedUsers> tied, int users)
    {
        if (tied.Count == 0)
        {
            return rule;
        }

        var cuts = tied.SelectMany(ranking => ranking.Users.Keys).Distinct().Order().Select(k => (K: k, Rankings: tied.Where(ranking => ranking.Users.GetValueOrDefault(k) > 0).ToArray())).ToArray();
        return cuts.All(cut => cut.Rankings.Length == 0)
            ? $"{rule}; nobody's list ends in a tie"
            : $"{rule}; of {users.ToString("#,0", CultureInfo.InvariantCulture)} users those whose list ends in a tie: {string.Join("; ", cuts.Select(cut => $"at {cut.K} {(cut.Rankings.Length == 0 ? "none" : string.Join(", ", cut.Rankings.Select(ranking => $"{ranking.Ranking} {ranking.Users[cut.K].ToString("#,0", CultureInfo.InvariantCulture)}")))}"))}";
    }

    /// <summary>The card with the ties of what was judged. Chance is left out: there everybody's list is one tie.</summary>
    /// <param name="card">The card.</param>
    /// <param name="baselines">The baselines.</param>
    /// <param name="model">The model, or null.</param>
    public static ProtocolCard WithTies(this ProtocolCard card, Baselines baselines, Judged? model) => card with
    {
        TiedUsers =
        [
            .. baselines.All.Where(bar => bar.Result is not null && bar.Fitted.Kind != BaselineKind.Random).Select(bar => new TiedUsers(bar.Fitted.Kind.InWords(), bar.Result!.Masked.TiedUsers)),
            .. model is null ? Array.Empty<TiedUsers>() : [new TiedUsers("two towers", model.Masked.TiedUsers)],
        ],
    };

    /// <summary>The card as an object.</summary>
    public static JsonNode ToJson(this ProtocolCard card) => JsonSerializer.SerializeToNode(card, s_camelCase)!;
}
