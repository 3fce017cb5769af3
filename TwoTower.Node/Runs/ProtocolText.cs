using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using TwoTower.Model.Evaluation;
using TwoTower.Model.Evaluation.Baselines;
using TwoTower.Node.Display;

namespace TwoTower.Node.Runs;

/// <summary>A protocol card as text and as JSON.</summary>
internal static class ProtocolText
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

    /// <summary>What equal scores are worth, and how many users had them at the cut: "equal scores are worth their expectation; of 364
    /// users those whose list ends in a tie: at 10 popularity 12, EASE 1".</summary>
    public static string TiesInWords(this ProtocolCard card)
    {
        string[] cuts =
        [
            .. card.TiedUsers.Where(tied => tied.Users > 0).GroupBy(tied => tied.Cut).OrderBy(cut => cut.Key)
                .Select(cut => string.Create(CultureInfo.InvariantCulture,
                    $"at {cut.Key} {string.Join(", ", cut.Select(tied => string.Create(CultureInfo.InvariantCulture, $"{tied.Ranking} {tied.Users:#,0}")))}")),
        ];
        return card.TiedUsers.Count == 0
            ? card.Ties
            : cuts.Length == 0
                ? $"{card.Ties}; nobody's list ends in a tie"
                : string.Create(CultureInfo.InvariantCulture,
                    $"{card.Ties}; of {card.EvaluableUsers:#,0} users those whose list ends in a tie: {string.Join("; ", cuts)}");
    }

    /// <summary>The card with the ties of what was judged. Chance is left out: there everybody's list is one tie.</summary>
    /// <param name="card">The card.</param>
    /// <param name="baselines">The baselines.</param>
    /// <param name="model">The model, or null.</param>
    public static ProtocolCard WithTies(this ProtocolCard card, Baselines baselines, Judged? model) => card with
    {
        TiedUsers =
        [
            .. baselines.All.Where(bar => bar.Result is not null && bar.Fitted.Kind != BaselineKind.Random)
                .SelectMany(bar => TiedUsers.Of(bar.Fitted.Kind.InWords(), bar.Result!.Masked)),
            .. model is null ? [] : TiedUsers.Of("two towers", model.Masked),
        ],
    };

    /// <summary>The card as an object.</summary>
    public static JsonNode ToJson(this ProtocolCard card) => JsonSerializer.SerializeToNode(card, s_camelCase)!;
}
