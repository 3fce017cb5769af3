namespace TwoTower.Model.Data;

/// <summary>Users who are left out of training altogether. A model knows them only by what it is shown afterwards: their train positives.
/// They are judged on their validation positives.</summary>
/// <param name="Users">Their rows, ascending.</param>
/// <param name="Train">Their train positives, in time order; no model or baseline is trained on them.</param>
/// <param name="Validation">Their validation positives.</param>
public sealed record ColdUsers(int[] Users, InteractionLog Train, InteractionLog Validation)
{
    private const long Stream = 0xC01D;

    /// <summary>Takes a share of the users with validation positives out of all three parts.</summary>
    /// <param name="data">The data.</param>
    /// <param name="share">In (0, 1).</param>
    /// <param name="seed">Chooses them.</param>
    /// <exception cref="DataException">Nobody would be left out, or nobody left.</exception>
    public static RecommenderData HoldOut(RecommenderData data, double share, long seed)
    {
        var evaluated = data.Validation.Users.Distinct().Order().ToArray();
        var count = (int)Math.Round(share * evaluated.Length);
        if (count == 0 || count == evaluated.Length)
        {
            throw new DataException(FormattableString.Invariant(
                $"evaluate.coldUsers {share:0.###} of {evaluated.Length} users with validation positives ")
                    + FormattableString.Invariant(
                    $"is {(count == 0 ? "nobody; take a larger share" : "everybody; take a smaller share")}, or 0 for none."));
        }

        var isCold = new bool[data.Users.Count];
        // Drawn by what users did, so that the same people are left out whatever they are called.
        var places = Signatures.Places(Signatures.Of(data.Users.Count, data.Items.Count, data.Train, data.Validation).Users);
        foreach (var user in evaluated.OrderBy(user => new SeededRandom(seed, Stream, places[user]).NextUInt64()).Take(count))
        {
            isCold[user] = true;
        }

        var cold = new ColdUsers([.. evaluated.Where(user => isCold[user])], Of(data.Train, isCold, true),
            Of(data.Validation, isCold, true));
        var (train, validation, test) = (Of(data.Train, isCold, false), Of(data.Validation, isCold, false), Of(data.Test, isCold, false));
        var note = $"Left {count} of {evaluated.Length} evaluated users and their {cold.Train.Count} train positives out of training "
            + $"(evaluate.coldUsers): they are judged apart.";
        return data with
        {
            Fingerprint = DataFingerprint.Of(data.Users, data.Items, train, validation, test, cold.Train, cold.Validation),
            Train = train,
            Validation = validation,
            Test = test,
            Cold = cold,
            Split = data.Split with { TrainEnd = train.Count > 0 ? train.Timestamps[^1] : null, Warnings = [.. data.Split.Warnings, note] },
        };
    }

    private static InteractionLog Of(InteractionLog log, bool[] isCold, bool cold)
    {
        var rows = Enumerable.Range(0, log.Count).Where(n => isCold[log.Users[n]] == cold).ToArray();
        return new InteractionLog(
            Array.ConvertAll(rows, n => log.Users[n]), Array.ConvertAll(rows, n => log.Items[n]),
            Array.ConvertAll(rows, n => log.Timestamps[n]));
    }
}
