using Npgsql;
using StreamingPg.Core.Catalog;
using StreamingPg.Core.Model;
using StreamingPg.Core.Schema;

namespace StreamingPg.Core.Retention;

/// <summary>The conditions under which whole partitions go, as SQL. What is looked for among rows outside of them is found by its key.</summary>
internal sealed class PartitionCondition
{
    // Citus takes no empty list of columns in what it looks up beforehand.
    private const string Select = "SELECT 1";

    private readonly string _schema;
    private readonly StreamModel _model;
    private readonly RemovalCondition _condition;
    private readonly ILookup<string, LiveForeignKey> _referring;

    public PartitionCondition(string schema, StreamModel model, RowAge age, KeptParents kept, ILookup<string, LiveForeignKey> referring)
    {
        _schema = schema;
        _model = model;
        _referring = referring;
        Kept = kept;
        _condition = new RemovalCondition(schema, model, age, Kept, referring);
    }

    /// <summary>The rows that stay for unfinished batches.</summary>
    public KeptParents Kept { get; }

    /// <summary>The condition under which the partition of a table has to stay.</summary>
    /// <param name="table">The table.</param>
    /// <param name="dropped">The partitions that go with it, by table.</param>
    /// <param name="period">Their period.</param>
    /// <param name="parameters">Gets the parameters of the condition.</param>
    public string IsNeededSql(
        TableModel table, IReadOnlyDictionary<string, PeriodPartition> dropped, PartitionPeriod period, List<NpgsqlParameter> parameters)
    {
        var partition = NameOf(dropped[table.Name]);
        List<string> conditions = [$"EXISTS (SELECT 1 FROM {partition} AS p WHERE NOT {Kept.IsFreeSql(table, "p", parameters)})"];
        var parts = _condition.PartsOf(table);
        foreach (var key in _referring[table.Name])
        {
            // Parts that are old go with their whole, in whatever partition they are.
            var stays = parts is not null && key.Table == parts.Parts.Name && key.Schema == _schema && (key.Columns.SequenceEqual(parts.Key.Columns) || key.Columns.SequenceEqual(parts.Stored.Columns))
                ? $" AND NOT COALESCE({_condition.IsOldSql(parts.Parts, "c", parameters)} AND {_condition.NobodyRefersSql(parts.Parts, "c", parameters)}, false)" : "";
            conditions.Add($"EXISTS ({OutsideSql(key, partition, key.Schema == _schema && dropped.ContainsKey(key.Table) ? _model.Table(key.Table) : null, period)}{stays})");
        }

        if (_condition.WholeOf(table) is { } whole)
        {
            conditions.Add($"EXISTS ({WholeOutsideSql(whole, partition, dropped.ContainsKey(whole.Whole.Name), period)})");
        }

        return $"({string.Join(" OR ", conditions)})";
    }

    /// <summary>The statement that removes the parts of a partition's rows that are in other partitions, and their table; null for none.</summary>
    public (string Sql, string Table)? DeletePartsSql(
        TableModel table, IReadOnlyDictionary<string, PeriodPartition> dropped, PartitionPeriod period, List<NpgsqlParameter> parameters)
    {
        if (_condition.PartsOf(table) is not { } parts)
        {
            return null;
        }

        var key = AsLive(parts.Parts, parts.Stored);
        var outside = OutsideSql(key, NameOf(dropped[table.Name]), dropped.ContainsKey(parts.Parts.Name) ? parts.Parts : null, period);
        return ($"WITH gone AS ({DeleteSql(outside)} RETURNING 1) SELECT count(*) FROM gone", parts.Parts.Name);
    }

    /// <summary>The parts that go with the rows of a table, or null.</summary>
    public PartOfWhole? PartsOf(TableModel table) => _condition.PartsOf(table);

    /// <summary>The whole that the rows of a table go with, or null.</summary>
    public PartOfWhole? WholeOf(TableModel table) => _condition.WholeOf(table);

    /// <summary>The condition under which a row is in the partition of a period.</summary>
    public static string IsInSql(string alias, string column, PartitionPeriod period) =>
        $"({alias}.{Identifier.Quote(column)} >= {LayoutSql.Instant(period.From)} AND {alias}.{Identifier.Quote(column)} < {LayoutSql.Instant(period.To)})";

    // The same rows, removed.
    private static string DeleteSql(string select) => "DELETE" + select[Select.Length..];

    /// <summary>Rows c that refer by a key to rows of a partition and are not in the partition that goes with it.</summary>
    private static string OutsideSql(LiveForeignKey key, string partition, TableModel? dropped, PartitionPeriod period)
    {
        var (own, theirs) = (Identifier.Quote(key.Columns[0]), Identifier.Quote(key.ParentColumns[0]));
        return $"{Select} FROM {Identifier.Quote(key.Schema, key.Table)} AS c WHERE {Between("c", own, partition, theirs)}{NotIn("c", dropped, period)} "
            + $"AND EXISTS (SELECT FROM {partition} AS p WHERE {Same(key.ParentColumns, "p", key.Columns, "c")})";
    }

    /// <summary>Wholes w, not in the partition that goes with it, of which a partition has parts.</summary>
    private string WholeOutsideSql(PartOfWhole whole, string partition, bool isDropped, PartitionPeriod period)
    {
        var (own, theirs) = (Identifier.Quote(whole.Stored.ParentColumns[0]), Identifier.Quote(whole.Stored.Columns[0]));
        return $"{Select} FROM {Identifier.Quote(_schema, whole.Whole.Name)} AS w WHERE {Between("w", own, partition, theirs)}{NotIn("w", isDropped ? whole.Whole : null, period)} "
            + $"AND EXISTS (SELECT FROM {partition} AS p WHERE {Same(whole.Stored.Columns, "p", whole.Stored.ParentColumns, "w")})";
    }

    // Keys come in the order of time, mostly: then only rows of about the same time are read.
    private static string Between(string alias, string column, string partition, string other) =>
        $"{alias}.{column} BETWEEN (SELECT {other} FROM {partition} WHERE {other} IS NOT NULL ORDER BY {other} LIMIT 1) "
        + $"AND (SELECT {other} FROM {partition} WHERE {other} IS NOT NULL ORDER BY {other} DESC LIMIT 1)";

    private static string NotIn(string alias, TableModel? dropped, PartitionPeriod period) => dropped?.Layout.Partition is { } partition
        ? $" AND NOT {IsInSql(alias, partition.Column, period)}"
        : "";

    private static string Same(IReadOnlyList<string> left, string leftAlias, IReadOnlyList<string> right, string rightAlias) => string.Join(
        " AND ", left.Zip(right, (one, other) => $"{leftAlias}.{Identifier.Quote(one)} = {rightAlias}.{Identifier.Quote(other)}"));

    private static string NameOf(PeriodPartition partition) => Identifier.Quote(partition.Schema, partition.Name);

    private LiveForeignKey AsLive(TableModel child, ForeignKeyModel key) =>
        new("", key.Columns, _schema, key.ParentTable, key.ParentColumns) { Schema = _schema, Table = child.Name };
}
