using System.Globalization;
using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Ledger;
using StreamingPg.Core.Model;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Integrity;

/// <summary>
/// The rows that are checked: all, or those of some batches, which the ledger knows by the ranges of their keys. A table of whose rows it
/// knows the number only (imported or updated ones, keys of several columns) is checked whole.
/// </summary>
internal sealed class CheckScope
{
    private readonly Dictionary<string, List<(UInt128 First, UInt128 Last)>> _ranges = new(StringComparer.Ordinal);
    private readonly HashSet<string> _whole = new(StringComparer.Ordinal);
    private readonly bool _isAll;

    private CheckScope(bool isAll) => _isAll = isAll;

    /// <summary>All rows.</summary>
    public static CheckScope All { get; } = new(isAll: true);

    /// <summary>Reads which rows some batches loaded.</summary>
    /// <param name="open">The connection.</param>
    /// <param name="connection">The database.</param>
    /// <param name="model">The tables.</param>
    /// <param name="since">Only batches that were committed at or after this time; null for any.</param>
    /// <param name="batches">Only these; empty for any.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="StreamingException">The ledger has none of the batches asked for.</exception>
    public static async Task<CheckScope> ReadAsync(
        NpgsqlConnection open,
        DatabaseConnection connection,
        StreamModel model,
        DateTime? since,
        IReadOnlyCollection<Guid> batches,
        CancellationToken cancellationToken)
    {
        if (since is null && batches.Count == 0)
        {
            return All;
        }

        var scope = new CheckScope(isAll: false);
        var found = new HashSet<Guid>();
        var commands = new CommandBatch(open);
        commands.Query(
            $"""
            SELECT batch_id, rows::text, (plan -> '{BatchLedger.KeysKey}')::text, (plan -> '{BatchLedger.UpdatedKey}')::text
            FROM {connection.Quote(LedgerTable.Name)}
            WHERE kind IN {LedgerKind.AddedSql} AND ($1::timestamptz IS NULL OR committed_at >= $1) AND ($2::uuid[] IS NULL OR batch_id = ANY ($2))
            """,
            row =>
            {
                found.Add(row.GetGuid(0));
                scope.Add(model, row.GetString(1), row.IsDBNull(2) ? "{}" : row.GetString(2));
                scope.AddUpdated(model, row.IsDBNull(3) ? "{}" : row.GetString(3));
            },
            Parameter.Of(since is { } time ? DateTime.SpecifyKind(time, DateTimeKind.Utc) : null, NpgsqlDbType.TimestampTz),
            Parameter.Of(batches.Count == 0 ? null : batches.ToArray(), NpgsqlDbType.Uuid | NpgsqlDbType.Array));
        await commands.ExecuteAsync(cancellationToken).ConfigureAwait(false);
        if (batches.FirstOrDefault(batch => !found.Contains(batch)) is var missing && missing != Guid.Empty && since is null)
        {
            throw new StreamingException(
                ErrorIds.BatchUnknown,
                StreamingErrorKind.NotFound,
                $"The ledger of {connection} has no batch {missing}.",
                "Get-StreamingBatch (streamingpg ledger) lists the batches.",
                missing);
        }

        return scope;
    }

    /// <summary>Settings of a query of all rows of a table.</summary>
    public static IReadOnlyList<string> WholeTable { get; } = ["work_mem = '64MB'"];

    /// <summary>True if every row of the table is checked.</summary>
    public bool IsWhole(TableModel table) => _isAll || _whole.Contains(table.Name);

    /// <summary>
    /// Settings of a query of the table's rows: a few rows are found and looked up by index, or the time would grow with the tables. Workers
    /// cannot share the list of ranges, so that the planner lets them read a whole index of a large table instead. Of whole tables, more is kept in memory: with
    /// the server's 4 MB, joins and groups of a million rows go to disk.
    /// </summary>
    public IReadOnlyList<string> Settings(TableModel table) => IsWhole(table)
        ? WholeTable
        : ["enable_seqscan = off", "enable_hashjoin = off", "enable_mergejoin = off", "max_parallel_workers_per_gather = 0", "jit = off"];

    /// <summary>True if no row of the table is checked.</summary>
    public bool IsEmpty(TableModel table) => !IsWhole(table) && !_ranges.ContainsKey(table.Name);

    /// <summary>What stands behind FROM to read the rows of a table that are checked.</summary>
    /// <param name="connection">The database.</param>
    /// <param name="table">The table.</param>
    /// <param name="only">True to leave out the rows of tables that inherit from it, for which its foreign keys do not hold.</param>
    public string Source(DatabaseConnection connection, TableModel table, bool only = false)
    {
        var name = (only ? "ONLY " : "") + connection.Quote(table.Name);
        if (IsWhole(table))
        {
            return name;
        }

        if (!_ranges.TryGetValue(table.Name, out var ranges))
        {
            return $"(SELECT * FROM {name} WHERE false)";
        }

        var merged = Merged(ranges);
        var column = table.Column(table.PrimaryKey[0]);
        var type = IsUuid(column) ? "uuid" : "bigint";
        var (first, last) = (merged.Select(range => Text(column, range.First)), merged.Select(range => Text(column, range.Last)));
        return $"(SELECT t.* FROM unnest('{{{string.Join(',', first)}}}'::{type}[], '{{{string.Join(',', last)}}}'::{type}[]) AS r (first, last) "
            + $"JOIN {name} AS t ON t.{Identifier.Quote(column.Name)} BETWEEN r.first AND r.last)";
    }

    private void Add(StreamModel model, string rowsJson, string keysJson)
    {
        using var rows = JsonDocument.Parse(rowsJson);
        using var keys = JsonDocument.Parse(keysJson);
        foreach (var table in rows.RootElement.EnumerateObject())
        {
            if (table.Value.GetInt64() == 0 || model.Find(table.Name) is not { } known)
            {
                continue;
            }

            if (known.PrimaryKey is [var name] && keys.RootElement.TryGetProperty(table.Name, out var range)
                && (range[0].GetString(), range[1].GetString()) is ({ } first, { } last))
            {
                var column = known.Column(name);
                _ranges.TryAdd(known.Name, []);
                _ranges[known.Name].Add((Place(column, first), Place(column, last)));
            }
            else
            {
                _whole.Add(known.Name);
            }
        }
    }

    // The ledger knows the number of the rows that an import updated, not which they are.
    private void AddUpdated(StreamModel model, string updatedJson)
    {
        using var updated = JsonDocument.Parse(updatedJson);
        _whole.UnionWith(updated.RootElement.EnumerateObject()
            .Where(table => table.Value.GetInt64() > 0 && model.Find(table.Name) is not null).Select(table => table.Name));
    }

    /// <summary>Ranges that follow each other become one, so that no row is read twice and thousands of small batches are few ranges.</summary>
    private static List<(UInt128 First, UInt128 Last)> Merged(IEnumerable<(UInt128 First, UInt128 Last)> ranges)
    {
        var merged = new List<(UInt128 First, UInt128 Last)>();
        foreach (var range in ranges.Order())
        {
            if (merged.Count > 0 && (range.First <= merged[^1].Last || range.First - merged[^1].Last == 1))
            {
                merged[^1] = (merged[^1].First, UInt128.Max(merged[^1].Last, range.Last));
            }
            else
            {
                merged.Add(range);
            }
        }

        return merged;
    }

    private static bool IsUuid(ColumnModel column) => column.Type.Kind == ColumnKind.Uuid;

    // Numbers below zero come before those above, as the server orders them.
    private static UInt128 Place(ColumnModel column, string key) => IsUuid(column)
        ? UInt128.Parse(Guid.Parse(key).ToString("N"), NumberStyles.HexNumber, CultureInfo.InvariantCulture)
        : (UInt128)((Int128)long.Parse(key, CultureInfo.InvariantCulture) - long.MinValue);

    private static string Text(ColumnModel column, UInt128 place) => IsUuid(column)
        ? place.ToString("x32", CultureInfo.InvariantCulture)
        : ((Int128)place + long.MinValue).ToString(CultureInfo.InvariantCulture);
}
