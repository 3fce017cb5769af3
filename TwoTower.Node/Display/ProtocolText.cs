using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using TwoTower.Model.Evaluation;

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
        Line($"  intervals   {card.Interval}");
    }

    /// <summary>The card as an object.</summary>
    public static JsonNode ToJson(this ProtocolCard card) => JsonSerializer.SerializeToNode(card, s_camelCase)!;
}
