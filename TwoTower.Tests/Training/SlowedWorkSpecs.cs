using System.Diagnostics;
using Akka.Actor;
using Akka.TestKit.Xunit2;
using TwoTower.Actors.Work;

namespace TwoTower.Tests.Training;

public sealed class SlowedWorkSpecs() : TestKit("akka { loglevel = ERROR, stdout-loglevel = OFF, loggers = [] }")
{
    private static readonly TimeSpan s_delay = TimeSpan.FromMilliseconds(150);
    private readonly SlowedWork _work = new(s_delay);

    [Fact]
    public async Task A_gradient_is_told_when_the_delay_has_passed()
    {
        var start = Stopwatch.GetTimestamp();

        _work.Run(TestActor, WorkKind.Gradient, 1, () => "gradient");

        await ExpectMsgAsync("gradient", TimeSpan.FromSeconds(20));
        // a timer may be some milliseconds early
        Assert.InRange(Stopwatch.GetElapsedTime(start), s_delay - TimeSpan.FromMilliseconds(20), TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task One_that_fails_is_told_as_a_failure_and_an_evaluation_takes_the_time_that_it_takes()
    {
        new SlowedWork(TimeSpan.FromMinutes(10)).Run(TestActor, WorkKind.Evaluation, 1, () => "report");
        await ExpectMsgAsync("report", TimeSpan.FromSeconds(20));

        _work.Run(TestActor, WorkKind.Gradient, 1, () => throw new InvalidOperationException("broken"));
        var failure = await ExpectMsgAsync<Status.Failure>(TimeSpan.FromSeconds(20));
        Assert.Equal("broken", failure.Cause.Message);
    }
}
