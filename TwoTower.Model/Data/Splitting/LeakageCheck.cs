namespace TwoTower.Model.Data.Splitting;

/// <summary>Checks, apart from the code that splits, that no part knows a later one.</summary>
internal static class LeakageCheck
{
    /// <summary>Verifies that no held-out pair stands in an earlier part, that no interaction of a global or prepared split is later than
    /// the first of the next part, and that a leave-last-out split keeps each user's own order.</summary>
    /// <exception cref="DataException">Something leaks; the message gives both times.</exception>
    public static void Verify(RecommenderData data)
    {
        if (data.Split.Kind == SplitKind.LeaveLastOut)
        {
            VerifyOwnOrder(data);
        }
        else if (data.Split.Kind.IsByTime())
        {
            VerifyOrder(data.Name, "train", Latest(data.Train, data.Split.TrainEnd), "validation",
                Earliest(data.Validation, data.Split.ValidationStart));
            VerifyOrder(data.Name, "train", Latest(data.Train, data.Split.TrainEnd), "test", Earliest(data.Test, data.Split.TestStart));
            VerifyOrder(data.Name, "validation", Latest(data.Validation, data.Split.ValidationEnd), "test",
                Earliest(data.Test, data.Split.TestStart));
        }

        var train = InteractionMatrix.From(data.Users.Count, data.Items.Count, data.Train);
        VerifyUnseen(data, "validation", data.Validation, "train", train);
        VerifyUnseen(data, "test", data.Test, "train", train);
        VerifyUnseen(data, "test", data.Test, "validation", InteractionMatrix.From(data.Users.Count, data.Items.Count, data.Validation));
    }

    private static void VerifyOrder(string name, string earlier, long? latest, string later, long? earliest)
    {
        if (latest > earliest)
        {
            throw new DataException(
                $"{name} leaks the future: the latest {earlier} interaction ({Time(latest.Value)}) is later than the first {later} one "
                    + $"({Time(earliest.Value)}).");
        }
    }

    private static void VerifyOwnOrder(RecommenderData data)
    {
        var latest = new long[data.Users.Count];
        Array.Fill(latest, long.MinValue);
        foreach (var part in (InteractionLog[])[data.Train, data.Validation, data.Test])
        {
            for (var n = 0; n < part.Count; n++)
            {
                if (!ReferenceEquals(part, data.Train) && part.Timestamps[n] < latest[part.Users[n]])
                {
                    throw new DataException(
                        $"{data.Name} leaks the future: user {data.Users.RawIds[part.Users[n]]} has an interaction in an earlier part "
                            + $"that is later than {Time(part.Timestamps[n])}.");
                }
            }

            for (var n = 0; n < part.Count; n++)
            {
                latest[part.Users[n]] = Math.Max(latest[part.Users[n]], part.Timestamps[n]);
            }
        }
    }

    private static void VerifyUnseen(RecommenderData data, string name, InteractionLog heldOut, string earlierName,
        InteractionMatrix earlier)
    {
        for (var n = 0; n < heldOut.Count; n++)
        {
            if (earlier.Contains(heldOut.Users[n], heldOut.Items[n]))
            {
                throw new DataException(
                    $"{data.Name} leaks: user {data.Users.RawIds[heldOut.Users[n]]} has "
                        + $"item {data.Items.RawIds[heldOut.Items[n]]} in {earlierName} and in {name}.");
            }
        }
    }

    private static long? Latest(InteractionLog log, long? bound) => log.Count == 0
        ? bound : Math.Max(log.Timestamps.Max(), bound ?? long.MinValue);

    private static long? Earliest(InteractionLog log, long? bound) => log.Count == 0
        ? bound : Math.Min(log.Timestamps.Min(), bound ?? long.MaxValue);

    private static string Time(long unixSeconds) => unixSeconds < 253_402_300_800
        ? DateTimeOffset.FromUnixTimeSeconds(unixSeconds).ToString("yyyy-MM-dd HH:mm:ss 'UTC'")
        : unixSeconds.ToString();
}
