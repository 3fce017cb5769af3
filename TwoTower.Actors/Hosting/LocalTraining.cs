using Akka.Actor;
using Akka.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using TwoTower.Actors.Protocol.Reports;
using TwoTower.Actors.Training;

namespace TwoTower.Actors.Hosting;

/// <summary>Runs a whole training in one process and one actor system.</summary>
public static class LocalTraining
{
    /// <summary>Trains to the end, to an early stop, or until <paramref name="stop"/> asks to finish
    /// the batches in flight and save.</summary>
    /// <param name="plan">Settings and data.</param>
    /// <param name="progress">Receives events; called from actor threads, must be quick.</param>
    /// <param name="stop">Asks for a clean stop; the outcome's reason is then <see cref="StopReason.Interrupted"/>.</param>
    /// <exception cref="TrainingException">The loss is no longer finite, an option is impossible, or all workers are lost.</exception>
    public static async Task<TrainingOutcome> RunAsync(TrainingPlan plan, IProgress<TrainingEvent>? progress = null,
        CancellationToken stop = default)
    {
        // Two workers on one thread each beat one worker on two, and a product on one thread is the same product every time.
        TorchSharp.torch.set_num_threads(1);
        var run = new TrainingRun(plan, progress);
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddSingleton<IHostLifetime, QuietLifetime>();
        builder.Services.AddAkka("twotower", akka => akka
            .AddTwoTowerDispatchers(run.Options)
            .WithActors((system, _) => system.ActorOf(Props.Create(() => new FailureListener(run.Outcome)), "failures"))
            .AddTwoTowerShards(run)
            .AddTwoTowerEvaluator(run)
            .AddTwoTowerTrainer(run)
            .AddTwoTowerWorkers(run));
        using var host = builder.Build();
        await host.StartAsync(CancellationToken.None).ConfigureAwait(false);
        try
        {
            var trainer = host.Services.GetRequiredService<ActorRegistry>().Get<TrainerActor>();
            await using var registration = stop.Register(() => trainer.Tell(TrainerActor.Stop.Instance));
            return await run.Outcome.Task.ConfigureAwait(false);
        }
        finally
        {
            await host.StopAsync(CancellationToken.None).ConfigureAwait(false);
        }
    }

    /// <summary>Leaves signals to the program: the host must not end the process by itself.</summary>
    private sealed class QuietLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
