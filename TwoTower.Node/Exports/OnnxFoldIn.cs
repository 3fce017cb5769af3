using TwoTower.Model.NewUsers;
using TwoTower.Model.Towers;
using Kind = Onnx.TensorProto.Types.DataType;

namespace TwoTower.Node.Exports;

/// <summary><see cref="FoldIn"/> as an ONNX graph. A step of the climb is the body of a loop, which tries all angles at once and takes the
/// first under which the value rises, as the program does one after the other. As there, scores are single precision and the logarithm of
/// their sum is double: the value then still rises where single precision would no longer show it.</summary>
internal static class OnnxFoldIn
{
    private const string Inverse = "inverse_temperature", BaseRates = "base_rates", Catalogue = "catalogue", Pull = "pull", Total = "total",
        TotalDouble = "total_double", Columns = "columns";

    /// <summary>The graph.</summary>
    /// <param name="embeddings">The model's vectors.</param>
    /// <param name="dim">Columns that are a direction.</param>
    /// <param name="fold">What it is to do as.</param>
    public static OnnxGraph Graph(TwoTowerEmbeddings embeddings, int dim, FoldIn fold)
    {
        var graph = new OnnxGraph("two-tower-new-user");
        var table = graph.Floats(OnnxExport.Items, embeddings.Items, embeddings.ItemCount, embeddings.Dim);
        graph.Longs(Columns, [1], 1);
        var directions = embeddings.Dim == dim
            ? table : graph.Node("Slice", [table, graph.Longs("from_column", [0], 1), graph.Longs("to_column", [dim], 1), Columns],
            "item_directions");
        var liked = graph.Node("Gather", [directions, graph.Input("liked", Kind.Int64, "liked")], "liked_vectors", ("axis", 0));
        var sum = graph.Node("MatMul", [graph.Input("weights", Kind.Float, 1, "liked"), liked], "liked_sum");
        var least = graph.Floats("least_norm", [EmbeddingTower.MinimumNorm], 1, 1);
        var start = sum;
        if (fold.Problem is { } problem)
        {
            // Where what they like points nowhere, the climb begins where users are to be expected.
            var nowhere = graph.Node("Less", [Norm(graph, sum, "liked_norm"), least], "nowhere");
            start = graph.Node("Where", [nowhere, graph.Floats("expected", problem.Expected, 1, dim), sum], "start");
        }

        var scale = graph.Node("Div",
            [graph.Floats("length", [(float)fold.Length], 1, 1), graph.Node("Max", [Norm(graph, start, "start_norm"), least],
            "start_divisor")], "start_scale");
        var vector = graph.Node("Mul", [start, scale], "start_vector");
        OnnxExport.Complete(graph, fold.Problem is null ? vector : Climbed(graph, fold.Problem, directions, sum, vector,
            embeddings.ItemCount, dim), dim, embeddings.Dim);
        OnnxExport.Rank(graph, OnnxExport.Vector, embeddings.ItemCount, 1);
        return graph;
    }

    /// <summary>Makes the climb's constants, and the loop.</summary>
    private static string Climbed(OnnxGraph graph, FoldInProblem problem, string directions, string sum, string start, int items, int dim)
    {
        graph.Floats(Inverse, [(float)(1 / problem.Temperature)], 1, 1);
        graph.Floats(BaseRates, problem.Logits, 1, problem.Logits.Length);
        if (problem.Items.Length == items)
        {
            graph.Node("Identity", [directions], Catalogue);
        }
        else
        {
            graph.Node("Gather",
                [directions, graph.Longs("catalogue_rows", Array.ConvertAll(problem.Items, item => (long)item), problem.Items.Length)],
                Catalogue, ("axis", 0));
        }

        graph.Node("Add", ["expected", graph.Node("Mul", [sum, Inverse], "liked_pull")], Pull);
        graph.Node("ReduceSum", ["weights", Columns], Total, ("keepdims", 1));
        graph.Cast(Total, Kind.Double, TotalDouble);
        graph.Node("Mul", [graph.Node("Add", [Total, graph.Floats("one", [1], 1, 1)], "total_and_one"),
            graph.Floats("least_slope_share", [(float)FoldInProblem.LeastSlope], 1, 1)], "least_slope");

        var angles = FoldInProblem.Angles;
        graph.Floats("cosines", [.. angles.Select(angle => (float)Math.Cos(angle))], angles.Count, 1);
        graph.Floats("sines", [.. angles.Select(angle => (float)Math.Sin(angle))], angles.Count, 1);
        graph.Longs("angles", [.. Enumerable.Range(0, angles.Count)], angles.Count, 1);
        graph.Longs("one_place", [1], 1);
        graph.Longs("no_place", [0], 1);

        var value = Value(graph, start, graph.Node("Gemm", [start, Catalogue], "start_scores", ("transB", 1)), "start_");
        string[] inputs = [graph.Longs("most_steps", [FoldInProblem.MostSteps]), graph.Truth("always", true), start, value, "no_place"];
        return graph.Nodes("Loop", inputs, ["climbed", "climbed_value", "climbed_angle"], ("body", Step(dim)))[0];
    }

    /// <summary>A step: from a vector, its value and the first angle to try, to those after it and whether to go on.</summary>
    private static OnnxGraph Step(int dim)
    {
        var body = new OnnxGraph("climb");
        body.Input("step", Kind.Int64);
        body.Input("going_on", Kind.Bool);
        var vector = body.Input("at", Kind.Float, 1, dim);
        var value = body.Input("value", Kind.Double, 1, 1);
        var first = body.Input("first_angle", Kind.Int64, 1);

        // The gradient, less what would only change the length.
        var scores = body.Node("Gemm", [vector, Catalogue], "at_scores", ("transB", 1));
        var chances = body.Node("Softmax", [Logits(body, scores, "at_")], "chances", ("axis", 1));
        var push = body.Node("Mul",
            [body.Node("MatMul", [chances, Catalogue], "mean_item"), body.Node("Mul", [Total, Inverse], "push_scale")], "push");
        var gradient = body.Node("Sub", [Pull, push], "gradient");
        var tangent = Tangent(body, vector, Tangent(body, vector, gradient, "tangent_once"), "tangent"); // twice for what rounding leaves
        var slope = Norm(body, tangent, "slope");
        var direction = body.Node("Div", [tangent, body.Node("Max", [slope, "least_norm"], "slope_divisor")], "direction");

        // Along a great circle the length stays 1, and scores are a mixture of two.
        var trials = Mixed(body, vector, direction, "trial_vectors");
        var values = Value(body, trials, Mixed(body, scores, body.Node("Gemm", [direction, Catalogue], "direction_scores", ("transB", 1)),
            "trial_scores"), "trial_");
        var rises = body.Node("And",
            [body.Node("Greater", [values, value], "is_above"), body.Node("GreaterOrEqual", ["angles", first], "is_allowed")],
            "is_above_and_allowed");
        rises = body.Cast(body.Node("And", [rises, body.Node("Greater", [slope, "least_slope"], "is_steep")], "is_better"),
            Kind.Float, "better");
        // [1]: the first of those that are better
        var best = body.Node("ArgMax", [rises], "best", ("axis", 0), ("keepdims", 0), ("select_last_index", 0));
        var some = body.Cast(body.Node("ReduceMax", [rises], "any_better", ("axes", new[] { 0, 1 }), ("keepdims", 0)),
            Kind.Bool, "goes_on");

        body.Output(some, Kind.Bool);
        body.Output(body.Node("Where", [some, body.Node("Gather", [trials, best], "best_vector", ("axis", 0)), vector], "next"),
            Kind.Float, 1, dim);
        body.Output(body.Node("Where", [some, body.Node("Gather", [values, best], "best_value", ("axis", 0)), value], "next_value"),
            Kind.Double, 1, 1);
        body.Output(body.Node("Max", [body.Node("Sub", [best, "one_place"], "one_before"), "no_place"], "next_angle"), Kind.Int64, 1);
        return body;
    }

    private static string Tangent(OnnxGraph graph, string vector, string gradient, string output) =>
        graph.Node("Sub",
            [gradient, graph.Node("Mul", [vector, graph.Node("Gemm", [vector, gradient], output + "_along", ("transB", 1))],
            output + "_outward")], output);

    /// <summary>What the climb makes greatest, [rows, 1], for vectors [rows, dim] with their scores [rows, catalogue].</summary>
    private static string Value(OnnxGraph graph, string vectors, string scores, string prefix)
    {
        var logits = Logits(graph, scores, prefix);
        var greatest = graph.Node("ReduceMax", [logits], prefix + "greatest", ("axes", new[] { 1 }), ("keepdims", 1));
        var odds = graph.Node("Exp", [graph.Node("Sub", [logits, greatest], prefix + "below")], prefix + "odds");
        var sum = graph.Cast(graph.Node("ReduceSum", [odds, Columns], prefix + "odds_sum", ("keepdims", 1)), Kind.Double,
            prefix + "odds_sum_double");
        var log = graph.Node("Add", [graph.Cast(greatest, Kind.Double, prefix + "greatest_double"),
            graph.Node("Log", [sum], prefix + "log")], prefix + "log_sum");
        var fit = graph.Cast(graph.Node("Gemm", [vectors, Pull], prefix + "fit", ("transB", 1)), Kind.Double, prefix + "fit_double");
        return graph.Node("Sub", [fit, graph.Node("Mul", [TotalDouble, log], prefix + "loss")], prefix + "value");
    }

    private static string Logits(OnnxGraph graph, string scores, string prefix) =>
        graph.Node("Add", [graph.Node("Mul", [scores, Inverse], prefix + "scaled"), BaseRates], prefix + "logits");

    /// <summary>A row for each angle.</summary>
    private static string Mixed(OnnxGraph graph, string one, string other, string output) =>
        graph.Node("Add", [graph.Node("Mul", ["cosines", one], output + "_kept"), graph.Node("Mul", ["sines", other], output + "_turned")],
            output);

    private static string Norm(OnnxGraph graph, string rows, string output) =>
        graph.Node("ReduceL2", [rows], output, ("axes", new[] { 1 }), ("keepdims", 1));
}
