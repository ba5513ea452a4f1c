using Npgsql;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Loading;

/// <summary>Loads rows by way of a temporary table, because COPY cannot say what is to happen to keys that are there.</summary>
/// <remarks>
/// The table is emptied outside of the savepoints, where PostgreSQL can do so in place: within one each TRUNCATE would leave a
/// file until the commit. Its columns have names of their own, so that none can clash with the number of the row.
/// </remarks>
internal sealed class Stage
{
    private readonly NpgsqlConnection _open;
    private readonly string _target;
    private readonly string _stage;
    private readonly ConflictAction _onConflict;
    private readonly ColumnModel[] _columns;

    /// <param name="open">Connection with the import's transaction.</param>
    /// <param name="schema">Schema of the table.</param>
    /// <param name="lane">Encodes the rows, with their numbers.</param>
    /// <param name="onConflict">What happens to keys that are there.</param>
    /// <param name="name">Name of the temporary table.</param>
    public Stage(NpgsqlConnection open, string schema, ImportLane lane, ConflictAction onConflict, string name)
    {
        _open = open;
        _target = Identifier.Quote(schema, lane.Table.Name);
        _stage = Identifier.Quote("pg_temp", name);
        _onConflict = onConflict;
        _columns = [.. lane.Columns];
        Lane = lane;
    }

    /// <summary>Encodes the rows.</summary>
    public ImportLane Lane { get; }

    /// <summary>Makes the temporary table; the commit drops it.</summary>
    public async Task CreateAsync(CancellationToken cancellationToken)
    {
        var columns = _columns.Select((column, index) => $", {Identifier.Quote(column.Name)} AS c{index}");
        await ExecuteAsync(
            cancellationToken,
            $"CREATE TEMPORARY TABLE {_stage} ON COMMIT DROP AS SELECT 0::bigint AS number{string.Concat(columns)} FROM {_target} WITH NO DATA")
            .ConfigureAwait(false);
    }

    /// <summary>Loads rows, all or none of them: after an error comes <see cref="RollBackAsync"/>, or the end of the transaction.</summary>
    public async Task<StageWritten> LoadAsync(RowSlice rows, CancellationToken cancellationToken)
    {
        await ExecuteAsync(cancellationToken, $"TRUNCATE {_stage}", "SAVEPOINT chunk").ConfigureAwait(false);
        var copy = await CopyTarget.BeginAsync(_open, _stage, cancellationToken).ConfigureAwait(false);
        await using (copy.ConfigureAwait(false))
        {
            await copy.SendAsync(rows.Bytes, cancellationToken).ConfigureAwait(false);
            await copy.CompleteAsync(cancellationToken).ConfigureAwait(false);
        }

        var written = await WriteAsync(rows.Given, cancellationToken).ConfigureAwait(false);
        await ExecuteAsync(cancellationToken, "RELEASE SAVEPOINT chunk").ConfigureAwait(false);
        return written;
    }

    /// <summary>Takes back rows that the server refused.</summary>
    public Task RollBackAsync(CancellationToken cancellationToken) =>
        ExecuteAsync(cancellationToken, "ROLLBACK TO SAVEPOINT chunk", "RELEASE SAVEPOINT chunk");

    private async Task<StageWritten> WriteAsync(ColumnSet? given, CancellationToken cancellationToken)
    {
        var changed = Changed(given);
        if (_onConflict != ConflictAction.Update || changed.Length == 0)
        {
            var (written, _) = await WriteAsync(InsertSql(), cancellationToken).ConfigureAwait(false);
            return written;
        }

        // One statement cannot change a row twice: the second row of a key has its turn after the first.
        var total = default(StageWritten);
        var sql = UpsertSql(changed);
        for (long turn = 1, turns = 1; turn <= turns; turn++)
        {
            (var written, turns) = await WriteAsync(sql, cancellationToken, Parameter.Of(turn)).ConfigureAwait(false);
            total += written;
        }

        return total;
    }

    private async Task<(StageWritten Written, long Turns)> WriteAsync(
        string sql, CancellationToken cancellationToken, params NpgsqlParameter[] parameters)
    {
        var written = default(StageWritten);
        var turns = 1L;
        var trip = new RoundTrip(_open);
        trip.Query(
            sql,
            row =>
            {
                written = new StageWritten(row.GetInt64(0), row.GetInt64(1), row.IsDBNull(2) ? null : row.GetInt64(2));
                turns = row.GetInt64(3);
            },
            parameters);
        await trip.ExecuteAsync(cancellationToken).ConfigureAwait(false);
        return (written, turns);
    }

    private string InsertSql() =>
        $"""
        WITH written AS (
            INSERT INTO {_target} ({Names}) OVERRIDING SYSTEM VALUE
            SELECT {StageNames} FROM {_stage} ORDER BY number
            {(_onConflict == ConflictAction.Error ? "" : $"ON CONFLICT ({Key}) DO NOTHING")}
            RETURNING {SequenceKey} AS key)
        SELECT count(*), 0::bigint, max(key), 1::bigint FROM written
        """;

    /// <summary>
    /// A row is new when the statement's snapshot does not have its key. (What another session commits meanwhile counts as new; the
    /// system column that would tell cannot be returned from partitioned tables.)
    /// </summary>
    private string UpsertSql(string[] changed)
    {
        var key = string.Join(", ", Lane.Table.PrimaryKey.Select(name => $"c{Array.FindIndex(_columns, column => column.Name == name)}"));
        var same = string.Join(" AND ", Lane.Table.PrimaryKey.Select(name => $"before.{Identifier.Quote(name)} = target.{Identifier.Quote(name)}"));
        var changes = string.Join(", ", changed.Select(name => $"{Identifier.Quote(name)} = EXCLUDED.{Identifier.Quote(name)}"));
        return $"""
            WITH numbered AS (
                SELECT *, row_number() OVER (PARTITION BY {key} ORDER BY number) AS turn FROM {_stage}),
            written AS (
                INSERT INTO {_target} AS target ({Names}) OVERRIDING SYSTEM VALUE
                SELECT {StageNames} FROM numbered WHERE turn = $1 ORDER BY number
                ON CONFLICT ({Key}) DO UPDATE SET {changes}
                RETURNING {SequenceKey} AS key, NOT EXISTS (SELECT FROM {_target} AS before WHERE {same}) AS is_new)
            SELECT count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE NOT is_new), max(key), (SELECT max(turn) FROM numbered) FROM written
            """;
    }

    private string Names => Identifier.QuoteList(_columns.Select(column => column.Name));

    private string StageNames => string.Join(", ", _columns.Select((_, index) => $"c{index}"));

    private string Key => Identifier.QuoteList(Lane.Table.PrimaryKey);

    /// <summary>Where the sequence gives the key it is ahead by itself.</summary>
    private string SequenceKey => Lane.Table.SequenceColumn is { } column && !Lane.SequenceGivesKey
        ? $"{Identifier.Quote(column.Name)}::bigint"
        : "NULL::bigint";

    /// <summary>Columns that get the value of the input where the key is there.</summary>
    private string[] Changed(ColumnSet? given) =>
    [
        .. Lane.Table.Columns
            .Where((column, index) => !column.IsPrimaryKey && _columns.Contains(column) && (given is null || given.Contains(index)))
            .Select(column => column.Name),
    ];

    private async Task ExecuteAsync(CancellationToken cancellationToken, params string[] statements)
    {
        var trip = new RoundTrip(_open);
        foreach (var statement in statements)
        {
            trip.Add(statement);
        }

        await trip.ExecuteAsync(cancellationToken).ConfigureAwait(false);
    }
}
