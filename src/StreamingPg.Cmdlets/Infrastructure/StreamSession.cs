using StreamingPg.Core.Connections;
using StreamingPg.Core.Model;
using StreamingPg.Core.Streaming;
using StreamingPg.Core.Telemetry;

namespace StreamingPg.Cmdlets.Infrastructure;

/// <summary>Runs a stream and writes what it does, be it in the pipeline or in a job.</summary>
internal sealed class StreamSession(DatabaseConnection connection, StreamModel model, StreamOptions options, string? logPath)
{
    private StreamRunner? _runner;

    /// <summary>What the stream has done; null before it began.</summary>
    public StreamSummary? Summary => _runner?.Summary;

    /// <summary>Runs the stream to its end, which a summary follows.</summary>
    public async Task RunAsync(IStreamOutput output, CancellationToken stop)
    {
        using var events = new EventWriter(output, logPath);
        await using var export = OtlpExport.Start(output.Warning);
        var progress = new StreamProgressReporter(output.Progress, $"Streaming into {connection}");
        _runner = new StreamRunner(connection, model, options, events, progress);
        try
        {
            await foreach (var result in _runner.RunAsync(stop).ConfigureAwait(false))
            {
                output.Write(result);
            }
        }
        finally
        {
            progress.Complete();
            output.Information(_runner.Summary);
        }
    }
}
