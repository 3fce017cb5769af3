using TwoTower.Model.Data;
using TwoTower.Model.Evaluation;

namespace TwoTower.Model.Diagnosis;

/// <summary>How well a model finds again what it was trained on, measured as validation is.</summary>
internal static class TrainRecall
{
    private const long Stream = 0x7E;

    /// <summary>A task over the users of another, whose positives are a sample of their train positives, as many as they have held-out
    /// ones, so that recall has the same denominators. All other train positives are masked; held-out positives stay in the
    /// ranking, as they did in training.</summary>
    /// <param name="validation">The validation.</param>
    /// <param name="seed">Seed of the sample.</param>
    /// <returns>Null when nobody has as many train positives as held-out ones.</returns>
    public static RankingTask? Task(RankingTask validation, long seed = 1)
    {
        var (positives, seen) = (new List<(int User, int Item)>(), new List<(int User, int Item)>());
        foreach (var user in validation.Users)
        {
            var train = validation.Seen.ItemsOf(user).ToArray();
            var wanted = validation.RelevantOf(user);
            if (train.Length < wanted)
            {
                continue;
            }

            var random = new SeededRandom(seed, Stream, user);
            for (var n = 0; n < wanted; n++)
            {
                var other = n + random.NextInt(train.Length - n);
                (train[n], train[other]) = (train[other], train[n]);
            }

            positives.AddRange(train.Take(wanted).Select(item => (user, item)));
            seen.AddRange(train.Skip(wanted).Select(item => (user, item)));
        }

        return positives.Count == 0 ? null : new RankingTask(Matrix(positives), Matrix(seen));

        InteractionMatrix Matrix(List<(int User, int Item)> pairs) => InteractionMatrix.From(
            validation.Positives.Users, validation.Positives.Items,
            new InteractionLog([.. pairs.Select(pair => pair.User)], [.. pairs.Select(pair => pair.Item)], new long[pairs.Count]));
    }
}
