using Npgsql;
using NpgsqlTypes;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Generation;

/// <summary>
/// Picks existing rows as parents in a time that does not depend on the table's size: random places of the table file are
/// looked up (ctid), no index is read and no row skipped over.
/// </summary>
/// <remarks>The places depend on the seed and the number of blocks, so the same rows in the same places give the same parents
/// for the same seed.</remarks>
public static class ParentSampler
{
    /// <summary>Most parents that one batch picks from a table: more would only cost time.</summary>
    public const int MaxParents = 1000;

    /// <summary>Picks rows of a table.</summary>
    /// <param name="connection">The database.</param>
    /// <param name="table">The table.</param>
    /// <param name="count">Most rows to pick.</param>
    /// <param name="options">Seed; rows that came about after the reference time are not picked.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    public static async Task<ExistingRows> SampleAsync(
        DatabaseConnection connection, TableModel table, int count, GenerationOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(options);
        var settings = GenerationSettings.From(options);
        var open = await connection.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using var ignored = open.ConfigureAwait(false);
        try
        {
            return await SampleAsync(open, connection.Schema, table, count, settings, lockRows: false, cancellationToken)
                .ConfigureAwait(false);
        }
        catch (NpgsqlException exception)
        {
            throw ServerError.Translate(exception, connection, $"Picking rows of \"{table.Name}\"");
        }
    }

    /// <summary>Picks rows of a table on an open connection.</summary>
    /// <param name="connection">An open connection.</param>
    /// <param name="schema">Schema of the table.</param>
    /// <param name="table">The table.</param>
    /// <param name="count">Most rows to pick.</param>
    /// <param name="settings">Seed and reference time.</param>
    /// <param name="lockRows">True to lock the rows FOR KEY SHARE, so that nobody deletes them before the transaction ends.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    internal static async Task<ExistingRows> SampleAsync(
        NpgsqlConnection connection,
        string schema,
        TableModel table,
        int count,
        GenerationSettings settings,
        bool lockRows,
        CancellationToken cancellationToken)
    {
        var wanted = Math.Min(count, MaxParents);
        var random = CountedRandom.FromSeed(settings.Seed).Derive("existing").Derive(table.Name);
        var rows = await ReadAsync(connection, RandomPlacesSql(schema, table, lockRows), table, wanted, random, settings, cancellationToken)
            .ConfigureAwait(false);
        if (rows.Count > 0)
        {
            return rows;
        }

        // Empty places only: the table is empty, or most of it was deleted. The first rows there are will do.
        rows.Dispose();
        return await ReadAsync(connection, AnyRowsSql(schema, table, lockRows), table, wanted, random, settings, cancellationToken)
            .ConfigureAwait(false);
    }

    private static async Task<ExistingRows> ReadAsync(
        NpgsqlConnection connection,
        string sql,
        TableModel table,
        int wanted,
        CountedRandom random,
        GenerationSettings settings,
        CancellationToken cancellationToken)
    {
        var draws = (2 * wanted) + 16;
        var perBlock = RowsPerBlock(table);
        var command = new NpgsqlCommand(sql, connection);
        await using var ignored = command.ConfigureAwait(false);
        command.Parameters.Add(new NpgsqlParameter<double[]> { TypedValue = [.. Enumerable.Range(0, draws).Select(draw => random.Fraction(draw))] });
        command.Parameters.Add(new NpgsqlParameter<int[]>
        {
            TypedValue = [.. Enumerable.Range(0, draws).Select(draw => 1 + (int)random.Derive("item").Below(draw, perBlock))],
        });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = perBlock });
        command.Parameters.Add(new NpgsqlParameter<DateTime>
        {
            TypedValue = DateTime.SpecifyKind(settings.ReferenceTime, DateTimeKind.Unspecified),
            NpgsqlDbType = NpgsqlDbType.Timestamp,
        });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = draws });

        var found = new List<object?[]>();
        var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using (reader.ConfigureAwait(false))
        {
            while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                var values = new object?[table.Columns.Count];
                for (var column = 0; column < values.Length; column++)
                {
                    values[column] = await reader.IsDBNullAsync(column, cancellationToken).ConfigureAwait(false)
                        ? null
                        : reader.GetValue(column);
                }

                found.Add(values);
            }
        }

        return Choose(table, found, wanted, random);
    }

    /// <summary>Shuffles what was found, since it comes in the order of the table, and keeps as many as are wanted.</summary>
    private static ExistingRows Choose(TableModel table, List<object?[]> found, int wanted, CountedRandom random)
    {
        var order = random.Derive("order");
        for (var index = found.Count - 1; index > 0; index--)
        {
            var other = (int)order.Below(index, index + 1);
            (found[index], found[other]) = (found[other], found[index]);
        }

        var rows = new ExistingRows(table);
        foreach (var values in found.Take(wanted))
        {
            rows.Add(values);
        }

        return rows;
    }

    /// <summary>
    /// $1 fractions of the table, $2 row numbers in a block, $3 rows that a block may hold, $4 reference time, $5 most rows.
    /// Of a table of one or two blocks every row is a candidate.
    /// </summary>
    private static string RandomPlacesSql(string schema, TableModel table, bool lockRows)
    {
        var name = Identifier.Quote(schema, table.Name);
        return $"""
            SELECT {Identifier.QuoteList(table.Columns.Select(column => column.Name))} FROM {name}
            WHERE ctid = ANY (ARRAY(
                WITH size AS (
                    SELECT pg_relation_size({Identifier.Literal(name)}::regclass) / current_setting('block_size')::bigint AS blocks)
                SELECT format('(%s,%s)', floor(draw.fraction * size.blocks)::bigint, draw.item)::tid
                FROM size, unnest($1, $2) AS draw (fraction, item)
                WHERE size.blocks > 2
                UNION ALL
                SELECT format('(%s,%s)', block, item)::tid
                FROM size, generate_series(0, size.blocks - 1) AS block, generate_series(1, $3) AS item
                WHERE size.blocks <= 2))
            {NotAfterReferenceTime(table, "AND")}
            LIMIT 2 * $5
            {(lockRows ? "FOR KEY SHARE" : "")}
            """;
    }

    private static string AnyRowsSql(string schema, TableModel table, bool lockRows) =>
        $"""
        SELECT {Identifier.QuoteList(table.Columns.Select(column => column.Name))} FROM {Identifier.Quote(schema, table.Name)}
        {NotAfterReferenceTime(table, "WHERE")} {(table.Columns.Any(IsTime) ? "AND" : "WHERE")} ($1::float8[], $2::int[], $3::int) IS NOT NULL
        LIMIT $5
        {(lockRows ? "FOR KEY SHARE" : "")}
        """;

    // The parameter is used in any case, so that both kinds of table take the same parameters.
    private static string NotAfterReferenceTime(TableModel table, string conjunction) =>
        table.Columns.FirstOrDefault(IsTime) is { } time
            ? $"{conjunction} ({Identifier.Quote(time.Name)} <= $4 OR {Identifier.Quote(time.Name)} IS NULL)"
            : $"{conjunction} $4::timestamp IS NOT NULL";

    private static bool IsTime(ColumnModel column) => column.Type.Kind == ColumnKind.Timestamp;

    /// <summary>About how many rows a block of 8 KiB holds. Taken from the model and not from statistics, which change by
    /// themselves: the same seed must find the same rows.</summary>
    private static int RowsPerBlock(TableModel table)
    {
        const int UsableBytes = 8168;
        const int RowOverhead = 32;
        var bytes = RowOverhead + table.Columns.Sum(column => column.Type.Kind switch
        {
            ColumnKind.Uuid => 16,
            ColumnKind.Integer or ColumnKind.Serial => 4,
            ColumnKind.VarChar => Math.Min(column.Type.Length ?? 16, 16),
            _ => 8,
        });
        return Math.Clamp(UsableBytes / bytes, 1, 255);
    }
}
