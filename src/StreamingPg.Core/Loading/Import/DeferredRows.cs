using System.Runtime.ExceptionServices;
using Npgsql;
using StreamingPg.Core.Catalog;
using StreamingPg.Core.Model;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Loading.Import;

/// <summary>
/// Loads the rows of an import that refer to rows which come after them, or which refer back to them: all in one statement, because
/// PostgreSQL looks at foreign keys when a statement is over. So a cycle needs neither deferrable keys nor NULLs meanwhile.
/// </summary>
internal sealed class DeferredRows
{
    private readonly NpgsqlConnection _open;
    private readonly string _schema;
    private readonly LiveSchema _live;
    private readonly bool _mayReject;
    private readonly List<DeferredTable> _tables;

    /// <param name="open">Connection with the import's transaction.</param>
    /// <param name="schema">Schema of the tables.</param>
    /// <param name="live">The tables in the database.</param>
    /// <param name="segments">All rows of the import, parents first as far as there is such an order.</param>
    /// <param name="mayReject">True when rows that cannot be loaded are taken out.</param>
    public DeferredRows(NpgsqlConnection open, string schema, LiveSchema live, IEnumerable<StagedSegment> segments, bool mayReject)
    {
        _open = open;
        _schema = schema;
        _live = live;
        _mayReject = mayReject;
        _tables = [.. segments.Where(segment => segment.HasAside).Select((segment, number) => new DeferredTable(open, segment, number))];
    }

    /// <summary>Loads the rows, and rejects what cannot be loaded.</summary>
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        if (_tables.Count == 0)
        {
            return;
        }

        foreach (var table in _tables)
        {
            await table.FillAsync(cancellationToken).ConfigureAwait(false);
        }

        await RefuseOrphansAsync(cancellationToken).ConfigureAwait(false);
        foreach (var table in _tables)
        {
            await table.KeepAheadAsync(_schema, cancellationToken).ConfigureAwait(false);
        }

        while (await TryAsync(long.MaxValue, isTrial: false, cancellationToken).ConfigureAwait(false) is { } error)
        {
            if (!_mayReject || !IsRowFault(error))
            {
                ExceptionDispatchInfo.Throw(error);
            }

            await RefuseFirstFaultyAsync(cancellationToken).ConfigureAwait(false);
            await RefuseOrphansAsync(cancellationToken).ConfigureAwait(false);
        }

        foreach (var table in _tables)
        {
            table.WriteRefused();
        }
    }

    /// <summary>Takes out rows that refer to nothing, then those that refer to these, until all that is left refers.</summary>
    private async Task RefuseOrphansAsync(CancellationToken cancellationToken)
    {
        var refused = _mayReject ? 1L : 0L;
        while (refused > 0)
        {
            refused = 0;
            foreach (var table in _tables)
            {
                foreach (var key in table.Table.ForeignKeys)
                {
                    // A key that the server does not enforce is looked at when all rows are in.
                    if (LiveKey(table.Table.Name, key) is not { } live)
                    {
                        continue;
                    }

                    var parents = _tables.Where(other => other.Table.Name == key.ParentTable);
                    refused += await table.RefuseOrphansAsync(key, live, _schema, parents, cancellationToken).ConfigureAwait(false);
                }
            }
        }
    }

    /// <summary>The key as the server has it: with the same columns, or more of them where the layout of the parent demands it.</summary>
    private LiveForeignKey? LiveKey(string table, ForeignKeyModel key) => _live.Tables[table].ForeignKeys
        .Where(live => live.ParentSchema == _schema && live.ParentTable == key.ParentTable
            && !key.Columns.Zip(key.ParentColumns).Except(live.Columns.Zip(live.ParentColumns)).Any())
        .MinBy(live => live.Columns.Count);

    /// <summary>References are looked at when all rows are in, so what is wrong with the row that comes first shows without those after it.</summary>
    private async Task RefuseFirstFaultyAsync(CancellationToken cancellationToken)
    {
        var (good, faulty) = (0L, long.MaxValue);
        PostgresException? reason = null;
        while (faulty - good > 1 || reason is null)
        {
            var middle = good + ((faulty - good) / 2);
            if (await TryAsync(middle, isTrial: true, cancellationToken).ConfigureAwait(false) is { } error && IsRowFault(error))
            {
                (faulty, reason) = (middle, error);
            }
            else
            {
                good = middle;
            }
        }

        foreach (var table in _tables)
        {
            await table.RefuseAsync(faulty, reason, cancellationToken).ConfigureAwait(false);
        }
    }

    private static bool IsRowFault(PostgresException error) => RowFault.Is(error) && error.SqlState != PostgresErrorCodes.ForeignKeyViolation;

    /// <summary>Loads the rows up to a number of the input.</summary>
    /// <returns>What the server has against it, or null.</returns>
    private async Task<PostgresException?> TryAsync(long limit, bool isTrial, CancellationToken cancellationToken)
    {
        await ExecuteAsync(cancellationToken, "SAVEPOINT deferred").ConfigureAwait(false);
        try
        {
            var written = await WriteAsync(limit, cancellationToken).ConfigureAwait(false);
            if (isTrial)
            {
                await RollBackAsync(cancellationToken).ConfigureAwait(false);
                return null;
            }

            foreach (var (table, count) in written)
            {
                table.Segment.Count(count);
            }

            await ExecuteAsync(cancellationToken, "RELEASE SAVEPOINT deferred").ConfigureAwait(false);
            return null;
        }
        catch (PostgresException error) when (_mayReject)
        {
            await RollBackAsync(cancellationToken).ConfigureAwait(false);
            return error;
        }
    }

    private async Task<List<(DeferredTable Table, StagingWritten Written)>> WriteAsync(long limit, CancellationToken cancellationToken)
    {
        var parts = _tables.SelectMany(table => table.Chunks().Select(part => (Table: table, part.Name, part.Query))).ToList();
        var sql = $"""
            WITH {string.Join(", ", parts.Select(part => $"{part.Name} AS ({part.Query})"))}
            {string.Join(" UNION ALL ", _tables.SelectMany(Counts))}
            """;
        var written = new List<(DeferredTable, StagingWritten)>();
        for (long turn = 1, turns = 1; turn <= turns; turn++)
        {
            var commands = new CommandBatch(_open);
            commands.QueryWithOtherPath(
                sql,
                row =>
                {
                    written.Add((_tables[row.GetInt32(0)], new StagingWritten(row.GetInt64(1), row.GetInt64(2), HighestKey: null)));
                    turns = Math.Max(turns, row.GetInt64(3));
                },
                Parameter.Of(turn),
                Parameter.Of(limit));
            await commands.ExecuteAsync(cancellationToken).ConfigureAwait(false);
        }

        return written;

        IEnumerable<string> Counts(DeferredTable table) => parts
            .Where(part => part.Table == table)
            .Skip(1)
            .Select(part => $"""
                SELECT {table.Number}, count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE NOT is_new),
                       coalesce((SELECT max(turn) FROM rows_{table.Number}), 1) FROM {part.Name}
                """);
    }

    private Task RollBackAsync(CancellationToken cancellationToken) =>
        ExecuteAsync(cancellationToken, "ROLLBACK TO SAVEPOINT deferred", "RELEASE SAVEPOINT deferred");

    private async Task ExecuteAsync(CancellationToken cancellationToken, params string[] statements)
    {
        var commands = new CommandBatch(_open);
        foreach (var statement in statements)
        {
            commands.Add(statement);
        }

        await commands.ExecuteAsync(cancellationToken).ConfigureAwait(false);
    }
}
