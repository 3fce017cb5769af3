using TwoTower.Model.Data;
using TwoTower.Model.Data.Loading;
using TwoTower.Model.Evaluation;
using TwoTower.Node.Display;
using TwoTower.Node.Settings;

namespace TwoTower.Node.Runs;

/// <summary>The data of a run.</summary>
internal static class RunData
{
    /// <summary>Loads the data of settings, and says what there is.</summary>
    public static RecommenderData Load(ResolvedSettings settings) => Load(settings, Console.Out);

    /// <summary>Loads the data of settings, and says somewhere what there is.</summary>
    public static RecommenderData Load(ResolvedSettings settings, TextWriter to)
    {
        var data = DataLoader.Load(settings.Values.Data);
        to.WriteLine(FormattableString.Invariant($"Data {data.Name}: {data.Users.Count:#,0} users, {data.Items.Count:#,0} items"));
        to.WriteLine(
            FormattableString.Invariant(
            $"  positives: {data.Train.Count:#,0} train, {data.Validation.Count:#,0} validation, {data.Test.Count:#,0} test"));
        to.WriteLine(!data.Split.HasTimes
            ? "  no times"
            : $"  train ends {ProtocolCard.Time(data.Split.TrainEnd)}, "
            + $"validation {ProtocolCard.Time(data.Split.ValidationStart)} to {ProtocolCard.Time(data.Split.ValidationEnd)}");
        foreach (var part in data.Split.HeldOut.Where(part => part.Judged < part.All && (part.IsJudged || settings.Values.Judging.Final)))
        {
            to.WriteLine(
                Paragraph.Wrap(
                FormattableString.Invariant(
                $"  {part.Judged:#,0} of {part.All:#,0} {part.Name} positives are judged; `{InspectionHint.CommandFor(settings)}` says why"), 4));
        }

        foreach (var warning in data.Split.Warnings.Except(data.Split.HeldOut.SelectMany(part => part.Reasons)))
        {
            to.WriteLine(Paragraph.Wrap($"  warning: {warning}", 4));
        }

        return data;
    }

    /// <summary>Loads the data of a run that is there, wherever it is seen from here.</summary>
    /// <param name="run">The run's folder.</param>
    /// <param name="settings">The run's settings, which name the place afterwards.</param>
    /// <param name="to">Where is told what there is.</param>
    public static RecommenderData LoadAgain(string run, ResolvedSettings settings, TextWriter to)
    {
        DataPlace.Settle(run, settings);
        return Load(settings, to);
    }
}
