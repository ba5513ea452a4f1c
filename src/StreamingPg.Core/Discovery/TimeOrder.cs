using System.Text.Json.Nodes;
using StreamingPg.Core.Catalog;
using StreamingPg.Core.Keys;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Discovery;

/// <summary>
/// The natural order of the times of a row, by their names: created, started, changed, finished, deleted. What ends a row's life is
/// NULL in most rows, where it may be.
/// </summary>
internal static class TimeOrder
{
    private const double MostlyNull = 0.9;

    /// <summary>Says in a column's metadata which other time of the row it follows, and how often it is NULL.</summary>
    /// <param name="table">The table.</param>
    /// <param name="column">The column.</param>
    /// <param name="json">Its metadata, complete but for this.</param>
    /// <param name="isTaken">True for a column that metadata has.</param>
    public static void AddTo(LiveTable table, LiveColumn column, JsonObject json, Func<string, bool> isTaken)
    {
        if (column is { TakesNull: true, IsGenerated: false, Type: { UserType: null, Kind: ColumnKind.Integer or ColumnKind.BigInteger } }
            && Rank(column) == TimeNames.EndOfLife && column.Name.EndsWith("at", StringComparison.OrdinalIgnoreCase) && !json.ContainsKey("null_ratio")
            && !table.ForeignKeys.Exists(key => key.Columns.Contains(column.Name, StringComparer.Ordinal)))
        {
            json["null_ratio"] = MostlyNull; // seconds since 1970
        }

        if (!IsFree(table, column) || Rank(column) is not { } rank || json.ContainsKey("values") || json.ContainsKey("distribution")
            || json.ContainsKey("min") || json.ContainsKey("max"))
        {
            return;
        }

        // A CHECK orders the columns that it compares by itself, and keeps them apart.
        if (!table.Checks.Exists(check => check.Expression.Contains(column.Name, StringComparison.Ordinal))
            && table.Columns.Where(other => isTaken(other.Name) && IsFree(table, other) && Rank(other) < TimeNames.EndOfLife && ComesBefore(table, other, column))
                .MaxBy(other => (Rank(other), table.Columns.IndexOf(other))) is { } before)
        {
            json["after"] = before.Name;
        }

        if (rank == TimeNames.EndOfLife && column.TakesNull && !json.ContainsKey("null_ratio"))
        {
            json["null_ratio"] = MostlyNull;
        }
    }

    /// <summary>Of several times of the same kind, the one that stands first comes first.</summary>
    private static bool ComesBefore(LiveTable table, LiveColumn other, LiveColumn column) =>
        Rank(other) < Rank(column) || (Rank(other) == Rank(column) && table.Columns.IndexOf(other) < table.Columns.IndexOf(column));

    private static int? Rank(LiveColumn column) => TimeNames.Rank(column.Name);

    /// <summary>True for a time that neither the server, nor a parent, nor a key has a say in.</summary>
    private static bool IsFree(LiveTable table, LiveColumn column) =>
        column is { IsGenerated: false, Type: { UserType: null } type } && (type.IsTimestamp || type.Kind == ColumnKind.Date)
        && !table.ForeignKeys.Exists(key => key.Columns.Contains(column.Name, StringComparer.Ordinal))
        && !table.Indexes.Exists(index => index.IsUnique && index.Columns.Contains(column.Name, StringComparer.Ordinal));
}
