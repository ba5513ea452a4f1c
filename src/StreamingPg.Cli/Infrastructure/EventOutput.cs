using StreamingPg.Core.Telemetry;

namespace StreamingPg.Cli.Infrastructure;

/// <summary>Shows warnings on standard error and hands every event to the log, if there is one.</summary>
internal sealed class EventOutput(EventLog? log) : IProgress<BatchEvent>, IDisposable
{
    /// <summary>Writes a warning.</summary>
    public static void Warn(string text) => ErrorOutput.WriteLine($"streamingpg: warning: {DisplayText.Plain(text)}");

    /// <inheritdoc/>
    public void Report(BatchEvent value)
    {
        if (value.IsWarning)
        {
            Warn(value.Text);
        }

        log?.Report(value);
    }

    /// <inheritdoc/>
    public void Dispose() => log?.Dispose();
}
