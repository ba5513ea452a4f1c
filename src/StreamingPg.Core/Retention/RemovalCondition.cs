using Npgsql;
using StreamingPg.Core.Catalog;
using StreamingPg.Core.Keys;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Retention;

/// <summary>Which rows are to go, if nothing else refers to them.</summary>
internal interface IRemovalSelection
{
    /// <summary>True when rows of a table may be among them.</summary>
    bool Selects(TableModel table);

    /// <summary>The condition under which a row is; null when none of the table are.</summary>
    /// <param name="table">The table.</param>
    /// <param name="alias">Its alias in the statement.</param>
    /// <param name="parameters">Gets the parameters of the condition, after those that are there.</param>
    string? IsSelectedSql(TableModel table, string alias, List<NpgsqlParameter> parameters);
}

/// <summary>The conditions under which rows go, as SQL.</summary>
/// <param name="schema">Schema of the tables.</param>
/// <param name="model">The tables.</param>
/// <param name="selection">Which rows are to go.</param>
/// <param name="kept">Which stay for unfinished batches.</param>
/// <param name="referring">The foreign keys that refer to the tables.</param>
internal sealed class RemovalCondition(
    string schema, StreamModel model, IRemovalSelection selection, KeptParents kept, ILookup<string, LiveForeignKey> referring)
{
    /// <summary>The rows that stay for unfinished batches.</summary>
    public KeptParents Kept => kept;

    /// <summary>The condition under which a row goes with a partition, when what would be removed is counted; null, or gives null, for none.</summary>
    public Func<TableModel, string, string?>? GoesWithPartitionSql { get; init; }

    /// <summary>The foreign keys that refer to a table.</summary>
    public IEnumerable<LiveForeignKey> Referring(TableModel table) => referring[table.Name];

    /// <summary>True when rows of a table refer to others of it.</summary>
    public bool RefersToItself(TableModel table) => Referring(table).Any(key => IsOf(key, table));

    /// <summary>The parts that go with the rows of a table, or null.</summary>
    public PartOfWhole? PartsOf(TableModel whole) =>
        PartOfWhole.Of(model, whole) is { } parts && selection.Selects(whole) && selection.Selects(parts.Parts) ? parts : null;

    /// <summary>The whole that the rows of a table go with, or null.</summary>
    public PartOfWhole? WholeOf(TableModel parts) =>
        model.Tables.Select(PartsOf).FirstOrDefault(whole => whole?.Parts == parts);

    /// <summary>The condition under which a row is to go.</summary>
    public string IsOldSql(TableModel table, string alias, List<NpgsqlParameter> parameters) =>
        selection.IsSelectedSql(table, alias, parameters) ?? "false";

    /// <summary>The condition under which no row refers to a row, apart from parts that would go with it.</summary>
    public string NobodyRefersSql(TableModel table, string alias, List<NpgsqlParameter> parameters)
    {
        var parts = PartsOf(table);
        return All(Referring(table).Select((key, number) =>
        {
            var child = $"{alias}_{number}";
            return $"NOT EXISTS ({key.RowsSql(alias, child)}{(IsPart(key, parts) ? PartStaysSql(parts!.Parts, child, parameters) : "")})";
        }));
    }

    /// <summary>The condition under which no row that stays refers to a row, when all tables are gone through.</summary>
    public string NobodyStaysSql(TableModel table, string alias, List<NpgsqlParameter> parameters) =>
        NobodyStaysSql(table, alias, parameters, []);

    private string NobodyStaysSql(TableModel table, string alias, List<NpgsqlParameter> parameters, HashSet<string> path)
    {
        HashSet<string> here = [.. path, table.Name];
        return All(Referring(table).Select((key, number) =>
        {
            var child = $"{alias}_{number}";
            return $"NOT EXISTS ({key.RowsSql(alias, child)}{ChildStaysSql(key, child, parameters, here)})";
        }));
    }

    private string ChildStaysSql(LiveForeignKey key, string child, List<NpgsqlParameter> parameters, HashSet<string> path)
    {
        if (key.Schema != schema || model.Find(key.Table) is not { } table)
        {
            return ""; // Nothing removes such rows.
        }

        // Rows of a table that refer to each other are followed one step only.
        var isOld = $"{IsOldSql(table, child, parameters)} AND {kept.IsFreeSql(table, child, parameters)}";
        var goes = path.Contains(table.Name) ? isOld : $"{isOld} AND {NobodyStaysSql(table, child, parameters, path)}";
        return GoesWithPartitionSql?.Invoke(table, child) is { } dropped ? $" AND NOT COALESCE({dropped} OR ({goes}), false)" : $" AND NOT COALESCE({goes}, false)";
    }

    private string PartStaysSql(TableModel parts, string alias, List<NpgsqlParameter> parameters) =>
        $" AND NOT COALESCE({IsOldSql(parts, alias, parameters)} AND {NobodyRefersSql(parts, alias, parameters)}, false)";

    private bool IsPart(LiveForeignKey key, PartOfWhole? parts) =>
        parts is not null && IsOf(key, parts.Parts) && (key.Columns.ToHashSet(StringComparer.Ordinal).SetEquals(parts.Stored.Columns) || key.Columns.ToHashSet(StringComparer.Ordinal).SetEquals(parts.Key.Columns));

    private bool IsOf(LiveForeignKey key, TableModel table) => key.Schema == schema && key.Table == table.Name;

    private static string All(IEnumerable<string> conditions) => string.Join(" AND ", conditions.DefaultIfEmpty("true"));
}

/// <summary>
/// A table whose rows are parts of a row that sums them up, as lines are of a transaction: a whole and its parts go in one
/// transaction or not at all, or the sum would be wrong.
/// </summary>
/// <param name="Whole">Table with the sum.</param>
/// <param name="Parts">Table of what is summed up.</param>
/// <param name="Key">The key of the parts that refers to the whole.</param>
internal sealed record PartOfWhole(TableModel Whole, TableModel Parts, ForeignKeyModel Key)
{
    /// <summary>The key as the server has it.</summary>
    public required ForeignKeyModel Stored { get; init; }

    /// <summary>The parts of a table, or null.</summary>
    public static PartOfWhole? Of(StreamModel model, TableModel whole) =>
        SumRule.Of(model, whole).FirstOrDefault() is { } sum
            ? new PartOfWhole(whole, sum.Parts, sum.Key) { Stored = StoredKeys.Join(model, sum.Parts, sum.Key) }
            : null;

    /// <summary>The condition under which a part belongs to a whole.</summary>
    public string JoinSql(string wholeAlias, string partAlias) => string.Join(
        " AND ",
        Stored.ParentColumns.Zip(Stored.Columns)
            .Select(pair => $"{wholeAlias}.{Identifier.Quote(pair.First)} = {partAlias}.{Identifier.Quote(pair.Second)}"));

    /// <summary>The condition under which a part belongs to none.</summary>
    public string HasNoWholeSql(string partAlias) =>
        $"({string.Join(" OR ", Key.Columns.Select(column => $"{partAlias}.{Identifier.Quote(column)} IS NULL"))})";
}
