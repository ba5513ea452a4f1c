using Npgsql;
using NpgsqlTypes;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Model;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Retention;

/// <summary>The statements that walk through a table from page to page and remove its old rows.</summary>
/// <remarks>
/// The walk is in the order of the primary key, or of the time where an index has it: then only old rows are read. Places are
/// kept as text, which the server reads back as whatever type the column has.
/// </remarks>
internal sealed class RemovalSql
{
    /// <summary>Rows that a page looks at, as a multiple of those it may find: where few are old, few pages are needed.</summary>
    private const int RowsLookedAt = 20;

    // A plan for any values would expect a tenth of the table, and sort it.
    private const string CustomPlan = "SET LOCAL plan_cache_mode = force_custom_plan";

    private readonly string _schema;
    private readonly TableModel _table;
    private readonly RemovalCondition _condition;
    private readonly bool _readsSelectedOnly;
    private readonly PartOfWhole? _whole;
    private readonly IReadOnlyList<string> _order;
    private readonly string _name;

    /// <param name="schema">Schema of the table.</param>
    /// <param name="table">The table.</param>
    /// <param name="condition">Which rows go.</param>
    /// <param name="byTime">True when an index begins with the time of the rows.</param>
    /// <param name="byKey">True when rows are selected by their key, or by what their partition is chosen by.</param>
    public RemovalSql(string schema, TableModel table, RemovalCondition condition, bool byTime, bool byKey = false)
    {
        _schema = schema;
        _table = table;
        _condition = condition;
        _readsSelectedOnly = byTime || byKey;
        _whole = condition.WholeOf(table);
        _order = byTime ? [RowAge.TimeColumn(table)!.Name, .. table.PrimaryKey] : table.PrimaryKey;
        _name = Identifier.Quote(schema, table.Name);
        Parts = condition.PartsOf(table);
    }

    /// <summary>The parts that go with the rows, or null.</summary>
    public PartOfWhole? Parts { get; }

    /// <summary>Finds the next page: its old rows, at most <paramref name="most"/>, and where it ends; null at the end of the table.</summary>
    public async Task<RemovalPage?> FindPageAsync(NpgsqlConnection open, string[]? after, int most, CancellationToken cancellationToken)
    {
        List<NpgsqlParameter> parameters = [Parameter.Of((long)most), Parameter.Of((long)most * (_readsSelectedOnly ? 1 : RowsLookedAt))];
        var isOld = _condition.IsOldSql(_table, "t", parameters);
        var rest = $"FROM {_name} AS t WHERE {(_readsSelectedOnly ? isOld : "true")}{HasNoWholeSql}{After(after, parameters)}";
        var places = Enumerable.Range(1, _order.Count).Select(number => $"place{number}").ToList();
        var key = string.Join(", ", _order.Zip(places).Select(column => $"t.{Identifier.Quote(column.First)} AS {column.Second}"));

        // The rows stream from the index, and stop when enough are found; where too few are, the page ends with the last row looked at, if there is one.
        var sql = $"""
            WITH old AS MATERIALIZED (
                SELECT {RowSql("page.row_place", "page.row_partition")}, {string.Join(", ", places)}
                FROM (SELECT {RowSql("t.ctid AS row_place", "t.tableoid AS row_partition")}, {key}, COALESCE({isOld}, false) AS is_old {rest} ORDER BY {OrderSql} LIMIT $2) AS page
                WHERE is_old ORDER BY {string.Join(", ", places)} LIMIT $1),
            reach AS (
                SELECT count(*) AS found, {RowSql("array_agg(row_place)::text AS row_places", "array_agg(row_partition)::text AS row_partitions")} FROM old),
            ending AS (
                (SELECT {string.Join(", ", places)} FROM old WHERE (SELECT found FROM reach) = $1 ORDER BY {string.Join(", ", places.Select(place => $"{place} DESC"))} LIMIT 1)
                UNION ALL
                (SELECT {key} {rest} AND {(_readsSelectedOnly ? "false" : "(SELECT found FROM reach) < $1")} ORDER BY {OrderSql} OFFSET $2 - 1 LIMIT 1))
            SELECT found, {RowSql("row_places", "row_partitions")}, {string.Join(", ", places.Select(place => $"{place}::text"))} FROM reach LEFT JOIN ending ON true
            """;
        RemovalPage? page = null;
        var commands = new CommandBatch(open);
        commands.Add(CustomPlan);
        commands.Query(sql, row => page = PageOf(row, after), [.. parameters]);
        await commands.ExecuteAsync(cancellationToken).ConfigureAwait(false);
        return page;
    }

    /// <summary>
    /// Locks the old rows of a page that nobody refers to; from then on nobody can begin to. Rows that others hold are left out.
    /// </summary>
    /// <param name="commands">The round trip to ask with.</param>
    /// <param name="page">The page.</param>
    /// <param name="rows">Gets where the rows are, or is not called when there are none.</param>
    public void Lock(CommandBatch commands, RemovalPage page, Action<RowPlaces> rows)
    {
        if (IsDistributed)
        {
            // Citus locks no rows of several shards: the statement that removes them looks again, and foreign keys have the last word.
            rows(page.Rows);
            return;
        }

        var parameters = new List<NpgsqlParameter>();
        commands.Query(
            $"""
            SELECT array_agg(place)::text, array_agg(partition)::text
            FROM (SELECT t.ctid AS place, t.tableoid AS partition FROM {_name} AS t WHERE {GoesSql(page, page.Rows, parameters)} FOR UPDATE OF t SKIP LOCKED) AS locked
            """,
            row => Give(row, rows),
            [.. parameters]);
    }

    /// <summary>Counts the old parts of a page's old rows.</summary>
    public void CountParts(CommandBatch commands, RemovalPage page, Action<long> count)
    {
        var parameters = new List<NpgsqlParameter>();
        commands.Query(
            $"""
            SELECT count(*) FROM {Identifier.Quote(_schema, Parts!.Parts.Name)} AS p JOIN {_name} AS t ON {Parts.JoinSql("t", "p")}
            WHERE {_condition.IsOldSql(Parts.Parts, "p", parameters)} AND {IsOldInPageSql(page, page.Rows, parameters)}
            """,
            row => count(row.GetInt64(0)),
            [.. parameters]);
    }

    /// <summary>Removes the parts of rows that are locked and will go.</summary>
    public void RemoveParts(CommandBatch commands, RemovalPage page, RowPlaces rows, Action<long> count)
    {
        Delete(
            commands,
            $"{Identifier.Quote(_schema, Parts!.Parts.Name)} AS p USING {_name} AS t WHERE {Parts.JoinSql("t", "p")}",
            page,
            rows,
            count);
    }

    /// <summary>Removes rows that are locked, but for those that somebody began to refer to before they were.</summary>
    /// <param name="commands">The round trip to ask with.</param>
    /// <param name="page">The page.</param>
    /// <param name="rows">Where they are.</param>
    /// <param name="count">Gets how many were removed.</param>
    public void Remove(CommandBatch commands, RemovalPage page, RowPlaces rows, Action<long> count) =>
        Delete(commands, $"{_name} AS t WHERE true", page, rows, count);

    private bool IsDistributed => _table.Layout.Distribution is not null;

    private void Delete(CommandBatch commands, string what, RemovalPage page, RowPlaces rows, Action<long> count)
    {
        var parameters = new List<NpgsqlParameter>();
        var goes = GoesSql(page, rows, parameters);
        commands.QueryWithOtherPath(
            $"WITH gone AS (DELETE FROM {what} AND {goes}{(IsDistributed ? "" : $" AND {SessionSettings.RolePathHolds}")} RETURNING 1) SELECT count(*) FROM gone",
            row => count(row.GetInt64(0)),
            [.. parameters]);
    }

    private string GoesSql(RemovalPage page, RowPlaces rows, List<NpgsqlParameter> parameters) =>
        $"{IsOldInPageSql(page, rows, parameters)} AND {_condition.Kept.IsFreeSql(_table, "t", parameters)} AND {_condition.NobodyRefersSql(_table, "t", parameters)}";

    private string IsOldInPageSql(RemovalPage page, RowPlaces rows, List<NpgsqlParameter> parameters) =>
        $"{(IsDistributed ? IsInPageSql(page, parameters) : IsAtSql(rows, parameters))} AND {_condition.IsOldSql(_table, "t", parameters)}{HasNoWholeSql}";

    private string IsInPageSql(RemovalPage page, List<NpgsqlParameter> parameters) =>
        $"true{After(page.After, parameters)}{(page.End is { } end ? $" AND {Compare("<=", end, parameters)}" : "")}";

    /// <summary>
    /// A place is one in each partition; the first condition is the one that finds rows without reading the others. The second is looked up in a
    /// hash (IS TRUE): a join of the two would compare each with each where the plan is for any array, of which the server expects ten elements.
    /// </summary>
    private static string IsAtSql(RowPlaces rows, List<NpgsqlParameter> parameters)
    {
        parameters.Add(Parameter.Of(rows.Places));
        parameters.Add(Parameter.Of(rows.Partitions));
        var places = $"${parameters.Count - 1}::tid[]";
        return $"t.ctid = ANY ({places}) AND ((t.tableoid, t.ctid) IN (SELECT * FROM unnest(${parameters.Count}::oid[], {places}))) IS TRUE";
    }

    /// <summary>What is read of where rows are: a row of a distributed table is in a shard, on another server.</summary>
    private string RowSql(string place, string partition) => IsDistributed ? "1" : $"{place}, {partition}";

    /// <summary>Parts go with their whole; only those that have none are gone through themselves.</summary>
    private string HasNoWholeSql => _whole is null ? "" : $" AND {_whole.HasNoWholeSql("t")}";

    private string OrderSql => string.Join(", ", _order.Select(column => $"t.{Identifier.Quote(column)}"));

    private string After(string[]? place, List<NpgsqlParameter> parameters) =>
        place is null ? "" : $" AND {Compare(">", place, parameters)}";

    private string Compare(string comparison, string[] place, List<NpgsqlParameter> parameters)
    {
        var values = place.Select(value =>
        {
            parameters.Add(Parameter.Of(value, NpgsqlDbType.Unknown));
            return $"${parameters.Count}";
        });
        return $"({OrderSql}) {comparison} ({string.Join(", ", values)})";
    }

    private RemovalPage? PageOf(NpgsqlDataReader row, string[]? after)
    {
        var found = row.GetInt64(0);
        var key = row.FieldCount - _order.Count;
        var end = row.IsDBNull(key) ? null : Enumerable.Range(key, _order.Count).Select(row.GetString).ToArray();
        var rows = IsDistributed || found == 0 ? new RowPlaces("{}", "{}") : new RowPlaces(row.GetString(1), row.GetString(2));
        return found == 0 && end is null ? null : new RemovalPage(after, end, found, rows);
    }

    private static void Give(NpgsqlDataReader row, Action<RowPlaces> rows)
    {
        if (!row.IsDBNull(0))
        {
            rows(new RowPlaces(row.GetString(0), row.GetString(1)));
        }
    }
}

/// <summary>A stretch of a table.</summary>
/// <param name="After">The place it begins after; null for the first one.</param>
/// <param name="End">The place it ends with; null for the last one.</param>
/// <param name="Old">Old rows in it.</param>
/// <param name="Rows">Where those are.</param>
internal sealed record RemovalPage(string[]? After, string[]? End, long Old, RowPlaces Rows);

/// <summary>Where rows are, as arrays of the server's.</summary>
/// <param name="Places">Their ctids.</param>
/// <param name="Partitions">The tables in which each is: the table itself, or its partitions.</param>
internal sealed record RowPlaces(string Places, string Partitions);
