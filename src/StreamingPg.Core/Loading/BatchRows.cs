using StreamingPg.Core.Generation.Random;
using StreamingPg.Core.Generation.Tables;
using StreamingPg.Core.Keys;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Loading;

/// <summary>How many rows of each table a batch makes, when the user names some tables or none.</summary>
internal static class BatchRows
{
    private const long RowsOfParents = 10;
    private const long ChildrenPerParent = 3;
    private const long MostRows = 100;

    /// <summary>The rows that a user requests: of tables by their names, and of the default ones by short names too.</summary>
    /// <param name="model">The tables.</param>
    /// <param name="named">Rows per table; null when none were named.</param>
    /// <param name="shortNames">The tables with options of their own: table, name of the option, rows requested or null.</param>
    /// <returns>What <see cref="BatchOptions.Rows"/> is to be.</returns>
    /// <exception cref="StreamingException">A table is not in the model, is requested twice, or its rows are out of range.</exception>
    public static IReadOnlyDictionary<string, long> Asked(
        StreamModel model,
        IReadOnlyDictionary<string, long>? named,
        params ReadOnlySpan<(string Table, string Option, long? Rows)> shortNames)
    {
        ArgumentNullException.ThrowIfNull(model);
        var rows = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var (name, count) in named ?? new Dictionary<string, long>())
        {
            var table = NameIn(model, name);
            if (!rows.TryAdd(table, count))
            {
                throw AskedTwice(table, $"Name \"{table}\" once.");
            }
        }

        foreach (var (table, option, asked) in shortNames)
        {
            if (asked is { } count)
            {
                CheckOption(model, rows, table, option);
                rows.Add(table, count);
            }
        }

        BatchPlan.CheckCounts(model, rows);
        return rows;
    }

    private static void CheckOption(StreamModel model, Dictionary<string, long> rows, string table, string option)
    {
        if (model.Find(table) is null)
        {
            throw new StreamingException(
                ErrorIds.TableUnknown,
                StreamingErrorKind.InvalidInput,
                $"{option} requests rows of \"{table}\", but the metadata has no such table.",
                $"Use -Rows (--rows) with its tables: {string.Join(", ", model.Tables.Select(known => known.Name))}.",
                table);
        }

        if (rows.ContainsKey(table))
        {
            throw AskedTwice(table, $"Omit {option}.");
        }
    }

    /// <summary>The name as the model has it: exactly the same, else the only one that is the same in another case.</summary>
    private static string NameIn(StreamModel model, string name) =>
        model.Find(name) is null
        && model.Tables.Where(table => string.Equals(table.Name, name, StringComparison.OrdinalIgnoreCase)).ToList() is [var only]
            ? only.Name
            : name;

    private static StreamingException AskedTwice(string table, string fix) => new(
        ErrorIds.RowsAskedTwice, StreamingErrorKind.InvalidInput, $"Rows of \"{table}\" were requested twice.", fix, table);

    /// <summary>
    /// The rows of every table: what was requested, else what metadata says (<c>rows_per_batch</c>, <c>per_parent</c>), else none. Where
    /// nothing at all was requested and metadata is silent, a few: 10 rows of a table that refers to nothing, 3 for each of a parent's.
    /// </summary>
    /// <param name="model">The tables.</param>
    /// <param name="asked">Rows that were requested, per table.</param>
    /// <param name="seed">Seed of the batch, on which the children per parent depend.</param>
    public static IReadOnlyDictionary<string, long> Of(StreamModel model, IReadOnlyDictionary<string, long> asked, long seed)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(asked);
        var rows = new Dictionary<string, long>(asked, StringComparer.Ordinal);
        foreach (var table in model.Tables.Where(table => !asked.ContainsKey(table.Name)))
        {
            rows[table.Name] = table switch
            {
                { PerParent: { } counts } => new ChildCounts(seed, table.Name, counts).Total(rows.GetValueOrDefault(ParentOf(model, table))),
                { RowsPerBatch: { } count } => count,
                _ => asked.Count > 0 ? 0 : Few(table, rows),
            };
        }

        return rows;
    }

    /// <summary>The rows of a batch with these options; if the seed is yet to be drawn, about that many.</summary>
    public static IReadOnlyDictionary<string, long> Of(StreamModel model, BatchOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options.RowsOfMetadata ? Of(model, options.Rows, options.Seed ?? 0) : options.Rows;
    }

    /// <summary>What a batch would do, for those who ask before they run it.</summary>
    public static string Describe(StreamModel model, BatchOptions options, StreamingConnection connection)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Resume)
        {
            return $"Load the rest of batch {options.BatchId} into {connection}";
        }

        var rows = Of(model, options).Select(static table => new TableCount(table.Key, table.Value)).ToList();
        var transactions = Math.Max(1, Math.Ceiling(rows.Sum(static table => (decimal)table.Rows) / (options with { Rows = Of(model, options) }).RowsOfChunk));
        var seed = options.Seed is { } given ? $"seed {given}" : "a new seed";
        return $"Load {DisplayText.Tables(rows)} into {connection} (transactions: {transactions:0}, connections: {options.Parallel}, "
            + $"foreign key check: {options.ForeignKeyCheck}, {seed})";
    }

    private static string ParentOf(StreamModel model, TableModel table) => DealtKeys.Of(model, table)!.ParentTable;

    /// <summary>As many as there can be where references are unique; those that close a cycle have rows enough to come.</summary>
    private static long Few(TableModel table, Dictionary<string, long> rows)
    {
        var parents = table.ForeignKeys.Where(key => !key.IsLoadedLater && key.ParentTable != table.Name)
            .Select(key => rows.GetValueOrDefault(key.ParentTable)).ToList();
        var few = parents.Count == 0 ? RowsOfParents : Math.Min(MostRows, ChildrenPerParent * parents.Max());
        foreach (var unique in UniqueKeySet.Of(table).Where(unique => !unique.Keys.Any(key => key.IsLoadedLater || key.ParentTable == table.Name)))
        {
            var combinations = unique.Keys.Select(key => rows.GetValueOrDefault(key.ParentTable)).Aggregate(1L, (product, count) => product * count);
            few = Math.Min(few, unique.Keys.Count == 1 ? combinations : combinations / 2);
        }

        return few;
    }
}
