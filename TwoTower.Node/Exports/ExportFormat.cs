using TwoTower.Node.Learned;

namespace TwoTower.Node.Exports;

/// <summary>A form in which a model's vectors can be taken elsewhere.</summary>
/// <param name="Name">Its name on the command line.</param>
/// <param name="Description">What it is good for.</param>
/// <param name="Write">Writes a model into a folder that exists; returns the names of the files.</param>
internal sealed record ExportFormat(string Name, string Description, Func<LearnedModel, string, IReadOnlyList<string>> Write)
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<ExportFormat> All { get; } =
    [
        new("npy", "NumPy matrices, with ids and titles in CSV", NpyExport.Write),
        new("safetensors", "both tables in one file, with ids and titles in CSV", SafetensorsExport.Write),
        new("parquet", "a row per user and per item: id, title, genres, vector", ParquetExport.Write),
        new("word2vec", "text vectors as gensim and others read them", Word2VecExport.Write),
        new("projector", "TSV for the TensorFlow Embedding Projector, with titles and genres", ProjectorExport.Write),
        new("onnx", "a model that takes user rows and gives their best items and scores; another that takes what a new user likes",
            OnnxExport.Write),
    ];
}
