namespace TwoTower.Node.Settings;

/// <summary><c>--refit</c>: epochs and settings as chosen, on train and validation together.</summary>
internal static class Refitting
{
    private const string Flag = "--refit";

    /// <summary>Changes settings: no epoch is chosen, because nothing is left to choose by.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="windows">Windows that were asked for.</param>
    /// <exception cref="SettingException">Windows were asked for, too.</exception>
    public static void Set(ResolvedSettings settings, int windows)
    {
        if (windows > 1)
        {
            throw new SettingException($"{Flag} trains up to where test begins, and {RollingWindows.Flag} on less; leave one of them out.");
        }

        settings.Set("data.refit", settings.Values.Judging.Final ? "judged" : "blind", Flag);
        settings.Set("evaluate.everyEpochs", "100000", Flag);
        settings.Set("evaluate.everyBatches", "0", Flag);
        settings.Set("evaluate.patience", "0", Flag);
    }
}
