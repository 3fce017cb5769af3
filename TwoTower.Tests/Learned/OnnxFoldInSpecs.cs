using System.Numerics.Tensors;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using TwoTower.Model;
using TwoTower.Model.Data;
using TwoTower.Model.Evaluation;
using TwoTower.Model.NewUsers;
using TwoTower.Model.Options;
using TwoTower.Model.Sampling;
using TwoTower.Model.Towers;
using TwoTower.Node.Exports;

namespace TwoTower.Tests.Learned;

/// <summary>An exported model folds new users in as the program does.</summary>
[Collection(LearnedRun.Collection)]
public sealed class OnnxFoldInSpecs(LearnedRun run)
{
    private const int Users = 30, Dim = 6;
    private const double Temperature = 0.4;

    [Theory]
    [InlineData(200, true, 0, false)]
    [InlineData(200, true, 0, true)]
    [InlineData(200, true, 1, true)]
    [InlineData(200, false, 0, false)]
    [InlineData(200, false, 0.8, true)]
    [InlineData(17_000, true, 1, true)] // more than are held against what is liked
    public void A_new_user_gets_the_vector_the_value_and_the_best_items_that_folding_in_gives(int items, bool normalise,
        double prior, bool bias)
    {
        var random = new SeededRandom(3);
        var embeddings = Embeddings(random, items, normalise, bias);
        var log = Enumerable.Range(0, items).SelectMany(item => Enumerable.Range(0, 1 + (item * 7 % 5))
            .Select(n => (User: ((item * 3) + (n * 11)) % Users, Item: item))).ToArray();
        var set = new TrainingSet(Users, items, new InteractionLog([.. log.Select(positive => positive.User)],
            [.. log.Select(positive => positive.Item)], new long[log.Length]));
        var fold = new FoldIn(embeddings, new ModelOptions { Dim = Dim, Normalise = normalise, PriorStrength = prior }, Temperature, set);
        using var session = new InferenceSession(OnnxFoldIn.Graph(embeddings, Dim, fold).ToModel().ToByteArray());

        for (var user = 0; user < 12; user++)
        {
            var liked = Enumerable.Range(0, 1 + (user * user / 2)).Select(_ => random.NextInt(items)).ToArray();
            var weights = Array.ConvertAll(liked, _ => (float)(user % 3 == 0 ? 1 : Math.Pow(random.NextDouble(), 4) * 3));
            var expected = fold.VectorOf(liked, weights);
            var (vector, best, _, all) = Run(session, liked, weights, 10);

            Assert.All(expected.Zip(vector), pair => Assert.Equal(pair.First, pair.Second, 2e-3f)); // as near as the climb ends
            Assert.Equal(Value(fold, embeddings, expected, liked, weights), Value(fold, embeddings, vector, liked, weights),
                1e-5 * (1 + weights.Sum()));
            var scores = new float[items];
            new DotProductScorer(new TwoTowerEmbeddings(expected, embeddings.Items, embeddings.Dim)).Score([0], scores);
            Assert.All(scores.Zip(all), pair => Assert.Equal(pair.First, pair.Second, 5e-3f));
            Assert.Equal(Enumerable.Range(0, items).OrderByDescending(item => scores[item]).Take(10).Select(item => (long)item), best);
        }
    }

    [Fact]
    public void Somebody_of_whom_nothing_is_known_is_whom_to_expect()
    {
        var embeddings = Embeddings(new SeededRandom(5), 50, normalise: true, bias: false);
        var set = new TrainingSet(Users, 50, new InteractionLog([.. Enumerable.Range(0, Users)], [.. Enumerable.Range(0, Users)],
            new long[Users]));
        var fold = new FoldIn(embeddings, new ModelOptions { Dim = Dim }, Temperature, set);
        using var session = new InferenceSession(OnnxFoldIn.Graph(embeddings, Dim, fold).ToModel().ToByteArray());
        var mean = fold.Problem!.Expected;
        TensorPrimitives.Multiply(mean, 1 / TensorPrimitives.Norm<float>(mean), mean);

        Assert.All(new[] { Run(session, [], [], 3), Run(session, [4, 7], [0, 0], 3) },
            result => Assert.All(mean.Zip(result.Vector), pair => Assert.Equal(pair.First, pair.Second, 1e-5f)));
    }

    [Fact]
    public void The_exported_file_recommends_what_the_program_recommends_to_whoever_likes_the_same()
    {
        var folder = Directory.CreateTempSubdirectory("twotower-");
        try
        {
            Assert.Contains("new_user.onnx", ExportFormat.All.Single(format => format.Name == "onnx").Write(run.Model, folder.FullName));
            using var session = new InferenceSession(Path.Combine(folder.FullName, "new_user.onnx"));
            foreach (var likes in new string[][] { ["2", "6", "10"], ["3"], ["5", "9", "13", "17", "4"] })
            {
                var rows = likes.Select(id => run.Model.Run.Data.Items.TryGetIndex(id, out var row)
                    ? row : throw new InvalidOperationException(id)).ToArray();
                var (_, best, scores, _) = Run(session, rows, [.. likes.Select(_ => 1f)], LearnedRun.Items);
                var shown = run.Model.RecommendTo(likes, 1000, explain: false).Items;
                var unseen = best.Zip(scores).Where(pair => !rows.Contains((int)pair.First)).ToArray();
                Assert.Equal(shown.Take(20).Select(item => item.Item.Id), unseen.Take(20)
                    .Select(pair => run.Model.Run.Data.Items.RawIds[(int)pair.First]));
                Assert.All(shown.Zip(unseen), pair => Assert.Equal(pair.First.Score, pair.Second.Second, 2e-3));
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>What the vector is to make greatest, in double precision.</summary>
    private static double Value(FoldIn fold, TwoTowerEmbeddings embeddings, float[] user, int[] liked, float[] weights)
    {
        double Product(ReadOnlySpan<float> one, int item)
        {
            var sum = 0.0;
            for (var column = 0; column < Dim; column++)
            {
                sum += (double)one[column] * embeddings.Items[(item * embeddings.Dim) + column];
            }

            return sum;
        }

        if (fold.Problem is not { } problem)
        {
            return liked.Zip(weights, (item, weight) => weight * Product(user, item)).Sum();
        }

        var all = Math.Log(problem.Items.Zip(problem.Logits, (item, logit) => Math.Exp(logit + (Product(user, item) / Temperature))).Sum());
        return problem.Expected.Zip(user, (one, other) => (double)one * other)
            .Sum() + liked.Zip(weights, (item, weight) => weight * ((Product(user, item) / Temperature) - all)).Sum();
    }

    private static (float[] Vector, long[] Items, float[] Scores, float[] All) Run(InferenceSession session, int[] liked,
        float[] weights, int k)
    {
        using var results = session.Run(
        [
            NamedOnnxValue.CreateFromTensor("liked", new DenseTensor<long>(Array.ConvertAll(liked, row => (long)row), [liked.Length])),
            NamedOnnxValue.CreateFromTensor("weights", new DenseTensor<float>(weights, [1, weights.Length])),
            NamedOnnxValue.CreateFromTensor("k", new DenseTensor<long>(new long[] { k }, [1])),
        ]);
        float[] Floats(string name) => [.. results.Single(output => output.Name == name).AsTensor<float>()];
        return (Floats("vector"), [.. results.Single(output => output.Name == "items").AsTensor<long>()], Floats("scores"),
            Floats("all_scores"));
    }

    /// <summary>Users around a few tastes, and items of length 1, or both of any length.</summary>
    private static TwoTowerEmbeddings Embeddings(SeededRandom random, int items, bool normalise, bool bias)
    {
        var columns = Dim + (bias ? 1 : 0);
        float[] Rows(int rows, Func<int, int, double> mean, Func<double> last)
        {
            var values = new float[rows * columns];
            for (var row = 0; row < rows; row++)
            {
                var vector = values.AsSpan(row * columns, Dim);
                for (var column = 0; column < Dim; column++)
                {
                    vector[column] = (float)(mean(row, column) + random.NextGaussian());
                }

                if (normalise)
                {
                    TensorPrimitives.Multiply(vector, 1 / TensorPrimitives.Norm<float>(vector), vector);
                }

                values.AsSpan((row * columns) + Dim, columns - Dim).Fill((float)last());
            }

            return values;
        }

        return new TwoTowerEmbeddings(Rows(Users, (row, column) => column == row % 3 ? 1.5 : 0.3, () => 1),
            Rows(items, (_, _) => 0.2, () => 0.3 * random.NextGaussian()), columns);
    }
}
