using TwoTower.Node.Diagnosis;
using TwoTower.Node.Diagnosis.Checks;
using Xunit.Abstractions;

namespace TwoTower.Tests.Diagnosis;

[Collection(HealthyRun.Collection)]
public sealed class HealthyRunSpecs(HealthyRun healthy, ITestOutputHelper output)
{
    [Fact]
    public void Every_check_looks_at_a_healthy_run_and_is_silent()
    {
        var result = Examination.Of(healthy.Subject, CheckCatalogue.All);

        using var text = new StringWriter();
        DiagnosisText.Write(text, result);
        output.WriteLine(text.ToString());
        Assert.Empty(result.Findings);
        Assert.Empty(result.NotLooked);
        Assert.Equal(CheckCatalogue.All.Count, result.Silent.Count);
    }

    [Fact]
    public void Checks_have_names_and_questions_of_their_own()
    {
        Assert.Equal(CheckCatalogue.All.Count, CheckCatalogue.All.Select(check => check.Name).Distinct(StringComparer.Ordinal).Count());
        Assert.All(CheckCatalogue.All, check => Assert.EndsWith("?", check.Question, StringComparison.Ordinal));
    }
}
