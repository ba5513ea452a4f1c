using System.Runtime.CompilerServices;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Generation;
using StreamingPg.Core.Generation.Random;

namespace StreamingPg.Core.Filling;

/// <summary>
/// Fills the tables of a live database without metadata: reads them, plans, and fills each in a transaction of its own, parents first.
/// What cannot be filled is named and left out, together with what must refer to it; the others are filled.
/// </summary>
internal static class FillRunner
{
    /// <summary>Fills schemas; tells of each table when it is done, and first of those that are left out.</summary>
    /// <param name="connection">The database and the schema, or several.</param>
    /// <param name="options">How.</param>
    /// <param name="cancellationToken">Cancels; the tables that are done stay filled.</param>
    /// <exception cref="StreamingException">Something is left out where that is not wanted, or the connection failed.</exception>
    public static async IAsyncEnumerable<TableFillResult> RunAsync(
        DatabaseConnection connection, FillOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentNullException.ThrowIfNull(options);
        ValuePools.Prepare(options.Locale);
        await using var once = connection.WithoutPreparing();
        var schemas = await FillSchemas.FindAsync(once, options.AllSchemas, cancellationToken).ConfigureAwait(false);
        if (schemas.Count > 1 && options.Rows.Count > 0)
        {
            throw new StreamingException(
                ErrorIds.OptionOutOfRange,
                StreamingErrorKind.InvalidInput,
                "Rows of single tables were requested for several schemas.",
                "Use -RowsPerTable (--rows-per-table), or name one schema.");
        }

        // All problems of all schemas are known before the first row is made.
        var settings = GenerationSettings.From(options.Seed, options.ReferenceTime, TimeProvider.System);
        var seed = settings.Seed;
        options = options.Seed is null ? options with { ReferenceTime = settings.ReferenceTime } : options; // one time for all tables
        var fillers = new List<SchemaFiller>();
        foreach (var schema in schemas)
        {
            var scoped = once.WithSchema(schema);
            fillers.Add(new SchemaFiller(scoped, options, await FillPlan.ReadAsync(scoped, options, seed, cancellationToken).ConfigureAwait(false), seed));
        }

        List<TableFillResult> leftOut = [.. fillers.SelectMany(filler => filler.Plan.LeftOut)];
        if (options.OnUnfillable == UnfillableAction.Stop && leftOut.Count > 0)
        {
            throw Unfillable(connection, leftOut);
        }

        foreach (var table in leftOut)
        {
            yield return table;
        }

        foreach (var step in FillStep.Together(FillOrder.Of([.. fillers.Select(filler => filler.Plan)])))
        {
            foreach (var table in await fillers.Find(filler => ReferenceEquals(filler.Plan, step.Plan))!.RunAsync(step, cancellationToken).ConfigureAwait(false))
            {
                yield return table;
                if (table.Status == FillStatus.Failed && options.OnTableError == TableErrorAction.Stop)
                {
                    yield break;
                }
            }
        }

        foreach (var table in fillers.SelectMany(filler => filler.NotKept))
        {
            yield return table;
        }
    }

    private static StreamingException Unfillable(DatabaseConnection connection, List<TableFillResult> tables) => new(
        ErrorIds.TablesNotFillable,
        StreamingErrorKind.SchemaMismatch,
        $"{tables.Count} tables in {connection} cannot be filled. "
        + string.Join(" ", tables.Select(table => $"\"{table.Table}\": {table.Reason} {table.Fix}".TrimEnd())),
        "Use -OnUnfillable Skip (--on-unfillable skip) to fill the others.",
        connection.Schema);
}
