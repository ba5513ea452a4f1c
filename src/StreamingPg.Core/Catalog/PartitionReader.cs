using System.Globalization;
using System.Text.RegularExpressions;
using Npgsql;
using StreamingPg.Core.Model;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Catalog;

/// <summary>A partition of a table, one level below it.</summary>
/// <param name="Table">The table.</param>
/// <param name="Schema">Schema of the partition.</param>
/// <param name="Name">Name of the partition.</param>
/// <param name="Period">The time that it holds; null for a default partition and for bounds that are no two times.</param>
/// <param name="IsDefault">True when it takes what no other takes.</param>
/// <param name="IsLeaf">False when it has partitions itself.</param>
/// <param name="Blocks">Its size in blocks.</param>
internal sealed record PeriodPartition(string Table, string Schema, string Name, PartitionPeriod? Period, bool IsDefault, bool IsLeaf, long Blocks)
{
    /// <summary>True when the role may drop it: the tables are its own.</summary>
    public bool MayDrop { get; init; }

    /// <summary>True of a default partition whose rows cannot move unseen: a foreign key refers to them, a trigger or a publication sees each
    /// that is deleted.</summary>
    public bool IsWatched { get; init; }

    /// <summary>What somebody has made that depends on the partition itself, so that it cannot be dropped; null for nothing.</summary>
    public string? Dependent { get; init; }

    /// <summary>True when its name is one that StreamingPg gives.</summary>
    public bool IsOwn => Period is { } period && PartitionPeriod.Read(Name) is { } named && named.Period == period;
}

/// <summary>Reads the partitions of tables and the times that they hold.</summary>
internal static partial class PartitionReader
{
    private const string Sql =
        """
        SELECT c.relname::text, ln.nspname::text, l.relname::text, pg_get_expr(l.relpartbound, l.oid), l.relkind <> 'p',
               CASE WHEN l.relkind = 'p' THEN 0 ELSE coalesce(pg_relation_size(l.oid), 0) / current_setting('block_size')::bigint END,
               pg_has_role(c.relowner, 'USAGE') AND pg_has_role(l.relowner, 'USAGE'),
               CASE WHEN pg_get_expr(l.relpartbound, l.oid) = 'DEFAULT' THEN
                   EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE k.contype = 'f' AND k.confrelid IN (c.oid, l.oid))
                   OR EXISTS (SELECT FROM pg_catalog.pg_trigger t
                              WHERE t.tgrelid IN (c.oid, l.oid) AND NOT t.tgisinternal AND t.tgenabled <> 'D' AND t.tgtype & 8 <> 0)
                   OR EXISTS (SELECT FROM pg_catalog.pg_publication_tables p
                              WHERE (p.schemaname, p.tablename) IN ((n.nspname, c.relname), (ln.nspname, l.relname)))
               ELSE false END,
               COALESCE(
                   (SELECT pg_describe_object('pg_catalog.pg_class'::regclass, r.ev_class, 0)
                    FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_rewrite r ON r.oid = d.objid
                    WHERE d.classid = 'pg_catalog.pg_rewrite'::regclass AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = l.oid
                      AND r.ev_class <> l.oid LIMIT 1),
                   (SELECT pg_describe_object('pg_catalog.pg_constraint'::regclass, k.oid, 0)
                    FROM pg_catalog.pg_constraint k WHERE k.contype = 'f' AND k.confrelid = l.oid AND k.conrelid <> l.oid AND k.conparentid = 0 LIMIT 1))
        FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_catalog.pg_inherits i ON i.inhparent = c.oid AND NOT i.inhdetachpending
        JOIN pg_catalog.pg_class l ON l.oid = i.inhrelid AND l.relispartition
        JOIN pg_catalog.pg_namespace ln ON ln.oid = l.relnamespace
        WHERE n.nspname = $1 AND c.relname = ANY ($2) AND c.relkind = 'p'
        ORDER BY l.relname
        """;

    /// <summary>Adds the question to a round trip.</summary>
    public static void Ask(CommandBatch commands, string schema, IEnumerable<string> tables, Action<PeriodPartition> answer)
    {
        commands.Query(
            Sql,
            row =>
            {
                // One that is being dropped has no bound any more, nor a size.
                if (!row.IsDBNull(3))
                {
                    answer(Read(row));
                }
            },
            Parameter.Of(schema), Parameter.Of(tables.ToArray()));
    }

    /// <summary>Reads them.</summary>
    public static async Task<IReadOnlyList<PeriodPartition>> ReadAsync(
        NpgsqlConnection open, string schema, IEnumerable<string> tables, CancellationToken cancellationToken)
    {
        var partitions = new List<PeriodPartition>();
        var commands = new CommandBatch(open);
        Ask(commands, schema, tables, partitions.Add);
        await commands.ExecuteAsync(cancellationToken).ConfigureAwait(false);
        return partitions;
    }

    private static PeriodPartition Read(NpgsqlDataReader row)
    {
        var bound = row.GetString(3);
        return new PeriodPartition(
            row.GetString(0), row.GetString(1), row.GetString(2), Period(bound), bound == "DEFAULT", row.GetBoolean(4), row.GetInt64(5))
        {
            MayDrop = row.GetBoolean(6),
            IsWatched = row.GetBoolean(7),
            Dependent = row.IsDBNull(8) ? null : row.GetString(8),
        };
    }

    private static PartitionPeriod? Period(string bound) =>
        Range().Match(bound) is { Success: true } match && Time(match.Groups[1].Value) is { } from && Time(match.Groups[2].Value) is { } to
            ? new PartitionPeriod(from, to)
            : null;

    private static DateTime? Time(string text) => DateTime.TryParse(
        text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
        ? DateTime.SpecifyKind(time, DateTimeKind.Unspecified)
        : null;

    [GeneratedRegex(@"^FOR VALUES FROM \('([0-9]{4}-[0-9]{2}-[0-9]{2}[^']*)'\) TO \('([0-9]{4}-[0-9]{2}-[0-9]{2}[^']*)'\)$", RegexOptions.CultureInvariant)]
    private static partial Regex Range();
}
