using Npgsql;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Model;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Analytics;

/// <summary>Reads how children are spread over their parents.</summary>
internal static class RelationshipReader
{
    /// <summary>
    /// One result per foreign key of the model, in loading order. Since and until are about the children, by the first column
    /// of their table that holds a time; parents are all there are.
    /// </summary>
    /// <param name="connection">The database.</param>
    /// <param name="model">The tables.</param>
    /// <param name="options">Which children are counted, and how long that may take.</param>
    /// <param name="cancellationToken">Cancels the queries.</param>
    /// <exception cref="StreamingException">A table is missing or has no time to go by, or the server refused a query.</exception>
    public static async Task<IReadOnlyList<TableRelationship>> ReadAsync(
        DatabaseConnection connection, StreamModel model, AnalyticsOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        var range = new TimeRange(options.Since, options.Until);
        var queries =
            (from table in model.Tables
             from key in table.ForeignKeys
             select (table, key, sql: Sql(connection, table, key, range))).ToList();
        await using var session = await ReadOnlySession.BeginAsync(
            connection, options.StatementTimeout, "reading relationships", cancellationToken).ConfigureAwait(false);
        var results = new List<TableRelationship>();
        foreach (var (table, key, sql) in queries)
        {
            var spread = await session.QueryAsync(sql, Read, cancellationToken, range.IsGiven ? range.Parameters : []).ConfigureAwait(false);
            results.Add(Result(table, key, spread));
        }

        return results;

        static (long Children, long Parents) Read(NpgsqlDataReader row) => (row.GetInt64(0), row.GetInt64(1));
    }

    /// <summary>
    /// For each number of children, how many parents have it: a handful of rows from which everything follows, where an
    /// ordered aggregate would sort all parents.
    /// </summary>
    private static string Sql(DatabaseConnection connection, TableModel table, ForeignKeyModel key, TimeRange range)
    {
        var columns = key.Columns.Select((column, index) => $"c.{Identifier.Quote(column)} AS k{index}");
        var pairs = key.ParentColumns.Select((column, index) => $"p.{Identifier.Quote(column)} = counted.k{index}");
        return $"""
            SELECT coalesce(counted.children, 0), count(*)
            FROM {connection.Quote(key.ParentTable)} AS p
            LEFT JOIN (
                SELECT {string.Join(", ", columns)}, count(*) AS children
                FROM {connection.Quote(table.Name)} AS c
                WHERE {(range.IsGiven ? TimeColumn.Holds(table, "c") : "true")}
                GROUP BY {Identifier.QuoteList(key.Columns)}) AS counted ON {string.Join(" AND ", pairs)}
            GROUP BY 1 ORDER BY 1
            """;
    }

    private static TableRelationship Result(TableModel table, ForeignKeyModel key, List<(long Children, long Parents)> spread)
    {
        var parents = spread.Sum(group => group.Parents);
        var without = spread.Where(group => group.Children == 0).Sum(group => group.Parents);
        return new TableRelationship
        {
            Table = table.Name,
            Columns = key.Columns,
            ParentTable = key.ParentTable,
            ParentColumns = key.ParentColumns,
            ParentsWithChildren = parents - without,
            ParentsWithoutChildren = without,
            Children = spread.Sum(group => group.Children * group.Parents),
            MinChildren = spread.FirstOrDefault().Children,
            P95Children = ChildrenOf(spread, 0.95 * parents),
            MaxChildren = spread.LastOrDefault().Children,
        };
    }

    /// <summary>The number of children of the parent at a rank, counted from the one with the fewest.</summary>
    private static long ChildrenOf(List<(long Children, long Parents)> spread, double rank)
    {
        var passed = 0L;
        foreach (var (children, parents) in spread)
        {
            passed += parents;
            if (passed >= rank)
            {
                return children;
            }
        }

        return 0;
    }
}
