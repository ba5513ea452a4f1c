using StreamingPg.Core.Catalog;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Keys;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Integrity;

/// <summary>
/// One reading of a table, beside the parents of one foreign key, that says whether several checks would find anything at all. Where it
/// finds nothing, they are answered; otherwise each of them is made by its own query, which counts and names the rows.
/// </summary>
/// <param name="Table">The table.</param>
/// <param name="Key">The foreign key; null for what a row alone tells.</param>
/// <param name="Checks">Names of the checks that it answers.</param>
/// <param name="Statements">Each gives true if it found something; together they read every row once.</param>
internal sealed record TablePass(TableModel Table, ForeignKeyModel? Key, IReadOnlyList<string> Checks, IReadOnlyList<string> Statements)
{
    // The index is read first and then the table in its own order, which is cheaper than row by row; nothing is large enough to compile.
    private static readonly string[] Ranged = ["enable_indexscan = off", "enable_seqscan = off", "jit = off", "work_mem = '64MB'", "max_parallel_workers_per_gather = 0"];

    // With fewer rows per parent, most of the parents would be looked at for nothing.
    private const double LeastPerParent = 0.5;

    // Each parent's rows are found by the index.
    private static readonly string[] ByParent = ["enable_bitmapscan = off", "enable_seqscan = off", "jit = off", "max_parallel_workers_per_gather = 0"];

    /// <summary>Settings of its statements.</summary>
    public IReadOnlyList<string> Settings { get; init; } = [];

    /// <summary>Shared ancestors that rows agree about if nothing was found, so that their straight references need no look-up of their own.</summary>
    public IReadOnlyList<SharedAncestor> Agreements { get; init; } = [];

    /// <summary>The passes over the checked rows of a table that answer several of the wanted checks each.</summary>
    /// <param name="connection">The database.</param>
    /// <param name="model">The tables.</param>
    /// <param name="table">The table.</param>
    /// <param name="live">The tables as they are.</param>
    /// <param name="scope">The rows that are checked.</param>
    /// <param name="statistics">Ranges of large tables; null where only some rows are checked.</param>
    /// <param name="isWanted">Whether a check of that name is wanted.</param>
    public static IReadOnlyList<TablePass> Of(
        DatabaseConnection connection,
        StreamModel model,
        TableModel table,
        IReadOnlyDictionary<string, LiveTable> live,
        CheckScope scope,
        KeyStatistics? statistics,
        Func<string, bool> isWanted)
    {
        if (live[table.Name].HasHeirs || scope.IsEmpty(table))
        {
            return []; // with heirs, its foreign keys do not hold for all that is read with it
        }

        RowCheck[] rows = [.. RowChecks.Of(connection, model, table, live).Where(check => isWanted(check.Text.Name))];
        var sums = SumChecks.RulesOf(model, table).Where(rule => isWanted(SumChecks.TextOf(rule).Name)).ToList();
        var keys = table.ForeignKeys.Where(key => live[key.ParentTable].IsUnique(key.ParentColumns)).ToList();

        // What a row alone tells goes along with the first key that is read anyway.
        var first = keys.OrderByDescending(key => sums.Count(rule => rule.Key == key)).ThenByDescending(key => rows.Count(check => check.Beside == key))
            .FirstOrDefault(key => isWanted(RowChecks.OrphanText(table, key).Name) || rows.Any(check => check.Beside == key));
        var passes = new List<TablePass>();
        foreach (var key in keys)
        {
            RowCheck[] own = [.. rows.Where(check => check.Beside == key || (check.Beside is null && key == first))];
            passes.AddRange(Beside(connection, model, table, key, own, [.. sums.Where(rule => rule.Key == key)], statistics?.RangesOf(table, key), live, scope, isWanted));
        }

        if (scope.IsWhole(table) && DuplicateCheck.Pass(connection, table, live[table.Name], isWanted) is { } unique)
        {
            passes.Add(unique);
        }

        if (first is null && rows.Where(check => check.Beside is null).ToList() is { Count: > 1 } alone)
        {
            passes.Add(new TablePass(
                table,
                null,
                [.. alone.Select(check => check.Text.Name)],
                [$"SELECT count(*) > 0 FROM {scope.Source(connection, table)} AS c WHERE {Any(alone.Select(check => check.Offends))}"])
            {
                Settings = scope.Settings(table),
            });
        }

        return passes;
    }

    private static IEnumerable<TablePass> Beside(
        DatabaseConnection connection,
        StreamModel model,
        TableModel table,
        ForeignKeyModel key,
        IReadOnlyList<RowCheck> rows,
        IReadOnlyList<SumRule> sums,
        KeyRanges? ranges,
        IReadOnlyDictionary<string, LiveTable> live,
        CheckScope scope,
        Func<string, bool> isWanted)
    {
        var orphans = RowChecks.OrphanText(table, key).Name;
        List<string> names = [.. rows.Select(check => check.Text.Name)];
        if (isWanted(orphans))
        {
            names.Add(orphans);
        }

        // Sums of a whole table at once would go to disk, which costs more than the reading that is saved; and so would looking for the rows of
        // many parents that have none.
        if (ranges is not { RowsPerParent: >= LeastPerParent })
        {
            sums = [];
        }

        names.AddRange(sums.Select(rule => SumChecks.TextOf(rule).Name));
        SharedAncestor[] agreements =
        [
            .. SharedAncestor.Of(model, table).Where(shared => shared.Path is [var via] && via == key
                && key.ParentTable != table.Name && RefersToTheSame(shared) && scope.IsWhole(model.Table(key.ParentTable))
                && isWanted(RowChecks.OrphanText(table, shared.Straight).Name)
                && isWanted(RowChecks.OrphanText(model.Table(key.ParentTable), shared.ParentKey).Name)),
        ];
        if (names.Count + agreements.Length < 2)
        {
            yield break; // its own query does as well, and counts
        }

        var parent = $"p.{Identifier.Quote(key.ParentColumns[0])}";
        var refers = string.Join(" AND ", key.Columns.Select(column => $"c.{Identifier.Quote(column)} IS NOT NULL"));
        string[] offends =
        [
            .. rows.Select(check => check.Offends),
            .. agreements.SelectMany(shared => shared.Columns.Zip(shared.ParentColumns, (column, parentColumn) =>
                $"c.{Identifier.Quote(column)} IS NOT NULL AND p.{Identifier.Quote(parentColumn)} IS DISTINCT FROM c.{Identifier.Quote(column)}")),
        ];
        var orphaned = $"{parent} IS NULL AND {refers}";
        var statements = (ranges?.Ranges ?? [new KeyRange("true", "true")]).Select(range => sums.Count > 0 && range.HasParents
            ? BesideSums(connection, table, key, Any(offends), sums, range, live)
            : $"SELECT count(*) > 0 FROM {Joined(connection, table, key, range, live, scope)} WHERE {Any([orphaned, .. offends])}");
        yield return new TablePass(table, key, names, [.. statements])
        {
            Agreements = agreements,
            Settings = sums.Count > 0 ? ByParent : ranges is not null ? Ranged : scope.Settings(table),
        };
    }

    private static string Joined(
        DatabaseConnection connection, TableModel table, ForeignKeyModel key, KeyRange range, IReadOnlyDictionary<string, LiveTable> live, CheckScope scope) =>
        $"(SELECT * FROM {scope.Source(connection, table)} AS c WHERE {range.Children}) AS c "
        + $"LEFT JOIN (SELECT * FROM {connection.Quote(key.ParentTable)} AS p WHERE {range.Parents}) AS p ON {RowChecks.SameKey(live, table, key)}";

    /// <summary>
    /// Goes from parent to parent, and adds up the rows of each where the index has them together: no groups, nothing sorted. Rows that it
    /// does not come by are orphans: then the range has more rows than its parents.
    /// </summary>
    private static string BesideSums(
        DatabaseConnection connection, TableModel table, ForeignKeyModel key, string offends, IReadOnlyList<SumRule> sums, KeyRange range,
        IReadOnlyDictionary<string, LiveTable> live)
    {
        var totals = string.Join(", ", sums.Select((rule, index) => $"{rule.ExactTotalSql("c")} AS total{index}"));
        var differs = Any(sums.Select((rule, index) => $"p.{Identifier.Quote(rule.Column.Name)} IS DISTINCT FROM s.total{index}"));
        return $"""
            SELECT count(*) FILTER (WHERE s.offending > 0 OR (s.children > 0 AND ({differs}))) > 0
                OR coalesce(sum(s.children), 0) <> (SELECT count(*) FROM {connection.Quote(table.Name)} AS c WHERE {range.Children})
            FROM {connection.Quote(key.ParentTable)} AS p CROSS JOIN LATERAL (
                SELECT count(*) AS children, count(*) FILTER (WHERE {offends}) AS offending, {totals}
                FROM {connection.Quote(table.Name)} AS c WHERE {RowChecks.SameKey(live, table, key)}) AS s
            WHERE {range.Parents}
            """;
    }

    /// <summary>True if equal values mean the same row of the ancestor.</summary>
    private static bool RefersToTheSame(SharedAncestor shared) =>
        shared.Straight.ParentTable == shared.ParentKey.ParentTable
        && shared.Columns.Count == shared.Straight.Columns.Count
        && shared.Columns.Zip(shared.ParentColumns).All(pair =>
            shared.Straight.ParentColumns[shared.Straight.Columns.ToList().IndexOf(pair.First)]
            == shared.ParentKey.ParentColumns[shared.ParentKey.Columns.ToList().IndexOf(pair.Second)]);

    private static string Any(IEnumerable<string> conditions) =>
        string.Join(" OR ", conditions.Select(condition => $"({condition})").DefaultIfEmpty("false"));
}
