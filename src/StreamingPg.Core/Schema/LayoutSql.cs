using System.Globalization;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Schema;

/// <summary>The statements by which a new table gets its layout, and partitions.</summary>
internal static class LayoutSql
{
    /// <summary>What CREATE TABLE says of it, after the columns.</summary>
    public static string PartitionBy(TableModel table) =>
        table.Layout.Partition is { } partition ? $" PARTITION BY RANGE ({Identifier.Quote(partition.Column)})" : "";

    /// <summary>The partition that takes what no other takes, so that no row is rejected for its time.</summary>
    public static IReadOnlyList<string> DefaultPartition(string schema, TableModel table) => table.Layout.Partition is null ? [] :
        [$"CREATE TABLE {Identifier.Quote(schema, PartitionPeriod.DefaultNameIn(table.Name))} PARTITION OF {Identifier.Quote(schema, table.Name)} DEFAULT"];

    /// <summary>
    /// Creates a partition beside whoever uses the table. ATTACH takes a weaker lock than CREATE TABLE ... PARTITION OF; rows of the period that
    /// are in the default partition move. RETURNING gives them the order of the table's columns, which that of the default partition may not be.
    /// </summary>
    /// <param name="schema">Schema of the table.</param>
    /// <param name="table">The table.</param>
    /// <param name="partition">How it is partitioned.</param>
    /// <param name="period">The period.</param>
    /// <param name="moves">True when rows of the period may be in the default partition, and may move.</param>
    /// <param name="owner">The role that the partition is given to; null for the one that creates it.</param>
    /// <param name="isDistributed">True for a table of Citus, which lets no table be attached that it does not distribute itself.</param>
    public static IReadOnlyList<string> CreatePartition(
        string schema, string table, PartitionModel partition, PartitionPeriod period, bool moves, string? owner, bool isDistributed)
    {
        var name = Identifier.Quote(schema, period.NameIn(table, partition.Interval!.Value));
        var parent = Identifier.Quote(schema, table);
        var bounds = Bounds(period);
        string[] give = owner is null ? [] : [$"ALTER TABLE {name} OWNER TO {Identifier.Quote(owner)}"];
        if (isDistributed)
        {
            return [SessionSettings.OneShardConnection, $"CREATE TABLE {name} PARTITION OF {parent} {bounds}", .. give];
        }

        var column = Identifier.Quote(partition.Column);
        var move = !moves ? "" :
            $"""
            WITH moved AS (DELETE FROM {parent} WHERE {column} >= {Instant(period.From)} AND {column} < {Instant(period.To)} RETURNING *)
            INSERT INTO {name} OVERRIDING SYSTEM VALUE SELECT * FROM moved
            """;
        return
        [
            Like(schema, period.NameIn(table, partition.Interval!.Value), table),
            .. move.Length == 0 ? [] : (string[])[move],
            $"ALTER TABLE {parent} ATTACH PARTITION {name} {bounds}",
            .. give,
        ];
    }

    /// <summary>Creates a table that can become a partition.</summary>
    public static string Like(string schema, string name, string table) =>
        $"CREATE TABLE {Identifier.Quote(schema, name)} (LIKE {Identifier.Quote(schema, table)} INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE INCLUDING GENERATED)";

    /// <summary>The bounds of a partition.</summary>
    public static string Bounds(PartitionPeriod period) => $"FOR VALUES FROM ({Instant(period.From)}) TO ({Instant(period.To)})";

    /// <summary>A bound, as a literal of whatever type the column has: without a time zone, the offset is passed over.</summary>
    public static string Instant(DateTime time) => $"'{time.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)} 00:00:00+00'";

    /// <summary>
    /// Distributes a table, once it has its foreign keys to distributed tables: Citus adds none to a partitioned table later. Those to reference tables
    /// come afterwards: a table that has such a key already would become another kind.
    /// </summary>
    public static IReadOnlyList<string> Distribute(string schema, TableModel table, DistributionLayout distribution)
    {
        var name = Identifier.Literal(Identifier.Quote(schema, table.Name));
        return
        [
            SessionSettings.OneShardConnection,
            distribution.Column is not { } column ? $"SELECT pg_catalog.create_reference_table({name})"
                : $"SELECT pg_catalog.create_distributed_table({name}, {Identifier.Literal(column)}"
                    + (distribution.ColocateWith is { } with ? $", colocate_with => {Identifier.Literal(Identifier.Quote(schema, with))})" : ", colocate_with => 'none')"),
        ];
    }
}
