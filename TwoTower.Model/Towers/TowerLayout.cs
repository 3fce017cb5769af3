using TwoTower.Model.Data;
using TwoTower.Model.Options;

namespace TwoTower.Model.Towers;

/// <summary>Where the parameters of one tower stand in its table. First come the entities (users or items), a row each, then the values of
/// side features, a row each, then the items' second vectors for being in users' histories, when they have any, a row each, then the
/// layers' weights, cut into rows, perhaps a temperature, and last what is measured and not learned. So a tower of any kind is a table, and
/// whatever holds, moves and keeps rows holds, moves and keeps towers.</summary>
internal sealed class TowerLayout
{
    /// <summary>How far a running statistic moves to the batch's (torch's default momentum of batch norm).</summary>
    public const float StatisticRate = 0.1f;

    private readonly ModelOptions _model;
    private readonly int _table;
    private readonly long _seed;
    private readonly int[] _featureStart;
    private readonly EntityFeature[] _features;
    private readonly double? _temperature;

    /// <summary>The layout of one table.</summary>
    /// <param name="model">The model.</param>
    /// <param name="table">0 for users, 1 for items.</param>
    /// <param name="entities">Users or items.</param>
    /// <param name="features">Their features, or null.</param>
    /// <param name="seed">The run's seed.</param>
    /// <param name="temperature">What a temperature that is learned begins with; null when none is.</param>
    /// <exception cref="ArgumentException">The tower's output is not as wide as the model's vectors;
    /// the message is one sentence.</exception>
    public TowerLayout(ModelOptions model, int table, int entities, SideFeatures? features, long seed, double? temperature = null)
    {
        (_model, _table, _seed) = (model, table, seed);
        Spec = table == 0 ? model.UserTower : model.ItemTower;
        Width = table == 0 ? model.UserWidth : model.ItemWidth;
        Entities = entities;
        Fields = features?.Fields.Count ?? 0;
        FeatureRows = features?.ValueCount ?? 0;
        HistoryRows = table == 1 && model.UserTower.Input != UserInput.Id && model.History.SeparateTable ? entities : 0;
        if (Refusal(model, table, Fields) is { } refusal)
        {
            throw new ArgumentException(refusal, nameof(model));
        }

        (_featureStart, _features) = FeaturesByEntity(entities, features, EntityRows);
        var blocks = new List<WeightBlock>();
        var afterLayers = AddBlocks(blocks, FirstWeightRow, statistics: false);
        (_temperature, TemperatureRow) = (temperature, temperature is null ? null : afterLayers);
        FirstStatisticRow = afterLayers + (temperature is null ? 0 : 1);
        Rows = AddBlocks(blocks, FirstStatisticRow, statistics: true);
        Blocks = blocks;
    }

    /// <summary>The layers.</summary>
    public TowerSpec Spec { get; }

    /// <summary>Columns of the vectors.</summary>
    public int Dim => _model.Dim;

    /// <summary>Floats per row.</summary>
    public int Width { get; }

    /// <summary>Users or items.</summary>
    public int Entities { get; }

    /// <summary>Rows of entities, the first of the table: one each, or none where users are their histories alone.</summary>
    public int EntityRows => Spec.Input == UserInput.History ? 0 : Entities;

    /// <summary>Feature values: the rows after them.</summary>
    public int FeatureRows { get; }

    /// <summary>Second vectors of items, for being in a history: the rows after the features; 0 where
    /// the first one serves for both.</summary>
    public int HistoryRows { get; }

    /// <summary>Feature fields.</summary>
    public int Fields { get; }

    /// <summary>Columns that the first layer gets.</summary>
    public int InputWidth => InputWidthOf(_model, Fields);

    /// <summary>Whether features stand beside the embedding instead of being added to it.</summary>
    public bool Concatenates => Fields > 0 && _model.FeatureCombine == FeatureCombine.Concat;

    /// <summary>Matrices and vectors of the layers, in row order.</summary>
    public IReadOnlyList<WeightBlock> Blocks { get; }

    /// <summary>The first row of weights.</summary>
    public int FirstWeightRow => EntityRows + FeatureRows + HistoryRows;

    /// <summary>The row whose first float is the logarithm of 1 over a temperature that is learned; null when none is. It
    /// stands behind the layers' weights.</summary>
    public int? TemperatureRow { get; }

    /// <summary>The first row that is measured and not learned.</summary>
    public int FirstStatisticRow { get; }

    /// <summary>Rows of the table.</summary>
    public int Rows { get; }

    /// <summary>Rows that are no entity's.</summary>
    public int RowsBesidesEntities => Rows - EntityRows;

    /// <summary>Rows that are measured and not learned; they are the last of every batch.</summary>
    public int StatisticRows => Rows - FirstStatisticRow;

    /// <summary>Whether the vector is the embedding itself.</summary>
    public bool IsPlain => Spec.Layers.Count == 0 && Fields == 0;

    /// <summary>Seed of what is drawn for this tower.</summary>
    internal long Seed => _seed;

    /// <summary>0 for users, 1 for items.</summary>
    internal int Table => _table;

    /// <summary>Why a tower does not fit the model, as one sentence; null when it does.</summary>
    /// <param name="model">The model.</param>
    /// <param name="table">0 for users, 1 for items.</param>
    /// <param name="fields">Feature fields.</param>
    public static string? Refusal(ModelOptions model, int table, int fields)
    {
        var spec = table == 0 ? model.UserTower : model.ItemTower;
        if (table == 1 && spec.Input != UserInput.Id)
        {
            return "model.itemTower cannot be a history, which only users have; take none, or layers.";
        }

        var (key, width) = (table == 0 ? "model.userTower" : "model.itemTower", spec.OutputWidth(InputWidthOf(model, fields)));
        return width == model.Dim ? null
            : spec.Layers.OfType<TowerLayer.Linear>().Any()
            ? $"{key} ends with {width} columns, but model.dim is {model.Dim}; make its last linear layer {model.Dim} wide."
            : $"With model.featureCombine concat the input of {key} has {width} columns and model.dim is {model.Dim}; give it a "
                + $"linear:{model.Dim} at its end, or take sum.";
    }

    /// <summary>The features of an entity. The weights of one field add up to 1, so that a film of six genres has no larger
    /// vector than one of a single genre.</summary>
    public ReadOnlySpan<EntityFeature> FeaturesOf(int entity) => Fields == 0
        ? [] : _features.AsSpan(_featureStart[entity], _featureStart[entity + 1] - _featureStart[entity]);

    /// <summary>The row by which an item counts in a history.</summary>
    public int HistoryRowOf(int item) => HistoryRows == 0 ? item : EntityRows + FeatureRows + item;

    /// <summary>What a row of the table is.</summary>
    public RowKind KindOf(int row) =>
        row >= FirstStatisticRow ? RowKind.Statistic
        : row == TemperatureRow ? RowKind.Temperature
        : row >= FirstWeightRow ? Blocks.Last(block => block.FirstRow <= row).Kind == WeightKind.Matrix ? RowKind.Weight : RowKind.Offset
        : row >= EntityRows && row < EntityRows + FeatureRows ? RowKind.Feature
        : RowKind.Embedding;

    /// <summary>How often every row is accessed in an epoch, for partitioners and popularity.</summary>
    /// <param name="entityCounts">Train positives of every entity.</param>
    /// <param name="batches">Batches of an epoch: each needs all weights, and a feature, or an item of histories, at most once.</param>
    /// <param name="inHistories">In how many examples' histories every entity is, or null.</param>
    public int[] Frequencies(int[] entityCounts, long batches, int[]? inHistories = null)
    {
        var all = (int)Math.Min(batches, int.MaxValue);
        var histories = inHistories is null ? [] : Array.ConvertAll(inHistories, count => Math.Min(count, all));
        int[] entities = EntityRows == 0 ? [] : HistoryRows > 0 || inHistories is null
            ? entityCounts : [.. entityCounts.Zip(histories, (scored, other) => scored + other)];
        if (RowsBesidesEntities == 0)
        {
            return entities;
        }

        var sums = new long[FeatureRows];
        for (var entity = 0; entity < Entities; entity++)
        {
            foreach (var feature in FeaturesOf(entity))
            {
                sums[feature.Row - EntityRows] += entityCounts[entity];
            }
        }

        return [.. entities, .. sums.Select(sum => (int)Math.Min(sum, all)), .. HistoryRows > 0 ? histories : [],
            .. Enumerable.Repeat(all, Rows - FirstWeightRow)];
    }

    /// <summary>The temperature in a whole table, or null where none is learned.</summary>
    /// <param name="values">[rows, width].</param>
    public double? TemperatureIn(ReadOnlySpan<float> values) => TemperatureRow is { } row
        ? LearnedTemperature.FromParameter(values[row * Width]) : null;

    /// <summary>Fills one row with its initial values: embeddings of entities and features as <see cref="EmbeddingTower.Initialise"/> does;
    /// matrices and biases uniform in ±1/√(fan-in), which is what torch.nn.Linear begins with (He et al. 2015, section 2.2, with its a =
    /// √5); batch norm's scale and variance 1, shift and mean 0. A pure function of seed, table and row.</summary>
    /// <param name="row">[<see cref="Width"/>], overwritten.</param>
    /// <param name="index">The row's index in the whole table.</param>
    public void Initialise(Span<float> row, int index)
    {
        if (index < FirstWeightRow)
        {
            EmbeddingTower.Initialise(row, _model, _seed, _table, index);
            return;
        }

        if (index == TemperatureRow)
        {
            row.Clear();
            row[0] = LearnedTemperature.ToParameter(_temperature!.Value);
            return;
        }

        var block = Blocks.Last(block => block.FirstRow <= index);
        var used = row[..Math.Min(Width, block.Length - ((index - block.FirstRow) * Width))];
        row.Clear();
        if (block.Kind is WeightKind.Scale or WeightKind.Variance)
        {
            used.Fill(1f);
        }
        else if (block.Kind is WeightKind.Matrix or WeightKind.Bias)
        {
            var random = new SeededRandom(_seed, 1000 + _table, index);
            var bound = 1.0 / Math.Sqrt(block.FanIn);
            for (var n = 0; n < used.Length; n++)
            {
                used[n] = (float)(bound * ((2.0 * random.NextDouble()) - 1.0));
            }
        }
    }

    private static int InputWidthOf(ModelOptions model, int fields) =>
        model.Dim * (1 + (model.FeatureCombine == FeatureCombine.Concat ? fields : 0));

    private static (int[] Start, EntityFeature[] Features) FeaturesByEntity(int entities, SideFeatures? features, int firstRow)
    {
        if (features is null)
        {
            return ([], []);
        }

        var start = new int[entities + 1];
        var all = new List<EntityFeature>();
        for (var entity = 0; entity < entities; entity++)
        {
            var first = firstRow;
            for (var field = 0; field < features.Fields.Count; field++)
            {
                var values = features.Fields[field].ValuesOf[entity];
                foreach (var value in values)
                {
                    all.Add(new EntityFeature(first + value, field, 1f / values.Length));
                }

                first += features.Fields[field].Values.Count;
            }

            start[entity + 1] = all.Count;
        }

        return (start, [.. all]);
    }

    /// <summary>Adds the blocks of all layers that are, or are not, statistics; returns the row after them.</summary>
    private int AddBlocks(List<WeightBlock> blocks, int row, bool statistics)
    {
        var width = InputWidth;
        for (var layer = 0; layer < Spec.Layers.Count; layer++)
        {
            switch (Spec.Layers[layer])
            {
                case TowerLayer.Linear linear:
                    if (!statistics)
                    {
                        Add(WeightKind.Matrix, layer, linear.Width * width, width);
                        Add(WeightKind.Bias, layer, linear.Width, width);
                    }

                    width = linear.Width;
                    break;
                case TowerLayer.BatchNorm:
                    Add(statistics ? WeightKind.Mean : WeightKind.Scale, layer, width, 0);
                    Add(statistics ? WeightKind.Variance : WeightKind.Shift, layer, width, 0);
                    break;
            }
        }

        return row;

        void Add(WeightKind kind, int layer, int length, int fanIn)
        {
            var rows = (length + Width - 1) / Width;
            blocks.Add(new WeightBlock(kind, layer, row, rows, length, fanIn));
            row += rows;
        }
    }
}

/// <summary>One feature of one entity.</summary>
/// <param name="Row">The row of its value in the table.</param>
/// <param name="Field">Which field it is of.</param>
/// <param name="Weight">Its share of the field.</param>
internal readonly record struct EntityFeature(int Row, int Field, float Weight);
