using System.CommandLine;
using StreamingPg.Cli.Infrastructure;
using StreamingPg.Core.Retention;

namespace StreamingPg.Cli.Commands;

/// <summary>Closes an unfinished batch.</summary>
internal static class CloseCommand
{
    private static readonly Option<Guid> BatchId = new("--batch-id") { Description = "Id of the batch in the ledger", HelpName = "uuid", Required = true };

    private static readonly Option<ClosedRows> Rows = new("--rows") { Description = "Keep or remove the rows that were loaded" };

    public static Command Create()
    {
        var command = new StreamingCommand(
            "close",
            "Closes an unfinished batch that nobody will resume. Its rows are kept, or removed unless other rows refer to them.",
            "close --batch-id 3f0e7c1e-0000-4000-8000-000000000000",
            "close --batch-id 3f0e7c1e-0000-4000-8000-000000000000 --rows Remove --what-if")
        {
            CommitsWork = true,
        };
        command.AddOptions(BatchId, Rows, SharedOptions.WhatIf);
        DatabaseOptions.AddTo(command, ConnectionPurpose.Close);
        command.Run(async (parsed, output, cancellationToken) =>
        {
            var model = DatabaseOptions.ReadModel(parsed);
            var (batch, rows) = (parsed.GetValue(BatchId), parsed.GetValue(Rows));
            await using var connection = DatabaseOptions.Connect(parsed);
            var closed = parsed.GetValue(SharedOptions.WhatIf)
                ? await BatchCloser.PlanAsync(connection, model, batch, rows, cancellationToken).ConfigureAwait(false)
                : await BatchCloser.CloseAsync(connection, model, batch, rows, cancellationToken).ConfigureAwait(false);
            output.Write(
                closed,
                (closed.PlanOnly ? "would close" : "closed", $"batch {closed.BatchNumber} ({closed.BatchId})"),
                ("loaded", $"{closed.ChunksLoaded} of {closed.Chunks} chunks: {DisplayText.Tables(closed.Loaded)}"),
                ("rows", Describe(closed)));
            return ExitCode.Done;
        });
        return command;
    }

    private static string Describe(ClosedBatch closed)
    {
        if (closed.Rows == ClosedRows.Keep)
        {
            return closed.PlanOnly ? "would be kept" : "kept";
        }

        return closed.PlanOnly ? "would be removed, unless other rows refer to them" : string.Join(", ", closed.Removed.Select(table =>
            $"{DisplayText.Count(table.Removed)} of {table.Table} removed"
            + (table.Kept > 0 ? $" ({DisplayText.Count(table.Kept)} kept, because other rows refer to them)" : "")));
    }
}
