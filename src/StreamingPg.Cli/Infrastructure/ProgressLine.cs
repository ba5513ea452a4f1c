using StreamingPg.Core.Loading.Batches;
using StreamingPg.Core.Server;
using StreamingPg.Core.Telemetry;

namespace StreamingPg.Cli.Infrastructure;

/// <summary>One line on standard error that says how far a batch, a download or other work is, once it lasts longer than a second.</summary>
internal sealed class ProgressLine : IProgress<BatchProgress>, IProgress<DownloadProgress>, IProgress<string>, IDisposable
{
    private readonly ProgressThrottle _throttle = new(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));

    /// <summary>A progress line if somebody can see it, otherwise null.</summary>
    public static ProgressLine? ForTerminal() => Console.IsErrorRedirected ? null : new ProgressLine();

    /// <inheritdoc/>
    public void Report(BatchProgress value)
    {
        var left = value.TimeLeft(_throttle.Elapsed) is { } time ? $", {DisplayText.Duration(time)} left" : "";
        Show(value.Text(_throttle.Elapsed) + left);
    }

    /// <inheritdoc/>
    public void Report(DownloadProgress value) => Show(value.ToString());

    /// <inheritdoc/>
    public void Report(string value) => Show(value);

    /// <summary>Wipes the line.</summary>
    public void Dispose() => ErrorOutput.Wipe();

    private void Show(string line)
    {
        if (_throttle.IsDue())
        {
            ErrorOutput.ShowForNow(line);
        }
    }
}
