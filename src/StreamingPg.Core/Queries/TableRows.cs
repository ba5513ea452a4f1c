using Npgsql;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Generation;
using StreamingPg.Core.Generation.Relations;
using StreamingPg.Core.Ledger;
using StreamingPg.Core.Loading.Import;
using StreamingPg.Core.Loading.References;
using StreamingPg.Core.Model;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Queries;

/// <summary>Which rows of a table are read; nothing given means all.</summary>
internal sealed record RowFilter
{
    /// <summary>Maximum rows of a sample.</summary>
    public const int SampleLimit = ParentChoice.MaxExisting;

    /// <summary>Only rows that this batch or import loaded.</summary>
    public Guid? BatchId { get; init; }

    /// <summary>Only rows with these values of the primary key, which is a single column.</summary>
    public IReadOnlyList<object> Keys { get; init; } = [];

    /// <summary>Only this many, picked at random.</summary>
    public int? Sample { get; init; }

    /// <summary>Picks the same rows of the same table again.</summary>
    public long? Seed { get; init; }

    /// <summary>Only the first ones, in the order of the primary key.</summary>
    public int? First { get; init; }

    /// <summary>The server ends a query that takes longer; zero means no limit.</summary>
    public TimeSpan StatementTimeout { get; init; } = ReadOnlySession.DefaultStatementTimeout;

    /// <summary>Is told, in a sentence, why fewer rows come than were asked for; or null.</summary>
    public Action<string>? Warn { get; init; }
}

/// <summary>Reads the rows of a table one by one: none is kept, so that a table of any size can be read.</summary>
internal sealed class TableRows
{
    private readonly DatabaseConnection _connection;
    private readonly TableModel _table;
    private readonly RowFilter _filter;
    private readonly string _name;

    private TableRows(DatabaseConnection connection, TableModel table, RowFilter filter)
    {
        (_connection, _table, _filter) = (connection, table, filter);
        _name = connection.Quote(table.Name);
    }

    /// <summary>The table that a name means.</summary>
    /// <exception cref="StreamingException">The metadata has no such table.</exception>
    public static TableModel Find(StreamModel model, string table) => InputTable.Find(model, table).Table;

    /// <summary>Reads rows.</summary>
    /// <param name="connection">The database.</param>
    /// <param name="table">The table.</param>
    /// <param name="filter">Which of its rows.</param>
    /// <param name="row">Gets each row: a value per column of the table, as generated rows have them.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="StreamingException">Options exclude each other, the batch is unknown, or the server refused.</exception>
    public static async Task ReadAsync(
        DatabaseConnection connection, TableModel table, RowFilter filter, Action<object?[]> row, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentNullException.ThrowIfNull(filter);
        var rows = new TableRows(connection, table, filter);
        rows.Check();
        await using var session = await ReadOnlySession.BeginAsync(
            connection, filter.StatementTimeout, $"reading rows of \"{table.Name}\"", cancellationToken).ConfigureAwait(false);
        await session.RunInSessionAsync(async transaction =>
        {
            await rows.ReadAsync(transaction, row, cancellationToken).ConfigureAwait(false);
            return true;
        }).ConfigureAwait(false);
    }

    private Task ReadAsync(Session session, Action<object?[]> row, CancellationToken cancellationToken) =>
        _filter.Sample is { } sample ? ReadSampleAsync(session, sample, row, cancellationToken)
        : _filter.BatchId is { } batch ? ReadBatchAsync(session, batch, row, cancellationToken)
        : _filter.Keys.Count > 0 ? ReadKeysAsync(session, row, cancellationToken)
        : QueryAsync(session, $"{Ordered} {Limit}", row, cancellationToken);

    private string Ordered => _filter.First is null || _table.PrimaryKey.Count == 0 ? "" : $"ORDER BY {Identifier.QuoteList(_table.PrimaryKey)}";

    private string Limit => _filter.First is { } first ? $"LIMIT {first}" : "";

    private void Check()
    {
        var kinds = (_filter.BatchId is null ? 0 : 1) + (_filter.Keys.Count == 0 ? 0 : 1) + (_filter.Sample is null ? 0 : 1);
        if (kinds > 1 || (_filter.Sample is not null && _filter.First is not null) || (_filter.Seed is not null && _filter.Sample is null))
        {
            throw new StreamingException(
                ErrorIds.RowFilterInvalid,
                StreamingErrorKind.InvalidInput,
                "Options that choose rows exclude each other.",
                "Use one of -BatchId (--batch-id), -Key (--key) and -Sample (--sample); -First (--first) not with a sample, and -Seed (--seed) with a sample only.");
        }

        if (_filter.Keys.Count > 0 && _table.PrimaryKey.Count != 1)
        {
            throw new StreamingException(
                ErrorIds.RowFilterInvalid,
                StreamingErrorKind.InvalidInput,
                $"The primary key of \"{_table.Name}\" {(_table.PrimaryKey.Count == 0 ? "does not exist" : "has several columns")}, so no single value names a row.",
                "Use Invoke-StreamingQuery (streamingpg query).",
                _table.Name);
        }
    }

    private async Task<long> QueryAsync(
        Session session, string condition, Action<object?[]> row, CancellationToken cancellationToken, params NpgsqlParameter[] parameters)
    {
        var count = 0L;
        await session.QueryAsync(
            $"SELECT {ParentSql.Columns("live", _table)} FROM {_name} AS live {condition}",
            values =>
            {
                count++;
                row(ParentSql.Values(_table, values));
            },
            cancellationToken,
            parameters).ConfigureAwait(false);
        return count;
    }

    /// <summary>Places are looked up, as for the parents of a batch. Where the table has no places of its own, as a partitioned one, all rows are read.</summary>
    private async Task ReadSampleAsync(Session session, int sample, Action<object?[]> row, CancellationToken cancellationToken)
    {
        var settings = GenerationSettings.From(_filter.Seed, new DateTime(8999, 12, 31, 0, 0, 0, DateTimeKind.Utc), TimeProvider.System);
        using var found = await new ParentSampler(_table, sample, settings).SampleAsync(session, cancellationToken).ConfigureAwait(false);
        for (var index = 0; index < found.Count; index++)
        {
            row([.. _table.Columns.Select((_, column) => found.Value(index, column))]);
        }

        if (found.Count == 0)
        {
            await QueryAsync(session, $"ORDER BY random() LIMIT {sample}", row, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task ReadKeysAsync(Session session, Action<object?[]> row, CancellationToken cancellationToken)
    {
        var (key, keys) = (_table.PrimaryKey[0], _filter.Keys.Select(ValueText.Of).ToArray());
        var type = ColumnSql.TypeName(_connection.Schema, _table.Column(key).Type.WithoutSequence());
        var found = await QueryAsync(
            session, $"WHERE live.{Identifier.Quote(key)} = ANY ($1::text[]::{type}[]) {Ordered} {Limit}", row, cancellationToken, Parameter.Of(keys)).ConfigureAwait(false);
        var distinct = keys.Distinct(StringComparer.OrdinalIgnoreCase).Count();
        if (found < Math.Min(distinct, _filter.First ?? int.MaxValue))
        {
            _filter.Warn?.Invoke($"\"{_table.Name}\" has {found} of the {distinct} rows with these keys.");
        }
    }

    /// <summary>A row carries the transaction that wrote it, which also wrote the ledger row of its batch or chunk.</summary>
    private async Task ReadBatchAsync(Session session, Guid batch, Action<object?[]> row, CancellationToken cancellationToken)
    {
        var ledger = await BatchLedger.ReadAsync(session.Open, _connection.Schema, batch, cancellationToken).ConfigureAwait(false);
        if (ledger.Count == 0)
        {
            throw new StreamingException(
                ErrorIds.BatchUnknown,
                StreamingErrorKind.NotFound,
                $"The ledger of {_connection} has no batch {batch}.",
                "Get-StreamingBatch (streamingpg ledger) lists the batches.",
                batch);
        }

        var found = await QueryAsync(
            session,
            $"WHERE live.xmin = ANY (ARRAY(SELECT xmin FROM {session.Quote(LedgerTable.Name)} WHERE batch_id = $1)) {Ordered} {Limit}",
            row,
            cancellationToken,
            Parameter.Of(batch)).ConfigureAwait(false);
        var loaded = ledger.Where(chunk => !chunk.IsClosed).Sum(chunk => chunk.Rows.GetValueOrDefault(_table.Name));
        if (found < Math.Min(loaded, _filter.First ?? long.MaxValue))
        {
            _filter.Warn?.Invoke(
                $"Batch {batch} loaded {DisplayText.Count(loaded)} rows into \"{_table.Name}\", of which {DisplayText.Count(found)} are found: "
                + "the others were changed or removed since, or the database was restored from a dump.");
        }
    }
}
