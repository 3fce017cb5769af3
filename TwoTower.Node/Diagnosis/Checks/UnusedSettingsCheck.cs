using System.Globalization;
using TwoTower.Node.Settings;

namespace TwoTower.Node.Diagnosis.Checks;

/// <summary>Settings that were chosen and have no effect beside the others.</summary>
internal sealed class UnusedSettingsCheck : ICheck
{
    /// <inheritdoc />
    public string Name => "unused settings";

    /// <inheritdoc />
    public string Question => "Has every setting that was changed an effect?";

    /// <inheritdoc />
    public Finding? Look(DiagnosisSubject subject)
    {
        var values = subject.SettingsOrSay();
        var defaults = new ResolvedSettings("default").Values;
        var unused = UnusedSettings.Rules
            .Select(rule => (Rule: rule, Setting: SettingCatalogue.Find(rule.Key)))
            .Where(one => one.Setting.Read(values) != one.Setting.Read(defaults) && one.Rule.IsUnused(values))
            .ToArray();
        if (unused.Length == 0)
        {
            return null;
        }

        return new Finding(
            Name,
            unused.Length == 1 ? $"{unused[0].Rule.Key} was changed and has no effect: {unused[0].Rule.Why}."
                : $"{unused.Length} settings were changed and have no effect: {string.Join(", ", unused.Select(one => one.Rule.Key))}.",
            [.. unused.Select(one => one.Setting.Read(values) is var text && double.TryParse(text, NumberStyles.Float,
                CultureInfo.InvariantCulture, out var number)
                ? new Evidence(one.Rule.Key, number, one.Rule.Why)
                : new Evidence($"{one.Rule.Key}={text}", double.NaN, one.Rule.Why))],
            Advice.Only("Take them out, or change what keeps them from having an effect: whoever reads the recipe believes in them."))
        {
            Severity = Severity.Note,
            WhyNoCost = "what has no effect costs nothing but belief",
        };
    }
}
