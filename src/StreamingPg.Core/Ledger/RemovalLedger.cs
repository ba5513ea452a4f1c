using NpgsqlTypes;
using StreamingPg.Core.Model;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Ledger;

/// <summary>
/// The ledger's row of one run of retention: in it every transaction counts what it removed, so that the ledger and the tables
/// agree to the row whatever happens to the run.
/// </summary>
internal sealed class RemovalLedger(string schema)
{
    private static readonly string Writer = $"{Environment.MachineName}:{Environment.ProcessId}";

    private readonly Guid _id = Guid.NewGuid();

    // Numbers count batches, and seeds go by them: a removal takes one that no batch has.
    private readonly long _number = -(1L << 62) - Random.Shared.NextInt64(1L << 62);

    /// <summary>Adds rows of a table to those removed; <paramref name="total"/> gets the rows of the table that the run removed so far.</summary>
    public void Add(CommandBatch commands, string table, long rows, Action<long> total) => commands.Query(
        $"""
        INSERT INTO {Identifier.Quote(schema, LedgerTable.Name)} AS run (batch_id, batch_number, kind, rows, writer)
        VALUES ($1, $2, '{LedgerKind.Removal}', jsonb_build_object($3::text, $4::bigint), $5)
        ON CONFLICT (batch_id, part) DO UPDATE
        SET rows = run.rows || jsonb_build_object($3::text, COALESCE((run.rows->>$3)::bigint, 0) + $4), committed_at = clock_timestamp()
        RETURNING (rows->>$3)::bigint
        """,
        row => total(row.GetInt64(0)),
        Parameter.Of(_id),
        Parameter.Of(_number),
        Parameter.Of(table, NpgsqlDbType.Text),
        Parameter.Of(rows),
        Parameter.Of(Writer));
}
