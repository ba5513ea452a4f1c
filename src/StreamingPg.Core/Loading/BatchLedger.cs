using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using StreamingPg.Core.Connections;

namespace StreamingPg.Core.Loading;

/// <summary>Writes and reads the ledger within the transaction of a batch.</summary>
internal static class BatchLedger
{
    /// <summary>
    /// Writes the ledger row of a part, first thing in its transaction. A repeat of the same part waits here until the first
    /// attempt has ended.
    /// </summary>
    /// <returns>Number of the batch, or null when the part is there already.</returns>
    public static async Task<long?> ClaimAsync(
        NpgsqlConnection open, string schema, LedgerClaim claim, CancellationToken cancellationToken)
    {
        var sql = $"""
            INSERT INTO {Identifier.Quote(schema, LedgerTable.Name)}
                (batch_id, part, parts, {(claim.BatchNumber is null ? "" : "batch_number, ")}kind, seed, reference_time, writer)
            VALUES ($1, $2, $3, {(claim.BatchNumber is null ? "" : "$8, ")}$4, $5, $6, $7)
            ON CONFLICT (batch_id, part) DO NOTHING
            RETURNING batch_number
            """;
        await using var command = new NpgsqlCommand(sql, open)
        {
            Parameters =
            {
                new NpgsqlParameter<Guid> { TypedValue = claim.BatchId },
                new NpgsqlParameter<int> { TypedValue = claim.Part },
                new NpgsqlParameter<int> { TypedValue = claim.Parts },
                new NpgsqlParameter<string> { TypedValue = claim.Kind },
                new() { NpgsqlDbType = NpgsqlDbType.Bigint, Value = (object?)claim.Seed ?? DBNull.Value },
                new() { NpgsqlDbType = NpgsqlDbType.Timestamp, Value = Unspecified(claim.ReferenceTime) },
                new NpgsqlParameter<string> { TypedValue = Writer },
            },
        };
        if (claim.BatchNumber is { } number)
        {
            command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = number });
        }

        return (long?)await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Completes the ledger row of a part, last thing before the commit.</summary>
    /// <returns>The time of the row, by the server's clock.</returns>
    public static async Task<DateTime> CompleteAsync(
        NpgsqlConnection open,
        string schema,
        LedgerClaim claim,
        IReadOnlyDictionary<string, long> rows,
        ForeignKeyCheck check,
        CancellationToken cancellationToken)
    {
        var sql = $"""
            UPDATE {Identifier.Quote(schema, LedgerTable.Name)}
            SET rows = $3, foreign_key_check = $4, committed_at = clock_timestamp()
            WHERE batch_id = $1 AND part = $2
            RETURNING committed_at
            """;
        await using var command = new NpgsqlCommand(sql, open)
        {
            Parameters =
            {
                new NpgsqlParameter<Guid> { TypedValue = claim.BatchId },
                new NpgsqlParameter<int> { TypedValue = claim.Part },
                new() { NpgsqlDbType = NpgsqlDbType.Jsonb, Value = ToJson(rows) },
                new NpgsqlParameter<string> { TypedValue = check.ToString() },
            },
        };
        return (DateTime)(await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false)
            ?? throw new InvalidOperationException("The ledger row of the batch has gone."));
    }

    /// <summary>Reads the ledger row of a part that is there already.</summary>
    public static async Task<LedgerRow> ReadAsync(
        NpgsqlConnection open, string schema, Guid batchId, int part, CancellationToken cancellationToken)
    {
        var sql = $"""
            SELECT parts, batch_number, COALESCE(seed, 0), COALESCE(reference_time, committed_at AT TIME ZONE 'UTC'), rows::text,
                   COALESCE(foreign_key_check, 'Row'), committed_at
            FROM {Identifier.Quote(schema, LedgerTable.Name)}
            WHERE batch_id = $1 AND part = $2
            """;
        await using var command = new NpgsqlCommand(sql, open)
        {
            Parameters = { new NpgsqlParameter<Guid> { TypedValue = batchId }, new NpgsqlParameter<int> { TypedValue = part } },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        if (!await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            throw new InvalidOperationException($"The ledger has no part {part} of batch {batchId}.");
        }

        return new LedgerRow(
            reader.GetInt32(0),
            reader.GetInt64(1),
            reader.GetInt64(2),
            reader.GetDateTime(3),
            FromJson(reader.GetString(4)),
            Enum.Parse<ForeignKeyCheck>(reader.GetString(5)),
            reader.GetDateTime(6));
    }

    private static string Writer => $"{Environment.MachineName}:{Environment.ProcessId}";

    private static object Unspecified(DateTime? time) =>
        time is { } given ? DateTime.SpecifyKind(given, DateTimeKind.Unspecified) : DBNull.Value;

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

        return System.Text.Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    private static Dictionary<string, long> FromJson(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.EnumerateObject().ToDictionary(table => table.Name, table => table.Value.GetInt64());
    }
}
