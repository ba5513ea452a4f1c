using System.Text;
using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using StreamingPg.Core.Model;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Ledger;

/// <summary>Writes and reads the ledger within the transaction of a batch.</summary>
internal static class BatchLedger
{
    /// <summary>Where the plan of an import has the rows that it updated, per table.</summary>
    public const string UpdatedKey = "updated";

    /// <summary>Where the plan of a chunk has the first and the last key that its rows of a table can have, as text.</summary>
    public const string KeysKey = "keys";

    /// <summary>
    /// Writes the ledger row of a part, first thing in its transaction. A repeat of the same part waits here until the first
    /// attempt has ended. <paramref name="number"/> gets the number of the batch, or is not called if the chunk is already there.
    /// </summary>
    public static void Claim(CommandBatch commands, string schema, LedgerClaim claim, Action<long> number)
    {
        // Without a number the identity column gives the next one.
        var (column, value) = claim.BatchNumber is null ? ("", "") : ("batch_number, ", "$8, ");
        NpgsqlParameter[] parameters =
        [
            Parameter.Of(claim.BatchId),
            Parameter.Of(claim.Chunk),
            Parameter.Of(claim.Chunks),
            Parameter.Of(claim.Kind),
            Parameter.Of(claim.Seed, NpgsqlDbType.Bigint),
            Parameter.Timestamp(claim.ReferenceTime),
            Parameter.Of(Writer),
        ];
        commands.Query(
            $"""
            INSERT INTO {Identifier.Quote(schema, LedgerTable.Name)}
                (batch_id, part, parts, {column}kind, seed, reference_time, writer)
            VALUES ($1, $2, $3, {value}$4, $5, $6, $7)
            ON CONFLICT (batch_id, part) DO NOTHING
            RETURNING batch_number
            """,
            row => number(row.GetInt64(0)),
            claim.BatchNumber is { } known ? [.. parameters, Parameter.Of(known)] : parameters);
    }

    /// <summary>Completes the ledger row of a part, last thing before the commit; <paramref name="time"/> gets the server's time.</summary>
    /// <param name="commands">The round trip to ask with.</param>
    /// <param name="schema">Schema of the ledger.</param>
    /// <param name="claim">What was claimed.</param>
    /// <param name="rows">Rows per table.</param>
    /// <param name="check">How foreign keys were verified.</param>
    /// <param name="retries">Attempts that failed before.</param>
    /// <param name="plan">What a later process needs to load the other chunks, or null if there are none.</param>
    /// <param name="time">Gets the server's time.</param>
    public static void Complete(
        CommandBatch commands,
        string schema,
        LedgerClaim claim,
        IReadOnlyDictionary<string, long> rows,
        ForeignKeyCheck check,
        int retries,
        string? plan,
        Action<DateTime> time)
    {
        NpgsqlParameter[] parameters =
        [
            Parameter.Of(claim.BatchId),
            Parameter.Of(claim.Chunk),
            Parameter.Of(ToJson(rows), NpgsqlDbType.Jsonb),
            Parameter.Of(check.ToString()),
            Parameter.Of(retries),
        ];
        commands.Query(
            $"""
            UPDATE {Identifier.Quote(schema, LedgerTable.Name)}
            SET rows = $3, foreign_key_check = $4, retries = $5, {(plan is null ? "" : "plan = $6, ")}committed_at = clock_timestamp()
            WHERE batch_id = $1 AND part = $2
            RETURNING committed_at
            """,
            row => time(row.GetDateTime(0)),
            plan is null ? parameters : [.. parameters, Parameter.Of(plan, NpgsqlDbType.Jsonb)]);
    }

    /// <summary>
    /// Writes a ledger row that is there again as it is, so that the commit of that waits for a synchronous standby. A session that waited
    /// for one and was ended leaves a row that can be read, but that a failover would lose.
    /// </summary>
    public static void Confirm(CommandBatch commands, string schema, LedgerClaim claim) => commands.Add(
        $"UPDATE {Identifier.Quote(schema, LedgerTable.Name)} SET retries = retries WHERE batch_id = $1 AND part = $2",
        Parameter.Of(claim.BatchId),
        Parameter.Of(claim.Chunk));

    /// <summary>
    /// Closes a batch: takes the places of its missing chunks, for which a writer that still loads one is waited for.
    /// <paramref name="taken"/> gets the number of each.
    /// </summary>
    public static void Close(CommandBatch commands, string schema, Guid batchId, Action<int> taken)
    {
        var ledger = Identifier.Quote(schema, LedgerTable.Name);
        commands.Query(
            $"""
            INSERT INTO {ledger} (batch_id, part, parts, batch_number, kind, writer)
            SELECT first.batch_id, missing.part, first.parts, first.batch_number, '{LedgerKind.Closed}', $2
            FROM {ledger} AS first CROSS JOIN LATERAL generate_series(0, first.parts - 1) AS missing (part)
            WHERE first.batch_id = $1 AND first.part = 0
              AND NOT EXISTS (SELECT FROM {ledger} AS other WHERE other.batch_id = $1 AND other.part = missing.part)
            ON CONFLICT (batch_id, part) DO NOTHING
            RETURNING part
            """,
            row => taken(row.GetInt32(0)),
            Parameter.Of(batchId),
            Parameter.Of(Writer));
    }

    /// <summary>The error for more work on a batch that was closed.</summary>
    public static StreamingException ClosedError(Guid batchId) => new(
        ErrorIds.BatchClosed,
        StreamingErrorKind.InvalidInput,
        $"Batch {batchId} was closed (Close-StreamingBatch, streamingpg close): nothing more is loaded into it.",
        "Load a new batch.",
        batchId);

    /// <summary>
    /// Completes the ledger row of an import. Rows are those that were added, as in every row of the ledger, so that its sum stays the number
    /// of rows in the tables; what replaced the values of a row stands in the plan, which an import does not have otherwise.
    /// </summary>
    public static void CompleteImport(
        CommandBatch commands,
        string schema,
        LedgerClaim claim,
        ForeignKeyCheck check,
        IReadOnlyDictionary<string, long> inserted,
        IReadOnlyDictionary<string, long> updated) =>
        Complete(
            commands,
            schema,
            claim,
            inserted,
            check,
            retries: 0,
            updated.Count == 0 ? null : $$"""{"{{UpdatedKey}}": {{ToJson(updated)}}}""",
            _ => { });

    /// <summary>Reads the ledger rows of a batch, part by part; none when it is not there.</summary>
    public static async Task<IReadOnlyList<LedgerRow>> ReadAsync(
        NpgsqlConnection open, string schema, Guid batchId, CancellationToken cancellationToken)
    {
        var found = new List<LedgerRow>();
        var commands = new CommandBatch(open);
        commands.Query(
            $"""
            SELECT part, parts, batch_number, COALESCE(seed, 0), COALESCE(reference_time, committed_at AT TIME ZONE 'UTC'), plan::text,
                   rows::text, COALESCE(foreign_key_check, 'Row'), committed_at, kind = '{LedgerKind.Closed}'
            FROM {Identifier.Quote(schema, LedgerTable.Name)}
            WHERE batch_id = $1
            ORDER BY part
            """,
            row => found.Add(new LedgerRow(
                row.GetInt32(0),
                row.GetInt32(1),
                row.GetInt64(2),
                row.GetInt64(3),
                DateTime.SpecifyKind(row.GetDateTime(4), DateTimeKind.Utc),
                row.IsDBNull(5) ? null : row.GetString(5),
                FromJson(row.GetString(6)),
                Enum.Parse<ForeignKeyCheck>(row.GetString(7)),
                row.GetDateTime(8),
                row.GetBoolean(9))),
            Parameter.Of(batchId));
        await commands.ExecuteAsync(cancellationToken).ConfigureAwait(false);
        return found;
    }

    /// <summary>Machine and process, as the ledger names them.</summary>
    public static string Writer { get; } = $"{Environment.MachineName}:{Environment.ProcessId}";

    private static string ToJson(IReadOnlyDictionary<string, long> rows)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            foreach (var (table, count) in rows)
            {
                writer.WriteNumber(table, count);
            }

            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    private static Dictionary<string, long> FromJson(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.EnumerateObject().ToDictionary(table => table.Name, table => table.Value.GetInt64());
    }
}

/// <summary>What a part says of itself when it writes its ledger row.</summary>
internal sealed record LedgerClaim
{
    public required Guid BatchId { get; init; }

    public int Chunk { get; init; }

    public int Chunks { get; init; } = 1;

    /// <summary>Number of the batch; null lets the ledger give the next one.</summary>
    public long? BatchNumber { get; init; }

    public string Kind { get; init; } = LedgerKind.Batch;

    public long? Seed { get; init; }

    public DateTime? ReferenceTime { get; init; }
}

/// <summary>The ledger's row of a part that is committed, or will never be because the batch was closed.</summary>
internal sealed record LedgerRow(
    int Chunk,
    int Chunks,
    long BatchNumber,
    long Seed,
    DateTime ReferenceTime,
    string? Plan,
    IReadOnlyDictionary<string, long> Rows,
    ForeignKeyCheck Check,
    DateTime CommittedAt,
    bool IsClosed = false);
