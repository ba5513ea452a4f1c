using System.Runtime.CompilerServices;
using Npgsql;
using StreamingPg.Core.Catalog;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Loading.Batches;
using StreamingPg.Core.Model;
using StreamingPg.Core.Telemetry;

namespace StreamingPg.Core.Retention;

/// <summary>Removes old rows: children before their parents, in short transactions, and never a row that another one refers to.</summary>
internal static class RetentionRunner
{
    /// <summary>Removes old rows; one result per table as it is done, in the order of removal.</summary>
    /// <param name="connection">The database.</param>
    /// <param name="model">The tables.</param>
    /// <param name="options">What is asked for.</param>
    /// <param name="progress">Gets how many rows were removed; may be null.</param>
    /// <param name="events">Gets retries and what was removed; may be null.</param>
    /// <param name="cancellationToken">Cancels; what was removed stays removed, and another run goes on with the rest.</param>
    /// <exception cref="StreamingException">Nothing says what is old, a table is missing, or the server refused.</exception>
    public static async IAsyncEnumerable<RemovalResult> RunAsync(
        DatabaseConnection connection,
        StreamModel model,
        RetentionOptions options,
        IProgress<BatchProgress>? progress,
        IProgress<BatchEvent>? events,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        var sweep = await RetentionSweep.BeginAsync(connection, model, options, TimeProvider.System, events, cancellationToken)
            .ConfigureAwait(false);
        var pace = new RemovalPace(options.MaxRowsPerSecond);
        while (sweep.Current is { } table)
        {
            while (!table.IsDone)
            {
                await sweep.StepAsync(pace.Most(options.ChunkSize), cancellationToken).ConfigureAwait(false);
                progress?.Report(new BatchProgress($"removing from {table.Table}", sweep.Removed, 0));
                await pace.WaitAsync(sweep.Removed, cancellationToken).ConfigureAwait(false);
            }

            foreach (var result in sweep.Next())
            {
                yield return result;
            }
        }

        foreach (var result in sweep.Ageless)
        {
            yield return result;
        }

        await sweep.SumUpLedgerAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Counts what would be removed, and removes nothing.</summary>
    /// <inheritdoc cref="RunAsync"/>
    public static async Task<IReadOnlyList<RemovalResult>> CountAsync(
        DatabaseConnection connection, StreamModel model, RetentionOptions options, CancellationToken cancellationToken)
    {
        var retention = new RetentionRule(connection, model, options);
        try
        {
            await using var session = await Session.BeginAsync(connection, SessionKind.Read, cancellationToken).ConfigureAwait(false);
            var open = session.Open;
            var age = await retention.ReadAsync(open, TimeProvider.System, cancellationToken).ConfigureAwait(false);
            var referring = await CatalogReader.ReadReferringAsync(open, connection.Schema, model.Tables.Select(table => table.Name), cancellationToken)
                .ConfigureAwait(false);
            var count = new RemovalCount(
                connection.Schema, age, new RemovalCondition(connection.Schema, model, age, referring));
            var results = new List<RemovalResult>();
            foreach (var table in model.Tables.Reverse().Where(age.MayGo))
            {
                results.Add(await count.OfAsync(open, table, cancellationToken).ConfigureAwait(false));
            }

            return [.. results.Where(result => result.Before is not null), .. results.Where(result => result.Before is null)];
        }
        catch (NpgsqlException exception)
        {
            throw ServerError.Translate(exception, connection, "Counting old rows");
        }
    }
}
