using Npgsql;
using StreamingPg.Core.Catalog;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Ledger;
using StreamingPg.Core.Loading;
using StreamingPg.Core.Model;
using StreamingPg.Core.Telemetry;

namespace StreamingPg.Core.Retention;

/// <summary>One way through all tables, from the last children to the first parents, a page at a time.</summary>
internal sealed class RetentionSweep
{
    private readonly DatabaseConnection _connection;
    private readonly TransientRetry _retry;
    private readonly IProgress<BatchEvent>? _events;
    private readonly IReadOnlyList<TableRemoval> _tables;
    private int _current;

    private RetentionSweep(
        DatabaseConnection connection,
        TransientRetry retry,
        IProgress<BatchEvent>? events,
        IReadOnlyList<TableRemoval> tables,
        IReadOnlyList<RemovalResult> ageless)
    {
        _connection = connection;
        _retry = retry;
        _events = events;
        _tables = tables;
        Ageless = ageless;
    }

    /// <summary>The table in hand; null when all are done.</summary>
    public TableRemoval? Current => _current < _tables.Count ? _tables[_current] : null;

    /// <summary>Tables whose rows never age.</summary>
    public IReadOnlyList<RemovalResult> Ageless { get; }

    /// <summary>Rows removed so far.</summary>
    public long Removed => _tables.Sum(table => table.Result.Removed);

    /// <summary>Those of them that were deleted; the others went with their partitions, which is no work by the row.</summary>
    public long Deleted => Removed - _tables.Sum(table => table.Dropped);

    /// <summary>Looks at the tables, and drops partitions of which all rows are old.</summary>
    /// <exception cref="StreamingException">Nothing says what is old, or a table is missing.</exception>
    public static async Task<RetentionSweep> BeginAsync(
        DatabaseConnection connection,
        StreamModel model,
        RetentionOptions options,
        TimeProvider time,
        IProgress<BatchEvent>? events,
        CancellationToken cancellationToken)
    {
        _ = new RetentionRule(connection, model, options);
        var rule = new RetryRule("Removing old rows", options.MaxRetry, options.RetryTimeout);
        var retry = new TransientRetry(connection, rule, events, BatchTelemetry.OfOtherWork(connection), cancellationToken);
        string[] names = [.. model.Tables.Select(table => table.Name), LedgerTable.Name];
        try
        {
            var (stored, age, live, referring) = await retry
                .RunAsync(_ => ReadAsync(connection, model, options, time, names, cancellationToken), _ => false)
                .ConfigureAwait(false);
            model = stored;
            if (names.FirstOrDefault(name => !live.Tables.ContainsKey(name)) is { } missing)
            {
                throw MissingTable.Error(connection, missing);
            }

            ReferenceTables.RefuseHalfKnown(connection.Schema, model, age, referring);
            var ledger = new RemovalLedger(connection.Schema);
            var partitions = new PartitionRemoval(connection, model, age, new KeptParents(connection.Schema, model), referring);
            var dropped = await partitions.RunAsync(ledger, retry, events, cancellationToken).ConfigureAwait(false);
            age = age.Holding(partitions.Held);
            var tables = TablesOf(
                connection,
                model,
                age,
                ledger,
                referring,
                (table, condition) => new RemovalSql(
                    connection.Schema,
                    table,
                    condition,
                    RowAge.TimeColumn(table) is { } column && live.Tables[table.Name].UsableIndexes.Any(index => index.Columns[0] == column.Name),
                    byKey: table.Layout.Partition is not null && table.Layout.Partition.Column == RowAge.TimeColumn(table)?.Name),
                age.Before);
            tables.ForEach(table => table.AddDropped(dropped.GetValueOrDefault(table.Table)));
            var ageless = model.Tables.Reverse().Where(table => age.MayGo(table) && age.Before(table) is null)
                .Select(table => new RemovalResult { Table = table.Name, Examined = 0, Removed = 0, Duration = TimeSpan.Zero });
            return new RetentionSweep(connection, retry, events, tables, [.. ageless]);
        }
        catch (Exception exception) when (exception is NpgsqlException or IOException or TimeoutException)
        {
            throw ServerError.Translate(exception, connection, "Removing old rows");
        }
    }

    /// <summary>One way through the rows of a batch, by their keys.</summary>
    /// <exception cref="StreamingException">The server refused.</exception>
    public static async Task<RetentionSweep> OfBatchAsync(
        DatabaseConnection connection, StreamModel model, BatchKeys keys, CancellationToken cancellationToken)
    {
        var options = new RetentionOptions();
        var rule = new RetryRule("Removing the rows of a batch", options.MaxRetry, options.RetryTimeout);
        var retry = new TransientRetry(connection, rule, null, BatchTelemetry.OfOtherWork(connection), cancellationToken);
        try
        {
            (model, var referring) = await retry.RunAsync(_ => ReadReferringAsync(connection, model, cancellationToken), _ => false).ConfigureAwait(false);
            ReferenceTables.RefuseHalfKnown(connection.Schema, model, keys, referring);
            var tables = TablesOf(
                connection, model, keys, new RemovalLedger(connection.Schema), referring, (table, condition) => new RemovalSql(connection.Schema, table, condition, byTime: false, byKey: true), _ => null);
            return new RetentionSweep(connection, retry, null, tables, []);
        }
        catch (Exception exception) when (exception is NpgsqlException or IOException or TimeoutException)
        {
            throw ServerError.Translate(exception, connection, "Removing the rows of a batch");
        }
    }

    private static List<TableRemoval> TablesOf(
        DatabaseConnection connection,
        StreamModel model,
        IRemovalSelection selection,
        RemovalLedger ledger,
        ILookup<string, LiveForeignKey> referring,
        Func<TableModel, RemovalCondition, RemovalSql> makeSql,
        Func<TableModel, DateTime?> before)
    {
        var kept = new KeptParents(connection.Schema, model);
        var condition = new RemovalCondition(connection.Schema, model, selection, kept, referring);
        var tables = new List<TableRemoval>();
        foreach (var table in model.Tables.Reverse().Where(selection.Selects))
        {
            var sql = makeSql(table, condition);
            tables.Add(new TableRemoval(
                connection,
                table.Name,
                before(table),
                sql,
                ledger,
                kept,
                condition.RefersToItself(table),
                tables.Find(parts => parts.Table == sql.Parts?.Parts.Name)));
        }

        return tables;
    }

    private static async Task<(StreamModel Stored, ILookup<string, LiveForeignKey> Referring)> ReadReferringAsync(
        DatabaseConnection connection, StreamModel model, CancellationToken cancellationToken)
    {
        await using var session = await Session.BeginAsync(connection, SessionKind.Read, cancellationToken).ConfigureAwait(false);
        var stored = await LayoutReader.ReadAsync(session.Open, connection.Schema, model, cancellationToken).ConfigureAwait(false);
        return (stored, await ReferringKeys.ReadAsync(session.Open, connection.Schema, stored, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Goes through a page of the table in hand.</summary>
    /// <exception cref="StreamingException">The server refused; earlier pages stay removed.</exception>
    public async Task StepAsync(int most, CancellationToken cancellationToken)
    {
        try
        {
            await Current!.StepAsync(_retry, most, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is NpgsqlException or IOException or TimeoutException)
        {
            // A read that was cut off by cancelling looks like a broken connection.
            cancellationToken.ThrowIfCancellationRequested();
            throw ServerError.Translate(exception, _connection, $"Removing old rows of \"{Current!.Table}\"");
        }
    }

    /// <summary>Goes on to the next table; gives what was done to those that are complete. Parts are when their whole is.</summary>
    public IReadOnlyList<RemovalResult> Next()
    {
        var table = Current!;
        _current++;
        if (_tables.Any(other => other.Parts == table))
        {
            return [];
        }

        IReadOnlyList<RemovalResult> results = table.Parts is { } parts ? [parts.Result, table.Result] : [table.Result];
        foreach (var result in results.Where(result => result.Removed > 0))
        {
            _events?.Report(RetentionEvents.Of(result));
        }

        return results;
    }

    /// <summary>Sums up what the ledger has of long ago.</summary>
    public async Task SumUpLedgerAsync(CancellationToken cancellationToken)
    {
        try
        {
            var rows = await LedgerDays.SumUpAsync(_connection, _tables.Min(table => table.Before)!.Value, _retry, cancellationToken)
                .ConfigureAwait(false);
            if (rows > 0)
            {
                _events?.Report(RetentionEvents.LedgerSummedUp(rows));
            }
        }
        catch (Exception exception) when (exception is NpgsqlException or IOException or TimeoutException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw ServerError.Translate(exception, _connection, "Summarizing the ledger");
        }
    }

    private static async Task<(StreamModel Stored, RowAge Age, LiveSchema Live, ILookup<string, LiveForeignKey> Referring)> ReadAsync(
        DatabaseConnection connection, StreamModel model, RetentionOptions options, TimeProvider time, string[] names, CancellationToken cancellationToken)
    {
        await using var session = await Session.BeginAsync(connection, SessionKind.Read, cancellationToken).ConfigureAwait(false);
        var open = session.Open;
        var stored = await LayoutReader.ReadAsync(open, connection.Schema, model, cancellationToken).ConfigureAwait(false);
        return (
            stored,
            await new RetentionRule(connection, stored, options).ReadAsync(open, time, cancellationToken).ConfigureAwait(false),
            await CatalogReader.ReadAsync(open, connection.Schema, names, cancellationToken).ConfigureAwait(false),
            await ReferringKeys.ReadAsync(open, connection.Schema, stored, cancellationToken).ConfigureAwait(false));
    }
}

/// <summary>The events of retention.</summary>
internal static class RetentionEvents
{
    public static BatchEvent Of(RemovalResult result) => new()
    {
        Name = BatchEvent.Removed,
        Text = $"Removed {DisplayText.Count(result.Removed)} rows from before {DisplayText.Instant(result.Before)} from \"{result.Table}\" in "
            + $"{DisplayText.Duration(result.Duration)}; {DisplayText.Count(result.Kept)} were kept because others refer to them.",
        Figures =
        [
            BatchEvent.Figure("table", result.Table),
            BatchEvent.Figure("examined", result.Examined),
            BatchEvent.Figure("removed", result.Removed),
            BatchEvent.Figure("kept", result.Kept),
            BatchEvent.Figure("seconds", result.Duration.TotalSeconds),
        ],
    };

    public static BatchEvent LedgerSummedUp(long rows) => new()
    {
        Name = BatchEvent.LedgerSummedUp,
        Text = $"Replaced {DisplayText.Count(rows)} old ledger rows by daily totals.",
        Figures = [BatchEvent.Figure("rows", rows)],
    };

    public static BatchEvent NotDropped(IEnumerable<PeriodPartition> partitions, bool isLocked, StreamingException error) => new()
    {
        Name = BatchEvent.RetentionPutOff,
        Text = $"{string.Join(", ", partitions.Select(partition => $"\"{partition.Name}\""))} could not be dropped; "
            + $"{(isLocked ? "the next run tries again" : "rows are deleted one by one")}. {error.Message}",
        Error = error,
    };

    public static BatchEvent Depended(PeriodPartition partition) => new()
    {
        Name = BatchEvent.RetentionPutOff,
        Text = $"\"{partition.Name}\" is not dropped, because {partition.Dependent} depends on it; its rows are deleted one by one.",
    };

    public static BatchEvent PutOff(StreamingException error) => new()
    {
        Name = BatchEvent.RetentionPutOff,
        Text = $"Old rows were not removed this time. {error.Message}",
        Error = error,
    };
}
