using Npgsql;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Model;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Loading.Import;

/// <summary>Loads rows by way of a temporary table, because COPY cannot say what is to happen to existing keys.</summary>
/// <remarks>
/// The table is emptied outside of the savepoints, where PostgreSQL can do so in place: within one each TRUNCATE would leave a
/// file until the commit. Its columns have names of their own, so that none can conflict with the number of the row.
/// </remarks>
internal sealed class StagingTable
{
    private readonly NpgsqlConnection _open;
    private readonly string _staging;

    /// <param name="open">Connection with the import's transaction.</param>
    /// <param name="segment">Encodes the rows, with their numbers.</param>
    /// <param name="sql">Takes them into their table.</param>
    /// <param name="name">Name of the temporary table.</param>
    public StagingTable(NpgsqlConnection open, ImportSegment segment, StagingSql sql, string name)
    {
        _open = open;
        _staging = Identifier.Quote("pg_temp", name);
        Segment = segment;
        Sql = sql;
    }

    /// <summary>Encodes the rows.</summary>
    public ImportSegment Segment { get; }

    /// <summary>Takes rows from the temporary table.</summary>
    public StagingSql Sql { get; }

    /// <summary>Makes the temporary table; the commit drops it.</summary>
    public async Task CreateAsync(CancellationToken cancellationToken)
    {
        await ExecuteAsync(
            cancellationToken,
            $"CREATE TEMPORARY TABLE {_staging} ON COMMIT DROP AS SELECT 0::bigint AS number{Sql.StagingColumns} FROM {Sql.Target} WITH NO DATA")
            .ConfigureAwait(false);
    }

    /// <summary>Loads rows, all or none of them: after an error comes <see cref="RollBackAsync"/>, or the end of the transaction.</summary>
    public async Task<StagingWritten> LoadAsync(SegmentRows rows, CancellationToken cancellationToken)
    {
        await ExecuteAsync(cancellationToken, $"TRUNCATE {_staging}", "SAVEPOINT chunk").ConfigureAwait(false);
        await CopyAsync(rows, cancellationToken).ConfigureAwait(false);
        var written = await WriteAsync(rows.Given, cancellationToken).ConfigureAwait(false);
        await ExecuteAsync(cancellationToken, "RELEASE SAVEPOINT chunk").ConfigureAwait(false);
        return written;
    }

    /// <summary>Puts rows into another temporary table, behind its own columns <c>shape</c> and <c>number</c>.</summary>
    public async Task MoveAsync(SegmentRows rows, string table, int shape, CancellationToken cancellationToken)
    {
        await ExecuteAsync(cancellationToken, $"TRUNCATE {_staging}").ConfigureAwait(false);
        await CopyAsync(rows, cancellationToken).ConfigureAwait(false);
        await ExecuteAsync(cancellationToken, $"INSERT INTO {table} SELECT {shape}, * FROM {_staging}").ConfigureAwait(false);
    }

    /// <summary>Takes back rows that the server refused.</summary>
    public Task RollBackAsync(CancellationToken cancellationToken) =>
        ExecuteAsync(cancellationToken, "ROLLBACK TO SAVEPOINT chunk", "RELEASE SAVEPOINT chunk");

    private async Task CopyAsync(SegmentRows rows, CancellationToken cancellationToken)
    {
        var copy = await CopyTarget.BeginAsync(_open, _staging, cancellationToken).ConfigureAwait(false);
        await using (copy.ConfigureAwait(false))
        {
            await copy.SendAsync(rows.Bytes, cancellationToken).ConfigureAwait(false);
            await copy.CompleteAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<StagingWritten> WriteAsync(ColumnSet? given, CancellationToken cancellationToken)
    {
        if (!Sql.MayUpdate(given))
        {
            var (written, _) = await WriteAsync(WriteSql(given, _staging, "1::bigint"), cancellationToken).ConfigureAwait(false);
            return written;
        }

        var total = default(StagingWritten);
        var numbered = $"numbered AS (SELECT *, {Sql.Turn} AS turn FROM {_staging}), ";
        var sql = WriteSql(given, "numbered WHERE turn = $1", "(SELECT max(turn) FROM numbered)", numbered);
        for (long turn = 1, turns = 1; turn <= turns; turn++)
        {
            (var written, turns) = await WriteAsync(sql, cancellationToken, Parameter.Of(turn)).ConfigureAwait(false);
            total += written;
        }

        return total;
    }

    private string WriteSql(ColumnSet? given, string from, string turns, string before = "") =>
        $"""
        WITH {before}written AS ({Sql.Insert(given, from)})
        SELECT count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE NOT is_new), max(key), {turns} FROM written
        """;

    private async Task<(StagingWritten Written, long Turns)> WriteAsync(
        string sql, CancellationToken cancellationToken, params NpgsqlParameter[] parameters)
    {
        var written = default(StagingWritten);
        var turns = 1L;
        var commands = new CommandBatch(_open);
        commands.QueryWithOtherPath(
            sql,
            row =>
            {
                written = new StagingWritten(row.GetInt64(0), row.GetInt64(1), row.IsDBNull(2) ? null : row.GetInt64(2));
                turns = row.GetInt64(3);
            },
            parameters);
        await commands.ExecuteAsync(cancellationToken).ConfigureAwait(false);
        return (written, turns);
    }

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

/// <summary>What the server did with rows of a <see cref="StagingTable"/>.</summary>
/// <param name="Inserted">Rows that are new.</param>
/// <param name="Updated">Rows that changed one that was there.</param>
/// <param name="HighestKey">The highest value of the sequence column among them; null without rows or sequence.</param>
internal readonly record struct StagingWritten(long Inserted, long Updated, long? HighestKey)
{
    public static StagingWritten operator +(StagingWritten left, StagingWritten right) => new(
        left.Inserted + right.Inserted,
        left.Updated + right.Updated,
        left.HighestKey > right.HighestKey ? left.HighestKey : right.HighestKey ?? left.HighestKey);
}

/// <summary>The SQL that takes rows of a table from a temporary one, whose columns are <c>number</c>, <c>c0</c>, <c>c1</c>, ...</summary>
internal sealed class StagingSql
{
    private readonly string _schema;
    private readonly string _target;
    private readonly ImportSegment _segment;
    private readonly SentColumns _sent;
    private readonly ConflictAction _onConflict;
    private readonly ColumnModel[] _columns;
    private readonly IReadOnlyList<string> _storedKey;

    /// <param name="schema">Schema of the table.</param>
    /// <param name="segment">Encodes the rows.</param>
    /// <param name="sent">Which columns are left to the server.</param>
    /// <param name="onConflict">What happens to existing keys.</param>
    /// <param name="storedKey">The primary key as the server has it.</param>
    public StagingSql(string schema, ImportSegment segment, SentColumns sent, ConflictAction onConflict, IReadOnlyList<string> storedKey)
    {
        _storedKey = storedKey;
        _schema = schema;
        _target = Identifier.Quote(schema, segment.Table.Name);
        _segment = segment;
        _sent = sent;
        _onConflict = onConflict;
        _columns = [.. segment.Columns];
    }

    /// <summary>The columns of the temporary table, from a query of the table itself.</summary>
    public string StagingColumns => string.Concat(_columns.Select((column, index) => $", {ColumnSql.AsCopied(column)} AS c{index}"));

    /// <summary>The table.</summary>
    public string Target => _target;

    /// <summary>The temporary table's name of a column; null when the rows do not have it.</summary>
    public string? StagingColumn(string column) => Array.FindIndex(_columns, candidate => candidate.Name == column) is >= 0 and var index ? $"c{index}" : null;

    /// <summary>True when rows of this shape may change one that is there.</summary>
    public bool MayUpdate(ColumnSet? given) => _onConflict == ConflictAction.Update && HasKey(given) && Changed(given).Any();

    /// <summary>Numbers the rows of each key: one statement cannot change a row twice, the second one has its turn after the first.
    /// Rows whose key the server gives have no other.</summary>
    public string Turn
    {
        get
        {
            var key = _segment.Table.PrimaryKey.Select(StagingColumn).ToList();
            return _onConflict == ConflictAction.Update && key.Count > 0 && !key.Contains(null)
                ? $"row_number() OVER (PARTITION BY {string.Join(", ", key)}, CASE WHEN num_nulls({string.Join(", ", key)}) > 0 THEN number END ORDER BY number)"
                : "1::bigint";
        }
    }

    /// <summary>An INSERT that returns the value of the sequence column, and whether the row is new.</summary>
    /// <remarks>
    /// A row is new when the statement's snapshot does not have its key. (What another session commits meanwhile counts as new; the
    /// system column that would tell cannot be returned from partitioned tables.)
    /// </remarks>
    /// <param name="given">The columns that the input has; null for all.</param>
    /// <param name="from">The rows: what follows FROM.</param>
    public string Insert(ColumnSet? given, string from)
    {
        var places = Enumerable.Range(0, _columns.Length).Where(place => _sent.IsSent(_segment.SentIndexes[place], given)).ToList();
        return $"""
            INSERT INTO {_target} AS target ({Identifier.QuoteList(places.Select(place => _columns[place].Name))}) OVERRIDING SYSTEM VALUE
            SELECT {string.Join(", ", places.Select(place => Value(place, given)))} FROM (SELECT * FROM {from}) AS incoming
            WHERE {SessionSettings.RolePathHolds} ORDER BY number
            {OnConflict(given)}
            RETURNING {SequenceKey} AS key, {(MayUpdate(given) ? $"NOT EXISTS (SELECT FROM {_target} AS before WHERE {SameKey})" : "true")} AS is_new
            """;
    }

    /// <summary>PostgreSQL looks at the row that would be new before it looks for its key: what the input lacks must fit there too.</summary>
    private string Value(int place, ColumnSet? given) => !MayUpdate(given) || given is null || given.Contains(_segment.SentIndexes[place])
        ? ColumnSql.FromCopied(_schema, _columns[place], $"incoming.c{place}")
        : $"(SELECT before.{Identifier.Quote(_columns[place].Name)} FROM {_target} AS before WHERE "
            + string.Join(" AND ", _segment.Table.PrimaryKey.Select(name => $"before.{Identifier.Quote(name)} = incoming.{StagingColumn(name)}")) + ")";

    /// <summary>A row whose key the server gives meets no row that has it.</summary>
    private string OnConflict(ColumnSet? given)
    {
        if (_onConflict == ConflictAction.Error || !HasKey(given))
        {
            return "";
        }

        var changes = string.Join(", ", Changed(given).Select(name => $"{Identifier.Quote(name)} = EXCLUDED.{Identifier.Quote(name)}"));
        return $"ON CONFLICT ({Identifier.QuoteList(_storedKey)}) DO {(MayUpdate(given) ? $"UPDATE SET {changes}" : "NOTHING")}";
    }

    private bool HasKey(ColumnSet? given) => _segment.Table.PrimaryKey.Count > 0 && _segment.Table.PrimaryKey.All(name =>
        Array.FindIndex(_columns, column => column.Name == name) is >= 0 and var place && _sent.IsSent(_segment.SentIndexes[place], given));

    /// <summary>Columns that get the value of the input where the key is there.</summary>
    private IEnumerable<string> Changed(ColumnSet? given) => _segment.SentIndexes
        .Where(index => !_segment.Table.Columns[index].IsPrimaryKey && (given is null || given.Contains(index)))
        .Select(index => _segment.Table.Columns[index].Name);

    private string SameKey => string.Join(
        " AND ", _segment.Table.PrimaryKey.Select(name => $"before.{Identifier.Quote(name)} = target.{Identifier.Quote(name)}"));

    /// <summary>Where the sequence gives the key it is ahead by itself.</summary>
    private string SequenceKey => _segment.Table.SequenceColumn is { } column && !_segment.SequenceGivesKey
        ? $"target.{Identifier.Quote(column.Name)}::bigint"
        : "NULL::bigint";
}
