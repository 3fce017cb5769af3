using Microsoft.Extensions.Hosting;

namespace TwoTower.Node.Runs;

/// <summary>In the place of the lifetime by which a web server would take Ctrl-C and SIGTERM for itself: they are the program's to answer (<see cref="StopSignals"/>).</summary>
internal sealed class LeavesSignals : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
