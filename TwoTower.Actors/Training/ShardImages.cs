using System.Security.Cryptography;
using TwoTower.Actors.ParameterServer;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Protocol.Reports;
using TwoTower.Model.Storage;

namespace TwoTower.Actors.Training;

/// <summary>The states of all shards at one step, as they come in, and what can be made of them when all are there.</summary>
/// <param name="layout">Which row lies where.</param>
/// <param name="step">The step.</param>
internal sealed class ShardImages(ParameterLayout layout, long step)
{
    private readonly StateProtocol.Image?[] _images = new StateProtocol.Image?[layout.Users.Shards];

    /// <summary>The step.</summary>
    public long Step => step;

    /// <summary>Shards that have not answered.</summary>
    public IEnumerable<int> Missing => Enumerable.Range(0, _images.Length).Where(shard => _images[shard] is null);

    /// <summary>All images. Only when none is missing.</summary>
    public IEnumerable<StateProtocol.Image> All => _images.Select(image => image!);

    /// <summary>Bytes of parameters and optimizer state. Only when none is missing.</summary>
    public long Bytes => All.Sum(image => image.Users.Bytes + image.Items.Bytes);

    /// <summary>Takes an image in; one of another step is ignored.</summary>
    /// <exception cref="TrainingException">The shard has not applied exactly the batches before the step.</exception>
    public void Add(StateProtocol.Image image)
    {
        if (image.Step != step)
        {
            return;
        }

        if (image.Applied != step || image.InFlight)
        {
            throw new TrainingException(
                $"{image.Shard} was read at batch {image.Applied} instead "
                + $"of {step}{(image.InFlight ? " with others beyond it" : string.Empty)}: the state is not a cut.");
        }

        _images[image.Shard.Value] = image;
    }

    /// <summary>Both tables in row order.</summary>
    public (TableImage Users, TableImage Items) Tables() =>
        (Whole(layout.Users, image => image.Users), Whole(layout.Items, image => image.Items));

    /// <summary>SHA-256 (hex) of the user table, then the item table, in row order.</summary>
    public static string Sha256(TableImage users, TableImage items)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        ArrayBytes.ForEach(users.Values, bytes => hash.AppendData(bytes));
        ArrayBytes.ForEach(items.Values, bytes => hash.AppendData(bytes));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>What all shards measured of staleness. Only when none is missing.</summary>
    public StalenessCounts Counts()
    {
        var sum = new StalenessCounts();
        foreach (var image in All)
        {
            sum.Add(image.Staleness);
        }

        return sum;
    }

    /// <summary>Staleness over all shards. Only when none is missing.</summary>
    public StalenessReport Staleness(int? bound)
    {
        var sum = Counts();
        return new StalenessReport(
            sum.Rows == 0 ? 0 : (double)sum.Sum / sum.Rows, sum.Percentile(0.50), sum.Percentile(0.99), sum.Max,
            bound, sum.BoundViolations, sum.MaxClocks, sum.Pushes == 0 ? 0 : (double)sum.VersionSum / sum.Pushes, sum.ByBucket())
        {
            Versions = sum.Versions[..(Array.FindLastIndex(sum.Versions, count => count > 0) + 1)],
            DroppedPushes = sum.Dropped,
        };
    }

    private TableImage Whole(TableLayout table, Func<StateProtocol.Image, TableImage> side)
    {
        var parts = All.Select(side).ToArray();
        int WidthOf(Func<TableImage, float[]> values) => parts.Where(part => part.RowSteps.Length > 0)
            .Select(part => values(part).Length / part.RowSteps.Length).FirstOrDefault();
        return new TableImage(
            RowOrder.Assemble(table, WidthOf(part => part.Values), shard => parts[shard].Values),
            [.. Enumerable.Range(0, parts[0].Slots.Length)
                .Select(slot => RowOrder.Assemble(table, WidthOf(part => part.Slots[slot]), shard => parts[shard].Slots[slot]))],
            RowOrder.Assemble(table, 1, shard => parts[shard].RowSteps));
    }
}
