using System.Text.Json;
using TwoTower.Model.Data;
using TwoTower.Model.Towers;

namespace TwoTower.Model.Storage;

/// <summary>A pair of embedding tables with the raw ids of their rows, as files that anything can read.</summary>
public static class EmbeddingFolder
{
    /// <summary>File names in the folder.</summary>
    public const string UserEmbeddings = "user_embeddings.npy", ItemEmbeddings = "item_embeddings.npy", UserIds = "user_to_idx.json",
        ItemIds = "item_to_idx.json";

    /// <summary>The file of items' vectors for being in histories; there only where users have histories.</summary>
    public const string ItemHistories = "item_histories.npy";

    /// <summary>Writes both tables, both id maps and, where users have histories, the items' vectors for being in one.</summary>
    public static void Save(string folder, TwoTowerEmbeddings embeddings, IdCatalogue users, IdCatalogue items)
    {
        SaveIds(Path.Combine(folder, UserIds), users);
        SaveIds(Path.Combine(folder, ItemIds), items);
        NpyFile.Write(Path.Combine(folder, UserEmbeddings), embeddings.Users, embeddings.Dim);
        NpyFile.Write(Path.Combine(folder, ItemEmbeddings), embeddings.Items, embeddings.Dim);
        if (embeddings.ItemHistories is { } histories)
        {
            NpyFile.Write(Path.Combine(folder, ItemHistories), histories, histories.Length / embeddings.ItemCount);
        }
        else
        {
            File.Delete(Path.Combine(folder, ItemHistories)); // of a model that was here before
        }
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    /// <exception cref="StorageException">A file is missing or damaged, or tables and maps do not fit.</exception>
    public static (TwoTowerEmbeddings Embeddings, IdCatalogue Users, IdCatalogue Items) Load(string folder)
    {
        var (userValues, userColumns) = NpyFile.Read(Path.Combine(folder, UserEmbeddings));
        var (itemValues, itemColumns) = NpyFile.Read(Path.Combine(folder, ItemEmbeddings));
        RefuseNotFinite(Path.Combine(folder, UserEmbeddings), userValues, userColumns);
        RefuseNotFinite(Path.Combine(folder, ItemEmbeddings), itemValues, itemColumns);
        if (userColumns != itemColumns)
        {
            throw new StorageException(
                $"The embeddings in '{folder}' cannot be multiplied: users have {userColumns} columns, items {itemColumns}.");
        }

        var users = LoadIds(Path.Combine(folder, UserIds), userValues.Length / userColumns);
        var items = LoadIds(Path.Combine(folder, ItemIds), itemValues.Length / itemColumns);
        return (new TwoTowerEmbeddings(userValues, itemValues,
            userColumns)
        { ItemHistories = LoadHistories(Path.Combine(folder, ItemHistories), items.Count) }, users, items);
    }

    private static float[]? LoadHistories(string path, int items)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        var (values, columns) = NpyFile.Read(path);
        RefuseNotFinite(path, values, columns);
        return values.Length == items * columns
            ? values : throw new StorageException($"'{path}' has {values.Length / columns} rows, and there are {items} items.");
    }

    private static void RefuseNotFinite(string path, float[] values, int columns)
    {
        var at = Array.FindIndex(values, value => !float.IsFinite(value));
        if (at >= 0)
        {
            throw new StorageException(
                FormattableString.Invariant($"'{path}' cannot be ranked: row {at / columns}, column {at % columns} is {values[at]}."));
        }
    }

    private static void SaveIds(string path, IdCatalogue ids) => AtomicFile.Write(path, stream =>
    {
        using var json = new Utf8JsonWriter(stream);
        json.WriteStartObject();
        for (var index = 0; index < ids.Count; index++)
        {
            json.WriteNumber(ids.RawIds[index], index);
        }

        json.WriteEndObject();
    });

    private static IdCatalogue LoadIds(string path, int rows)
    {
        try
        {
            var map = JsonSerializer.Deserialize<Dictionary<string, int>>(File.ReadAllBytes(path)) ?? throw new JsonException();
            var rawIds = new string[rows];
            foreach (var (rawId, index) in map)
            {
                if ((uint)index >= (uint)rows)
                {
                    throw new StorageException($"'{path}' gives '{rawId}' the row {index}, but the table has {rows} rows.");
                }

                rawIds[index] = rawId;
            }

            if (Array.IndexOf(rawIds, null) is >= 0 and var missing)
            {
                throw new StorageException($"'{path}' names no id for row {missing} of the table.");
            }

            return new IdCatalogue(rawIds);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"'{path}' cannot be read: {PlainReason.Of(failure)}.", failure);
        }
        catch (Exception failure) when (failure is JsonException or ArgumentException)
        {
            throw new StorageException($"'{path}' is no map from id to row: expected a JSON object like {{\"17\": 0, \"23\": 1}}.",
                failure);
        }
    }
}
