using Npgsql;
using StreamingPg.Core.Keys;
using StreamingPg.Core.Model;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Retention;

/// <summary>
/// Which rows are old. A row's age is told by its own time (<see cref="RowTimestamp"/>). A row of a table without one is
/// as old as the youngest of the rows it refers to, since it cannot have been there before them. Where neither tells, and where
/// the time is NULL, rows do not age.
/// </summary>
internal sealed class RowAge : IRemovalSelection
{
    private readonly string _schema;
    private readonly StreamModel _model;
    private readonly IReadOnlyList<TableModel> _tables;
    private readonly Func<TableModel, DateTime?> _before;
    private readonly IReadOnlyDictionary<string, DateTime> _held;

    /// <param name="schema">Schema of the tables.</param>
    /// <param name="model">The tables.</param>
    /// <param name="tables">Those of them whose rows may be removed; rows of the others never age.</param>
    /// <param name="before">Time before which rows of a table are old (UTC); null when nothing says so of the table itself.</param>
    /// <param name="held">By table, the beginning of the partitions whose rows stay for now (UTC).</param>
    public RowAge(
        string schema, StreamModel model, IReadOnlyList<TableModel> tables, Func<TableModel, DateTime?> before, IReadOnlyDictionary<string, DateTime>? held = null)
    {
        _held = held ?? new Dictionary<string, DateTime>();
        _schema = schema;
        _model = model;
        _tables = tables;
        _before = before;
    }

    /// <summary>
    /// The same, but rows of partitions that are to be dropped whole later stay for now. Rows of other tables are as old as they would be without that:
    /// those that refer to such a partition must go first.
    /// </summary>
    public RowAge Holding(IReadOnlyDictionary<string, DateTime> held) => new(_schema, _model, _tables, _before, held);

    /// <summary>The column that holds a row's own time, or null.</summary>
    public static ColumnModel? TimeColumn(TableModel table) => RowTimestamp.OrDayOf(table);

    /// <summary>The time before which rows of a table are old; where several apply, the latest. Null when its rows never age.</summary>
    public DateTime? Before(TableModel table)
    {
        if (!MayGo(table))
        {
            return null;
        }

        var cutoffs = new List<DateTime>();
        return Condition(table, "t", null, [], (_, cutoff) => Note(cutoff)) is null ? null : cutoffs.Max();

        string Note(DateTime cutoff)
        {
            cutoffs.Add(cutoff);
            return "";
        }
    }

    /// <inheritdoc/>
    public bool Selects(TableModel table) => Before(table) is not null;

    /// <summary>The condition under which a row is old; null when rows of the table never are.</summary>
    /// <inheritdoc/>
    public string? IsSelectedSql(TableModel table, string alias, List<NpgsqlParameter> parameters) =>
        MayGo(table) ? Condition(table, alias, null, [], (column, cutoff) => TimeParameter(column, cutoff, parameters)) : null;

    /// <summary>True when rows of the table may be removed.</summary>
    public bool MayGo(TableModel table) => table.PrimaryKey.Count > 0 && _tables.Contains(table);

    private string? Condition(
        TableModel table, string alias, DateTime? asked, HashSet<string> path, Func<ColumnModel, DateTime, string> parameter)
    {
        var before = asked ?? _before(table);
        if (TimeColumn(table) is { } time)
        {
            return before is { } cutoff ? $"{alias}.{Identifier.Quote(time.Name)} < {parameter(time, Held(table, path, InWholePartitions(table, time, cutoff)))}" : null;
        }

        var conditions = new List<string>();
        HashSet<string> here = [.. path, table.Name];
        foreach (var key in table.ForeignKeys.Where(key => !here.Contains(key.ParentTable) && RowTimestamp.Ages(_model, _model.Table(key.ParentTable), here)))
        {
            if (Condition(_model.Table(key.ParentTable), alias + "p", before, here, parameter) is not { } parentIsOld)
            {
                return null; // That parent stays for ever, and what refers to it with it.
            }

            conditions.Add(ReferenceIsOldSql(table, key, alias, parentIsOld));
        }

        return conditions.Count == 0 ? null : $"({string.Join(" AND ", conditions)} AND NOT ({NoReferenceSql(table, alias, here)}))";
    }

    /// <summary>
    /// Partitions go whole: rows of one that is old in part only stay, or almost all rows would be removed one by one before their partition is old.
    /// </summary>
    private static DateTime InWholePartitions(TableModel table, ColumnModel time, DateTime cutoff) =>
        table.Layout.Partition is { IsOwn: true, Interval: { } interval } partition && partition.Column == time.Name
            ? PartitionPeriod.Of(interval, cutoff).From
            : cutoff;

    private DateTime Held(TableModel table, HashSet<string> path, DateTime cutoff) =>
        path.Count == 0 && _held.TryGetValue(table.Name, out var from) && from < cutoff ? from : cutoff;

    private string ReferenceIsOldSql(TableModel table, ForeignKeyModel key, string alias, string parentIsOld)
    {
        var stored = StoredKeys.Join(_model, table, key);
        var join = stored.ParentColumns.Zip(stored.Columns)
            .Select(pair => $"{alias}p.{Identifier.Quote(pair.First)} = {alias}.{Identifier.Quote(pair.Second)}");
        return $"({IsNullSql(key, alias)} OR EXISTS (SELECT FROM {Identifier.Quote(_schema, key.ParentTable)} AS {alias}p "
            + $"WHERE {string.Join(" AND ", join)} AND {parentIsOld}))";
    }

    private string NoReferenceSql(TableModel table, string alias, HashSet<string> path) => string.Join(
        " AND ",
        table.ForeignKeys
            .Where(key => !path.Contains(key.ParentTable) && RowTimestamp.Ages(_model, _model.Table(key.ParentTable), path))
            .Select(key => IsNullSql(key, alias)));

    private static string IsNullSql(ForeignKeyModel key, string alias) =>
        $"({string.Join(" OR ", key.Columns.Select(column => $"{alias}.{Identifier.Quote(column)} IS NULL"))})";

    private static string TimeParameter(ColumnModel column, DateTime cutoff, List<NpgsqlParameter> parameters)
    {
        parameters.Add(Parameter.Time(column, cutoff));
        return $"${parameters.Count}";
    }
}
