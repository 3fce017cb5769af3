using System.Globalization;

namespace TwoTower.Model.Options;

/// <summary>The layers between an embedding and the vector that scores, as text: <c>none</c>; <c>mlp:256,128</c>, linear layers with ReLU
/// between; or a list such as
/// <c>relu,linear:128,batchnorm,dropout:0.2,relu,linear:128</c>. A user's may be <c>history</c> or <c>history+id</c> instead: what the user
/// liked before in place of, or beside, an embedding of their own.</summary>
public sealed class TowerSpec : IEquatable<TowerSpec>
{
    /// <summary>The most columns of a layer.</summary>
    public const int WidestLayer = 4096;

    /// <summary>The most layers.</summary>
    public const int MostLayers = 64;

    private readonly string _text;

    private TowerSpec(string text, IReadOnlyList<TowerLayer> layers, UserInput input = UserInput.Id) =>
        (_text, Layers, Input) = (text, layers, input);

    /// <summary>No layer: the vector is the embedding.</summary>
    public static TowerSpec None { get; } = new("none", []);

    /// <summary>The layers, the first one first.</summary>
    public IReadOnlyList<TowerLayer> Layers { get; }

    /// <summary>What it begins with; an item's always with its id.</summary>
    public UserInput Input { get; }

    /// <summary>Reads a tower.</summary>
    /// <exception cref="FormatException">It cannot be read; the message is one sentence without its end.</exception>
    public static TowerSpec Parse(string text)
    {
        var words = text.Trim().ToLowerInvariant().Split([',', ';', '>'], StringSplitOptions.TrimEntries);
        switch (words)
        {
            case ["none" or ""]:
                return None;
            case ["history"]:
                return new TowerSpec("history", [], UserInput.History);
            case ["history+id" or "id+history"]:
                return new TowerSpec("history+id", [], UserInput.HistoryAndId);
            case ["history" or "history+id" or "id+history", ..]:
                throw new FormatException($"'{words[0]}' stands alone: a history is a weighted mean without layers after it");
        }

        var layers = words[0].StartsWith("mlp:", StringComparison.Ordinal) ? Perceptron([words[0][4..], .. words[1..]])
            : [.. words.Select(Layer)];
        return layers.Count <= MostLayers
            ? new TowerSpec(string.Join(',', words), layers)
            : throw new FormatException($"{layers.Count} layers are more than {MostLayers}");
    }

    /// <summary>Whether the vector is the embedding itself.</summary>
    public bool IsNone => Layers.Count == 0 && Input == UserInput.Id;

    /// <summary>Columns of the output.</summary>
    /// <param name="input">Columns of the input.</param>
    public int OutputWidth(int input) => Layers.OfType<TowerLayer.Linear>().LastOrDefault()?.Width ?? input;

    /// <summary>What <see cref="Parse"/> takes.</summary>
    public override string ToString() => _text;

    /// <inheritdoc />
    public bool Equals(TowerSpec? other) => other is not null && _text == other._text;

    /// <inheritdoc />
    public override bool Equals(object? obj) => Equals(obj as TowerSpec);

    /// <inheritdoc />
    public override int GetHashCode() => _text.GetHashCode(StringComparison.Ordinal);

    private static List<TowerLayer> Perceptron(string[] widths)
    {
        var layers = new List<TowerLayer>();
        foreach (var width in widths)
        {
            if (layers.Count > 0)
            {
                layers.Add(new TowerLayer.Relu());
            }

            layers.Add(new TowerLayer.Linear(Width(width, "mlp")));
        }

        return layers;
    }

    private static TowerLayer Layer(string word) => word.Split(':') switch
    {
        ["relu"] => new TowerLayer.Relu(),
        ["batchnorm"] => new TowerLayer.BatchNorm(),
        ["linear", var width] => new TowerLayer.Linear(Width(width, "linear")),
        ["dropout", var share] when double.TryParse(share, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var p)
            && p < 1 => new TowerLayer.Dropout(p),
        ["dropout", var share] => throw new FormatException($"dropout takes a share from 0 to under 1, as in dropout:0.2, not '{share}'"),
        ["linear" or "dropout"] => throw new FormatException($"'{word}' needs a number, as in linear:128 or dropout:0.2"),
        _ => throw new FormatException($"'{word}' is no layer; there are relu, linear:N, batchnorm and dropout:P"),
    };

    private static int Width(string text, string layer) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var width) && width is >= 1 and <= WidestLayer
            ? width
            : throw new FormatException($"{layer} takes a width from 1 to {WidestLayer}, not '{text}'");
}
