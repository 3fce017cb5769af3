using TwoTower.Model.Data;
using TwoTower.Model.Evaluation;
using TwoTower.Node.Runs;
using TwoTower.Node.Settings;
using TwoTower.Node.Shell;

namespace TwoTower.Node.Commands;

/// <summary><c>twotower evaluate --run</c>: a run that has ended, judged again on its own data: beside more baselines, or, when every
/// choice has been made, on test.</summary>
internal static class EvaluateRun
{
    /// <summary>Judges the run's best model.</summary>
    /// <param name="path">The run's folder.</param>
    /// <param name="pairs">Settings evaluate.* in the place of the run's.</param>
    /// <param name="final">Whether test counts too.</param>
    /// <param name="json">Whether to print JSON.</param>
    /// <exception cref="DataException">The data is not the run's.</exception>
    public static int Run(string path, IReadOnlyList<string> pairs, bool final, bool json)
    {
        TorchSharp.torch.set_num_threads(1);
        var to = json ? TextWriter.Null : Console.Out;
        var run = EndedRun.Read(path, Change, to);
        run.Settings.CheckCutoffs(run.Data);
        var judged = JudgedData.Of(run.Settings, run.Data, new DotProductScorer(run.Embeddings), to);
        if (json)
        {
            Console.WriteLine(judged.ToJson().ToJsonString(new() { WriteIndented = true }));
        }
        else
        {
            judged.Write(Console.Out);
        }

        return ExitCode.Success;

        void Change(ResolvedSettings settings)
        {
            settings.SetJudging(pairs, "--run");
            if (final)
            {
                settings.Set("evaluate.final", "true", "--final");
            }

            settings.FitMetric();
            settings.CheckMetric();
        }
    }
}
