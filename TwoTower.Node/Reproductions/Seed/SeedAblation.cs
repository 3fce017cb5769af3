using TwoTower.Node.Ablations;
using TwoTower.Node.Settings;

namespace TwoTower.Node.Reproductions.Seed;

/// <summary>The way from the set-up that loses to popularity to the recommended recipe, and what stands left and right
/// of it; each row is one change.</summary>
/// <remarks>Every row has one worker, so that its result is the same to the bit wherever threads run, and is evaluated once, after its last
/// epoch: no epoch is chosen by the users that it is judged on. The row "snapshot" needs snapshots on the way,
/// and has the best of its epochs.</remarks>
internal static class SeedAblation
{
    /// <summary>All rows.</summary>
    public static IReadOnlyList<AblationRow> Rows { get; } =
    [
        new("seed", null, "BPR, one uniform negative, Adagrad 0.05, unit vectors, 10 epochs", []) { Recipe = "seed-bpr" },
        Row("unseen", "seed", "negatives are items that the user has not liked", "loss.sampling=unseen"),
        Row("negatives-4", "unseen", "4 negatives", "loss.negatives=4"),
        Row("negatives-10", "unseen", "10 negatives", "loss.negatives=10"),
        Row("hard", "unseen", "hard negatives: the best scored of 5 drawn", "loss.sampling=dynamic"),
        Row("snapshot", "unseen", "hard negatives: among the 1000 that the last snapshot ranks best; the best of its epochs",
            "loss.sampling=ranked", "loss.rankingDepth=1000", "evaluate.everyEpochs=1"),
        Row("popular", "unseen", "negatives drawn by popularity^0.75", "loss.sampling=popularity"),
        Row("bpr-t0.2", "unseen", "scores divided by 0.2 in BPR", "loss.temperature=0.2"),
        Row("adagrad-0.2", "unseen", "Adagrad 0.2 instead of 0.05", "optimizer.learningRate=0.2"),
        Row("adam", "unseen", "Adam 0.001 instead of Adagrad", "optimizer.kind=adam", "optimizer.learningRate=0.001"),
        Row("adam-0.005", "adam", "Adam 0.005", "optimizer.learningRate=0.005"),
        Row("cosine", "adam-0.005", "cosine schedule", "optimizer.schedule=cosine"),
        Row("bpr-decay", "adam", "weight decay 0.00001", "optimizer.weightDecay=0.00001"),
        Row("epochs-6", "cosine", "6 epochs instead of 10", "train.epochs=6"),

        Row("softmax-raw", "epochs-6", "in-batch softmax, no log q, T = 1", "loss.kind=softmax", "loss.logQ=0"),
        Row("raw-t0.5", "softmax-raw", "T = 0.5, no log q", "loss.temperature=0.5"),
        Row("raw-t0.2", "softmax-raw", "T = 0.2, no log q", "loss.temperature=0.2"),
        Row("raw-t0.1", "softmax-raw", "T = 0.1, no log q", "loss.temperature=0.1"),
        Row("raw-t0.05", "softmax-raw", "T = 0.05, no log q", "loss.temperature=0.05"),
        Row("logq-0.5", "raw-t0.2", "log q at strength 0.5", "loss.logQ=0.5"),
        Row("logq-0.7", "raw-t0.2", "log q at strength 0.7", "loss.logQ=0.7"),
        Row("softmax", "raw-t0.2", "log q at full strength", "loss.logQ=1"),
        Row("t1", "softmax", "T = 1", "loss.temperature=1"),
        Row("t0.5", "softmax", "T = 0.5", "loss.temperature=0.5"),
        Row("t0.1", "softmax", "T = 0.1", "loss.temperature=0.1"),
        Row("t0.05", "softmax", "T = 0.05", "loss.temperature=0.05"),

        Row("lr-0.0005", "softmax", "Adam 0.0005", "optimizer.learningRate=0.0005"),
        Row("lr-0.001", "softmax", "Adam 0.001", "optimizer.learningRate=0.001"),
        Row("lr-0.002", "softmax", "Adam 0.002", "optimizer.learningRate=0.002"),
        Row("lr-0.01", "softmax", "Adam 0.01", "optimizer.learningRate=0.01"),
        Row("softmax-adagrad", "softmax", "Adagrad 0.05 instead of Adam", "optimizer.kind=adagrad", "optimizer.learningRate=0.05"),
        Row("batch-512", "softmax", "batches of 512", "train.batchSize=512"),
        Row("batch-2048", "softmax", "batches of 2048", "train.batchSize=2048"),
        Row("batch-4096", "softmax", "batches of 4096", "train.batchSize=4096"),
        Row("dim-64", "softmax", "64 columns", "model.dim=64"),
        Row("dim-256", "softmax", "256 columns", "model.dim=256"),
        Row("mlp", "softmax", "the consultation's MLP towers", $"model.userTower={Mlp}", $"model.itemTower={Mlp}"),
        Row("known", "softmax", "a user's other positives may be negatives", "loss.maskKnownPositives=false"),
        Row("duplicates", "known", "an item may be a negative of itself", "loss.maskDuplicates=false"),
        Row("decay", "softmax", "weight decay 0.00001", "optimizer.weightDecay=0.00001"),
        Row("smoothing", "softmax", "label smoothing 0.1", "loss.labelSmoothing=0.1"),
        Row("hardest", "softmax", "the 100 hardest negatives of a batch", "loss.hardNegatives=100"),
        Row("mixed", "softmax", "512 uniform items added to every batch", "loss.mixedNegatives=512"),
        Row("recency-10", "softmax", "examples' weights halve in 10 days", "loss.recencyHalfLife=10d"),
        Row("recency-20", "softmax", "examples' weights halve in 20 days", "loss.recencyHalfLife=20d"),
        Row("recency-60", "softmax", "examples' weights halve in 60 days", "loss.recencyHalfLife=60d"),
        Row("prior", "recency-20", "log of 8 days' popularity as a fixed term of the logits", "model.priorStrength=1",
            "model.priorWindow=8d", "model.priorSteps=1"),
        Row("prior-t0.8", "prior", "T = 0.8", "loss.temperature=0.8"),
        Row("prior-logq-0.4", "prior-t0.8", "log q at strength 0.4", "loss.logQ=0.4"),
        Row("prior-own-time", "prior-logq-0.4", "the prior of each example's own time, no recency weights", "model.priorSteps=64",
            "loss.recencyHalfLife=off"),
        Row("prior-by-events", "prior-own-time", "it counts the last 8 % of train instead of 8 days", "model.priorWindow=8%"),
        Row("prior-returning", "prior-by-events", "all-time popularity counts in it as fits users who return", "model.priorFit=returning"),

        Row("reference-raw", "seed", "the reference's in-batch softmax: T = 0.1, no log q, Adam 0.001, 8 epochs", "loss.kind=softmax",
            "loss.temperature=0.1", "loss.logQ=0", "loss.maskKnownPositives=false", "optimizer.kind=adam", "optimizer.learningRate=0.001",
            "train.epochs=8"),
        Row("reference-logq", "reference-raw", "the same with log q", "loss.logQ=1"),

        new("recommended", null, "the recommended recipe", []) { Recipe = "recommended" },
        Row("without-prior", "recommended", "no prior", "model.priorStrength=0"),
        Row("prior-alone", "recommended", "nothing is learned: vectors stay at random, and the prior ranks", "optimizer.learningRate=1E-12",
            "model.initStd=1", "loss.temperature=100"),
        Row("recent-prior", "recommended", "a prior of recent popularity alone", "model.priorFit=off"),
        Row("everybody-prior", "recommended", "the prior's weights fitted to everybody, not to who returns", "model.priorFit=all"),
        Row("one-prior", "recommended", "the prior of the end for all examples", "model.priorSteps=1"),
        Row("all-time-prior", "recommended", "a prior of all-time popularity alone", "model.priorWindow=all", "model.priorFit=off"),
        Row("with-recency", "recommended", "examples' weights halve in a third of train", "loss.recencyHalfLife=33%"),
        Row("without-logq", "recommended", "no log q", "loss.logQ=0"),
        Row("full-logq", "recommended", "log q at full strength instead of 0.75", "loss.logQ=1"),
        Row("without-t", "recommended", "T = 0.2", "loss.temperature=0.2"),
        Row("without-rate", "recommended", "Adam 0.001", "optimizer.learningRate=0.001"),
        Row("without-softmax", "recommended", "BPR with 4 unseen negatives", "loss.kind=bpr", "loss.sampling=unseen", "loss.negatives=4"),
        Row("recommended-dim-64", "recommended", "64 columns", "model.dim=64"),
        new("one-window", null, "the recipe that was chosen on one window", []) { Recipe = "one-window" },
        Row("recommended-mlp", "recommended", "the consultation's MLP towers", $"model.userTower={Mlp}", $"model.itemTower={Mlp}"),
    ];

    /// <summary>Names of the rows of the small experiment.</summary>
    public static IReadOnlyList<string> Small { get; } = ["seed", "raw-t0.2", "softmax", "recommended"];

    private const string Mlp = "relu,linear:128,batchnorm,dropout:0.2,relu,linear:128";

    private static AblationRow Row(string name, string origin, string change, params string[] settings) =>
        new(name, origin, change, [.. settings.Select(SettingCatalogue.Pair)]);
}
