using CsCheck;
using TwoTower.Model.Data;
using TwoTower.Model.Storage;
using TwoTower.Model.Towers;

namespace TwoTower.Tests.Storage;

public sealed class StorageSpecs : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("twotower-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_matrix_comes_back_from_npy_as_it_was() => Gen.Select(Gen.Int[0, 20], Gen.Int[1, 9]).Sample((rows, columns) =>
    {
        var values = Enumerable.Range(0, rows * columns).Select(n => n * 0.37f).ToArray();
        NpyFile.Write(At("m.npy"), values, columns);
        var (read, width) = NpyFile.Read(At("m.npy"));
        Assert.Equal(columns, width);
        Assert.Equal(values, read);
    }, iter: 50, threads: 1);

    [Fact]
    public void A_npy_header_is_what_numpy_writes()
    {
        NpyFile.Write(At("m.npy"), [1, 2, 3, 4, 5, 6], 3);

        var bytes = File.ReadAllBytes(At("m.npy"));
        Assert.Equal(0, (bytes.Length - 24) % 64);
        Assert.Equal("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }",
            System.Text.Encoding.ASCII.GetString(bytes, 10, bytes.Length - 34).TrimEnd());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    [InlineData(100)]
    public void A_cut_off_file_is_refused_with_its_name(int length)
    {
        NpyFile.Write(At("m.npy"), [1, 2, 3, 4, 5, 6], 3);
        File.WriteAllBytes(At("cut.npy"), File.ReadAllBytes(At("m.npy"))[..length]);

        Assert.Contains("cut.npy", Assert.Throws<StorageException>(() => NpyFile.Read(At("cut.npy"))).Message, StringComparison.Ordinal);
        File.WriteAllBytes(At("cut.safetensors"), File.ReadAllBytes(At("m.npy"))[..length]);
        Assert.Contains("cut.safetensors", Assert.Throws<StorageException>(() => SafetensorsFile.Read(At("cut.safetensors"))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Tensors_and_texts_come_back_from_safetensors_as_they_were()
    {
        var file = new SafetensorsFile(
            new Dictionary<string, float[]> { ["a"] = [1.5f, float.Epsilon, -0f], ["b"] = [] },
            new Dictionary<string, int[]> { ["n"] = [int.MinValue, 7] },
            new Dictionary<string, string> { ["note"] = "ü \" \\ x" });

        file.Write(At("f.safetensors"));
        var read = SafetensorsFile.Read(At("f.safetensors"));

        Assert.Equal(file.Floats["a"], read.Floats["a"]);
        Assert.Empty(read.Floats["b"]);
        Assert.Equal(file.Integers["n"], read.Integers["n"]);
        Assert.Equal(file.Metadata["note"], read.Metadata["note"]);
    }

    [Fact]
    public void Embeddings_come_back_with_their_ids()
    {
        var users = new IdCatalogue(["x", "y"]);
        var items = new IdCatalogue(["7", "8", "9"]);
        EmbeddingFolder.Save(_folder, new TwoTowerEmbeddings([1, 2, 3, 4], [1, 2, 3, 4, 5, 6], 2), users, items);

        var (embeddings, readUsers, readItems) = EmbeddingFolder.Load(_folder);

        Assert.Equal([1f, 2, 3, 4, 5, 6], embeddings.Items);
        Assert.Equal(users.RawIds, readUsers.RawIds);
        Assert.Equal(items.RawIds, readItems.RawIds);
    }

    [Theory]
    [InlineData(float.NaN, "NaN")]
    [InlineData(float.PositiveInfinity, "Infinity")]
    public void An_embedding_that_is_no_number_is_refused_with_its_place(float value, string name)
    {
        EmbeddingFolder.Save(_folder, new TwoTowerEmbeddings([1, 2, 3, 4], [1, 2, 3, value, 5, 6], 2), new IdCatalogue(["x", "y"]),
            new IdCatalogue(["7", "8", "9"]));

        var refusal = Assert.Throws<StorageException>(() => EmbeddingFolder.Load(_folder));

        Assert.EndsWith($"item_embeddings.npy' cannot be ranked: row 1, column 1 is {name}.", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("null", "is no map from id to row")]
    [InlineData("[]", "is no map from id to row")]
    [InlineData("{\"x\": \"0\"}", "is no map from id to row")]
    [InlineData("{\"x\": 0}", "names no id for row 1")]
    public void An_id_map_that_is_none_is_refused_in_words(string content, string message)
    {
        EmbeddingFolder.Save(_folder, new TwoTowerEmbeddings([1, 2, 3, 4], [1, 2], 2), new IdCatalogue(["x", "y"]), new IdCatalogue(["7"]));
        File.WriteAllText(At("user_to_idx.json"), content);

        Assert.Contains(message, Assert.Throws<StorageException>(() => EmbeddingFolder.Load(_folder)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_write_that_fails_leaves_the_old_file_and_nothing_else()
    {
        AtomicFile.WriteText(At("f"), "old");

        var failure = Assert.Throws<StorageException>(() => AtomicFile.Write(At("f"), stream =>
        {
            stream.WriteByte(1);
            throw new IOException("No space left on device");
        }));

        Assert.True(failure.Writing);
        Assert.Contains("the disk is full", failure.Message, StringComparison.Ordinal);

        Assert.Equal("old", File.ReadAllText(At("f")));
        Assert.Single(Directory.GetFiles(_folder));
    }

    private string At(string name) => Path.Combine(_folder, name);
}
