using System.Management.Automation;
using StreamingPg.Cmdlets.Infrastructure;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Generation.Rules;
using StreamingPg.Core.Loading;
using StreamingPg.Core.Model;
using StreamingPg.Core.Streaming;

namespace StreamingPg.Cmdlets.Commands;

/// <content>Runs batch after batch, here or in a job.</content>
public sealed partial class InvokeStreamingBatchCommand
{
    private StreamOptions StreamOptionsOf(StreamModel model, BatchOptions batch) => new StreamOptions
    {
        Batch = batch,
        Interval = Interval,
        BatchesPerSecond = BatchesPerSecond,
        RowsPerSecond = RowsPerSecond,
        Arrival = Arrival,
        CatchUp = CatchUp,
        MaxBatches = MaxBatches,
        MaxRows = MaxRows,
        Duration = Duration,
        Until = Until,
        Retention = Retention,
        Force = Force,
    }.For(model);

    private void Stream(StreamSession session)
    {
        try
        {
            Run(session.RunAsync);
        }
        finally
        {
            if (Stopping)
            {
                // A stopped pipeline takes nothing any more; the person who stopped it still wants to know.
                Host.UI.WriteLine($"{session.Summary}");
            }
        }
    }

    private void StartJob(DatabaseConnection connection, StreamModel model, StreamOptions options)
    {
        if (OwnGenerators.UsedBy(model).FirstOrDefault(generator => generator is ScriptGenerator) is { } script)
        {
            throw new StreamingException(
                ErrorIds.GeneratorInvalid,
                StreamingErrorKind.InvalidInput,
                $"The generator \"{script.Name}\" cannot be used: it is a script block, which runs in a pipeline, and -AsJob has none.",
                "Use Start-ThreadJob { Invoke-StreamingBatch -Continuous ... } instead of -AsJob.",
                script.Name);
        }

        var job = new StreamJob(MyInvocation.Line.Trim(), connection, new StreamSession(connection, model, options, LogFile));
        job.Name = JobName ?? job.Name;
        JobRepository.Add(job);
        job.Start();
        WriteObject(job);
    }
}
