using Npgsql;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Generation;

/// <summary>
/// Picks existing rows as parents in a time that does not depend on the table's size: random places of the table file are
/// looked up (ctid), no index is read and no row skipped over.
/// </summary>
/// <remarks>The places depend on the seed and the number of blocks, so the same rows in the same places give the same parents
/// for the same seed.</remarks>
internal sealed class ParentSampler
{
    /// <summary>Most parents that one batch picks from a table: more would only cost time.</summary>
    public const int MaxParents = 1000;

    // Every place of so few blocks is looked up: random places would miss most rows of a small table.
    private const int SmallTableBlocks = 2;

    private readonly TableModel _table;
    private readonly int _wanted;
    private readonly GenerationSettings _settings;
    private readonly CountedRandom _random;
    private readonly List<object?[]> _found = [];
    private long _blocks;

    /// <param name="table">The table.</param>
    /// <param name="count">Most rows to pick.</param>
    /// <param name="settings">Seed; rows that came about after the reference time are not picked.</param>
    public ParentSampler(TableModel table, int count, GenerationSettings settings)
    {
        _table = table;
        _wanted = Math.Min(count, MaxParents);
        _settings = settings;
        _random = CountedRandom.FromSeed(settings.Seed).Derive("existing").Derive(table.Name);
    }

    /// <summary>Picks rows of a table on an open connection.</summary>
    public static async Task<ExistingRows> SampleAsync(
        NpgsqlConnection open,
        string schema,
        TableModel table,
        int count,
        GenerationSettings settings,
        CancellationToken cancellationToken)
    {
        var sampler = new ParentSampler(table, count, settings);
        var trip = new RoundTrip(open);
        sampler.Ask(trip, schema, lockRows: false);
        await trip.ExecuteAsync(cancellationToken).ConfigureAwait(false);
        return await sampler.GetRowsAsync(open, schema, lockRows: false, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Asks for rows.</summary>
    /// <param name="trip">The round trip to ask with.</param>
    /// <param name="schema">Schema of the table.</param>
    /// <param name="lockRows">True to lock the rows FOR KEY SHARE, so that nobody deletes them before the transaction ends.</param>
    public void Ask(RoundTrip trip, string schema, bool lockRows)
    {
        var name = Identifier.Quote(schema, _table.Name);
        // Some places hold no row, or the same one twice.
        var draws = (_wanted * 5 / 4) + 4;
        var perBlock = RowsPerBlock(_table);
        var items = _random.Derive("item");
        trip.Query(
            "SELECT pg_relation_size($1::regclass) / current_setting('block_size')::bigint",
            row => _blocks = row.GetInt64(0),
            Parameter.Of(name));
        trip.Query(
            RandomPlacesSql(name, lockRows),
            Remember,
            Parameter.Of(name),
            Parameter.Timestamp(_settings.ReferenceTime),
            Parameter.Of(Enumerable.Range(0, draws).Select(draw => _random.Fraction(draw)).ToArray()),
            Parameter.Of(Enumerable.Range(0, draws).Select(draw => 1 + (int)items.Below(draw, perBlock)).ToArray()),
            Parameter.Of(perBlock));
    }

    /// <summary>The rows, once the round trip has been made.</summary>
    public async Task<ExistingRows> GetRowsAsync(
        NpgsqlConnection open, string schema, bool lockRows, CancellationToken cancellationToken)
    {
        if (_found.Count == 0 && _blocks > SmallTableBlocks)
        {
            // Empty places only: most of the table was deleted. The first rows there are will do.
            var trip = new RoundTrip(open);
            trip.Query(
                AnyRowsSql(Identifier.Quote(schema, _table.Name), lockRows),
                Remember,
                Parameter.Of(_wanted),
                Parameter.Timestamp(_settings.ReferenceTime));
            await trip.ExecuteAsync(cancellationToken).ConfigureAwait(false);
        }

        return Choose();
    }

    private void Remember(NpgsqlDataReader row)
    {
        var values = new object?[_table.Columns.Count];
        for (var column = 0; column < values.Length; column++)
        {
            values[column] = row.IsDBNull(column) ? null : row.GetValue(column);
        }

        _found.Add(values);
    }

    /// <summary>Shuffles what was found, since it comes in the order of the table, and keeps as many as are wanted.</summary>
    private ExistingRows Choose()
    {
        var order = _random.Derive("order");
        for (var index = _found.Count - 1; index > 0; index--)
        {
            var other = (int)order.Below(index, index + 1);
            (_found[index], _found[other]) = (_found[other], _found[index]);
        }

        var rows = new ExistingRows(_table);
        foreach (var values in _found.Take(_wanted))
        {
            rows.Add(values);
        }

        return rows;
    }

    private string SelectSql(string name) =>
        $"SELECT {Identifier.QuoteList(_table.Columns.Select(column => column.Name))} FROM {name}";

    /// <summary>$1 table, $2 reference time, $3 fractions of the table, $4 row numbers in a block, $5 rows that a block may hold.</summary>
    private string RandomPlacesSql(string name, bool lockRows) =>
        $"""
        {SelectSql(name)}
        WHERE ctid = ANY (ARRAY(
            WITH size AS (SELECT pg_relation_size($1::regclass) / current_setting('block_size')::bigint AS blocks)
            SELECT format('(%s,%s)', floor(draw.fraction * size.blocks)::bigint, draw.item)::tid
            FROM size, unnest($3, $4) AS draw (fraction, item)
            WHERE size.blocks > {SmallTableBlocks}
            UNION ALL
            SELECT format('(%s,%s)', block, item)::tid
            FROM size, generate_series(0, size.blocks - 1) AS block, generate_series(1, $5) AS item
            WHERE size.blocks <= {SmallTableBlocks}))
        AND {NotAfterReferenceTimeSql}
        {LockSql(lockRows)}
        """;

    /// <summary>$1 most rows, $2 reference time.</summary>
    private string AnyRowsSql(string name, bool lockRows) =>
        $"{SelectSql(name)} WHERE {NotAfterReferenceTimeSql} LIMIT $1 {LockSql(lockRows)}";

    // The parameter is used in any case, so that both kinds of table take the same parameters.
    private string NotAfterReferenceTimeSql =>
        _table.Columns.FirstOrDefault(column => column.Type.Kind == ColumnKind.Timestamp) is { } time
            ? $"({Identifier.Quote(time.Name)} <= $2 OR {Identifier.Quote(time.Name)} IS NULL)"
            : "$2::timestamp IS NOT NULL";

    private static string LockSql(bool lockRows) => lockRows ? "FOR KEY SHARE" : "";

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
