using Npgsql;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Model;
using StreamingPg.Core.Schema;

namespace StreamingPg.Core.Loading;

/// <summary>Reserves values of the sequence behind a column, so that rows can be made with them in any order and on any connection.</summary>
/// <remarks>
/// A few values are drawn one by one. Many are taken by moving the sequence ahead, which costs the same for any number (drawing
/// a million takes a quarter of a second, measured on PostgreSQL 15); between reading and moving it, a stranger's nextval could
/// take a value of the range, and the unique key would then refuse the batch, or the stranger's row, whole. StreamingPg's own
/// writers keep out of each other's way by an advisory lock.
/// </remarks>
internal static class SequenceReservation
{
    private const int DrawnOneByOne = 1000;

    // Any fixed number: the first half of the advisory lock, the second is the sequence's oid.
    private const int LockClass = 0x53504731;

    /// <summary>Reserves consecutive values.</summary>
    /// <returns>The first of them.</returns>
    /// <exception cref="StreamingException">The column has no sequence, it counts in other steps than 1, or it has not enough
    /// values left.</exception>
    public static async Task<long> ReserveAsync(
        NpgsqlConnection open, string schema, TableModel table, long count, CancellationToken cancellationToken)
    {
        var column = table.SequenceColumn!.Name;
        var sequence = await SequenceReader.FindAsync(open, schema, table.Name, column, cancellationToken).ConfigureAwait(false)
            ?? throw NoSequence(table, column);
        if (sequence.Increment != 1)
        {
            throw new StreamingException(
                "SequenceIncrement",
                StreamingErrorKind.SchemaMismatch,
                $"The sequence \"{sequence.Name}\" behind \"{table.Name}\".\"{column}\" counts in steps of {sequence.Increment}.",
                "Generated rows need steps of 1: ALTER SEQUENCE ... INCREMENT BY 1.",
                table.Name);
        }

        if (sequence.Remaining < count)
        {
            throw new StreamingException(
                "SequenceExhausted",
                StreamingErrorKind.ResourceExhausted,
                $"The sequence behind \"{table.Name}\".\"{column}\" can give {sequence.Remaining} more values, and {count} are asked for.",
                "Ask for fewer rows, or widen column and sequence (ALTER TABLE ... TYPE bigint, ALTER SEQUENCE ... AS bigint).",
                table.Name);
        }

        return await TakeAsync(open, Identifier.Quote(sequence.Schema, sequence.Name), count, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Moves the sequence of a column ahead of a value that was written explicitly.</summary>
    public static async Task KeepAheadAsync(
        NpgsqlConnection open, string schema, TableModel table, long written, CancellationToken cancellationToken)
    {
        var column = table.SequenceColumn!.Name;
        var sequence = await SequenceReader.FindAsync(open, schema, table.Name, column, cancellationToken).ConfigureAwait(false);
        if (sequence is null || sequence.LastValue + (sequence.IsCalled ? 0 : -1) >= written)
        {
            return;
        }

        var name = Identifier.Quote(sequence.Schema, sequence.Name);
        await WithLockAsync(
            open,
            name,
            new NpgsqlBatchCommand($"SELECT setval($1::regclass, greatest($2, (SELECT last_value FROM {name})))")
            {
                Parameters = { new NpgsqlParameter<string> { TypedValue = name }, new NpgsqlParameter<long> { TypedValue = written } },
            },
            cancellationToken).ConfigureAwait(false);
    }

    private static async Task<long> TakeAsync(NpgsqlConnection open, string sequence, long count, CancellationToken cancellationToken)
    {
        while (true)
        {
            var sql = count <= DrawnOneByOne
                ? "SELECT min(value), max(value) FROM (SELECT nextval($1::regclass) AS value FROM generate_series(1, $2)) AS drawn"
                : "SELECT taken - $2 + 1, taken FROM (SELECT setval($1::regclass, nextval($1::regclass) + $2 - 1) AS taken) AS moved";
            var (first, last) = await WithLockAsync(
                open,
                sequence,
                new NpgsqlBatchCommand(sql)
                {
                    Parameters = { new NpgsqlParameter<string> { TypedValue = sequence }, new NpgsqlParameter<long> { TypedValue = count } },
                },
                cancellationToken).ConfigureAwait(false);
            if (last - first + 1 == count)
            {
                return first;
            }

            // A stranger drew in between: the values drawn stay unused, as those of a rolled back transaction do.
        }
    }

    private static async Task<(long First, long Last)> WithLockAsync(
        NpgsqlConnection open, string sequence, NpgsqlBatchCommand command, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(open)
        {
            BatchCommands =
            {
                new($"SELECT pg_advisory_lock({LockClass}, $1::regclass::oid::int)")
                {
                    Parameters = { new NpgsqlParameter<string> { TypedValue = sequence } },
                },
                command,
                new($"SELECT pg_advisory_unlock({LockClass}, $1::regclass::oid::int)")
                {
                    Parameters = { new NpgsqlParameter<string> { TypedValue = sequence } },
                },
            },
        };
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await reader.NextResultAsync(cancellationToken).ConfigureAwait(false);
        await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        return (reader.GetInt64(0), reader.FieldCount > 1 ? reader.GetInt64(1) : 0);
    }

    private static StreamingException NoSequence(TableModel table, string column) => new(
        "SequenceMissing",
        StreamingErrorKind.SchemaMismatch,
        $"There is no sequence behind \"{table.Name}\".\"{column}\".",
        "Give the column one (ALTER TABLE ... ADD GENERATED BY DEFAULT AS IDENTITY).",
        table.Name);
}
