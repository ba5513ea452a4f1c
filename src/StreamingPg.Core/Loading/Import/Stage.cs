using Npgsql;
using StreamingPg.Core.Model;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Loading.Import;

/// <summary>Loads rows by way of a temporary table, because COPY cannot say what is to happen to keys that are there.</summary>
/// <remarks>
/// The table is emptied outside of the savepoints, where PostgreSQL can do so in place: within one each TRUNCATE would leave a
/// file until the commit. Its columns have names of their own, so that none can clash with the number of the row.
/// </remarks>
internal sealed class Stage
{
    private readonly NpgsqlConnection _open;
    private readonly string _stage;

    /// <param name="open">Connection with the import's transaction.</param>
    /// <param name="lane">Encodes the rows, with their numbers.</param>
    /// <param name="sql">Takes them into their table.</param>
    /// <param name="name">Name of the temporary table.</param>
    public Stage(NpgsqlConnection open, ImportLane lane, StageSql sql, string name)
    {
        _open = open;
        _stage = Identifier.Quote("pg_temp", name);
        Lane = lane;
        Sql = sql;
    }

    /// <summary>Encodes the rows.</summary>
    public ImportLane Lane { get; }

    /// <summary>Takes rows from the temporary table.</summary>
    public StageSql Sql { get; }

    /// <summary>Makes the temporary table; the commit drops it.</summary>
    public async Task CreateAsync(CancellationToken cancellationToken)
    {
        await ExecuteAsync(
            cancellationToken,
            $"CREATE TEMPORARY TABLE {_stage} ON COMMIT DROP AS SELECT 0::bigint AS number{Sql.StageColumns} FROM {Sql.Target} WITH NO DATA")
            .ConfigureAwait(false);
    }

    /// <summary>Loads rows, all or none of them: after an error comes <see cref="RollBackAsync"/>, or the end of the transaction.</summary>
    public async Task<StageWritten> LoadAsync(RowSlice rows, CancellationToken cancellationToken)
    {
        await ExecuteAsync(cancellationToken, $"TRUNCATE {_stage}", "SAVEPOINT chunk").ConfigureAwait(false);
        await CopyAsync(rows, cancellationToken).ConfigureAwait(false);
        var written = await WriteAsync(rows.Given, cancellationToken).ConfigureAwait(false);
        await ExecuteAsync(cancellationToken, "RELEASE SAVEPOINT chunk").ConfigureAwait(false);
        return written;
    }

    /// <summary>Puts rows into another temporary table, behind its own columns <c>shape</c> and <c>number</c>.</summary>
    public async Task MoveAsync(RowSlice rows, string table, int shape, CancellationToken cancellationToken)
    {
        await ExecuteAsync(cancellationToken, $"TRUNCATE {_stage}").ConfigureAwait(false);
        await CopyAsync(rows, cancellationToken).ConfigureAwait(false);
        await ExecuteAsync(cancellationToken, $"INSERT INTO {table} SELECT {shape}, * FROM {_stage}").ConfigureAwait(false);
    }

    /// <summary>Takes back rows that the server refused.</summary>
    public Task RollBackAsync(CancellationToken cancellationToken) =>
        ExecuteAsync(cancellationToken, "ROLLBACK TO SAVEPOINT chunk", "RELEASE SAVEPOINT chunk");

    private async Task CopyAsync(RowSlice rows, CancellationToken cancellationToken)
    {
        var copy = await CopyTarget.BeginAsync(_open, _stage, cancellationToken).ConfigureAwait(false);
        await using (copy.ConfigureAwait(false))
        {
            await copy.SendAsync(rows.Bytes, cancellationToken).ConfigureAwait(false);
            await copy.CompleteAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<StageWritten> WriteAsync(ColumnSet? given, CancellationToken cancellationToken)
    {
        if (!Sql.MayUpdate(given))
        {
            var (written, _) = await WriteAsync(WriteSql(given, _stage, "1::bigint"), cancellationToken).ConfigureAwait(false);
            return written;
        }

        var total = default(StageWritten);
        var numbered = $"numbered AS (SELECT *, {Sql.Turn} AS turn FROM {_stage}), ";
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

    private async Task<(StageWritten Written, long Turns)> WriteAsync(
        string sql, CancellationToken cancellationToken, params NpgsqlParameter[] parameters)
    {
        var written = default(StageWritten);
        var turns = 1L;
        var trip = new RoundTrip(_open);
        trip.QueryWithOtherPath(
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
