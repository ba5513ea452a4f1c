using Npgsql;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Loading;

/// <summary>
/// Tells when someone changed tables: every change of a table, its columns, constraints, triggers or rights writes at least one of its
/// catalog rows again. That of several tables is the sum of theirs.
/// </summary>
internal sealed class TableFingerprint
{
    private const int NumberOfSums = 9;

    private const string OfEachSql =
        """
        SELECT c.relname::text AS name, 1 AS tables, c.oid::bigint AS id, c.xmin::text::bigint AS own, a.*, k.*, g.*
        FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        CROSS JOIN LATERAL (SELECT count(*) AS columns, sum(xmin::text::bigint) AS of_columns FROM pg_catalog.pg_attribute WHERE attrelid = c.oid) a
        CROSS JOIN LATERAL (SELECT count(*) AS constraints, sum(xmin::text::bigint) AS of_constraints FROM pg_catalog.pg_constraint WHERE conrelid = c.oid) k
        CROSS JOIN LATERAL (SELECT count(*) AS triggers, sum(xmin::text::bigint) AS of_triggers FROM pg_catalog.pg_trigger WHERE tgrelid = c.oid) g
        WHERE n.nspname = $1 AND c.relname = ANY ($2)
        """;

    private const string SumsSql =
        "ARRAY[sum(tables), sum(id), sum(own), sum(columns), sum(of_columns), sum(constraints), sum(of_constraints), sum(triggers), sum(of_triggers)]::numeric[]";

    // Counts of catalog rows, and sums of the transactions that wrote them.
    private readonly decimal[] _sums;

    private TableFingerprint(decimal[] sums) => _sums = sums;

    /// <summary>Asks for the fingerprint of tables together.</summary>
    public static void Ask(CommandBatch commands, string schema, string[] tables, Action<TableFingerprint> answer) =>
        commands.Query($"SELECT {SumsSql} FROM ({OfEachSql}) AS each", row => answer(Of(row, 0)), Parameter.Of(schema), Parameter.Of(tables));

    /// <summary>Reads the fingerprint of each table; one that is missing has none.</summary>
    public static async Task<IReadOnlyDictionary<string, TableFingerprint>> ReadAsync(
        NpgsqlConnection open, string schema, string[] tables, CancellationToken cancellationToken)
    {
        var fingerprints = new Dictionary<string, TableFingerprint>(StringComparer.Ordinal);
        var commands = new CommandBatch(open);
        commands.Query(
            $"SELECT name, {SumsSql} FROM ({OfEachSql}) AS each GROUP BY name",
            row => fingerprints.Add(row.GetString(0), Of(row, 1)),
            Parameter.Of(schema),
            Parameter.Of(tables));
        await commands.ExecuteAsync(cancellationToken).ConfigureAwait(false);
        return fingerprints;
    }

    /// <summary>The fingerprint of tables together.</summary>
    public static TableFingerprint Sum(IEnumerable<TableFingerprint> each)
    {
        var sums = new decimal[NumberOfSums];
        foreach (var fingerprint in each)
        {
            for (var index = 0; index < NumberOfSums; index++)
            {
                sums[index] += fingerprint._sums[index];
            }
        }

        return new TableFingerprint(sums);
    }

    /// <summary>True when nobody changed anything between the two.</summary>
    public bool IsSame(TableFingerprint other) => _sums.AsSpan().SequenceEqual(other._sums);

    /// <summary>There is no sum where there is no row.</summary>
    private static TableFingerprint Of(NpgsqlDataReader row, int column) =>
        new([.. row.GetFieldValue<decimal?[]>(column).Select(sum => sum ?? 0)]);
}
