using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using StreamingPg.Core.Catalog;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Discovery;

/// <summary>
/// The natural order of the times of a row, by their names: created, started, changed, finished, deleted. What ends a row's life is
/// NULL in most rows, where it may be.
/// </summary>
internal static partial class TimeOrder
{
    private const double MostlyNull = 0.9;
    private const int EndOfLife = 4;

    /// <summary>Says in a column's metadata which other time of the row it follows, and how often it is NULL.</summary>
    /// <param name="table">The table.</param>
    /// <param name="column">The column.</param>
    /// <param name="json">Its metadata, complete but for this.</param>
    /// <param name="isTaken">True for a column that metadata has.</param>
    public static void AddTo(LiveTable table, LiveColumn column, JsonObject json, Func<string, bool> isTaken)
    {
        if (!IsFree(table, column) || Rank(column) is not { } rank || json.ContainsKey("values") || json.ContainsKey("distribution")
            || json.ContainsKey("min") || json.ContainsKey("max"))
        {
            return;
        }

        // A CHECK orders the columns that it compares by itself, and keeps them apart.
        if (!table.Checks.Exists(check => check.Expression.Contains(column.Name, StringComparison.Ordinal))
            && table.Columns.Where(other => isTaken(other.Name) && IsFree(table, other) && Rank(other) < EndOfLife && ComesBefore(table, other, column))
                .MaxBy(other => (Rank(other), table.Columns.IndexOf(other))) is { } before)
        {
            json["after"] = before.Name;
        }

        if (rank == EndOfLife && column.TakesNull && !json.ContainsKey("null_ratio"))
        {
            json["null_ratio"] = MostlyNull;
        }
    }

    /// <summary>Of several times of the same kind, the one that stands first comes first.</summary>
    private static bool ComesBefore(LiveTable table, LiveColumn other, LiveColumn column) =>
        Rank(other) < Rank(column) || (Rank(other) == Rank(column) && table.Columns.IndexOf(other) < table.Columns.IndexOf(column));

    /// <summary>True for a time that neither the server, nor a parent, nor a key has a say in.</summary>
    private static bool IsFree(LiveTable table, LiveColumn column) =>
        column is { IsGenerated: false, Type: { UserType: null } type } && (type.IsTimestamp || type.Kind == ColumnKind.Date)
        && !table.ForeignKeys.Exists(key => key.Columns.Contains(column.Name, StringComparer.Ordinal))
        && !table.Indexes.Exists(index => index.IsUnique && index.Columns.Contains(column.Name, StringComparer.Ordinal));

    private static int? Rank(LiveColumn column) => column.Name switch
    {
        var name when Ended().IsMatch(name) => EndOfLife,
        var name when Finished().IsMatch(name) => 3,
        var name when Changed().IsMatch(name) => 2,
        var name when Started().IsMatch(name) => 1,
        var name when Created().IsMatch(name) => 0,
        _ => null,
    };

    [GeneratedRegex("(?i)(^|_)(deleted|removed|closed|archived|cancell?ed|revoked|banned|disabled|retired|deactivated)(_|$)|^(deleted|closed|archived|removed)At$", RegexOptions.CultureInvariant)]
    private static partial Regex Ended();

    [GeneratedRegex("(?i)(^|_)(finished|completed|ended|end|ends|shipped|delivered|resolved|stopped|processed|paid|returned)(_|$)|^(finished|completed|ended|end)(At|Date)$", RegexOptions.CultureInvariant)]
    private static partial Regex Finished();

    [GeneratedRegex("(?i)(^|_)(updated|modified|changed|edited|update|modification)(_|$)|^(updated|modified)(At|Date)$", RegexOptions.CultureInvariant)]
    private static partial Regex Changed();

    [GeneratedRegex("(?i)(^|_)(started|start|starts|opened|begun|begins|published|approved|sent|assigned)(_|$)|^(started|start)(At|Date)$", RegexOptions.CultureInvariant)]
    private static partial Regex Started();

    [GeneratedRegex("(?i)(^|_)(created|inserted|registered|ordered|order|added|joined|noted|creation|registration)(_|$)|^(created|inserted)(At|Date|On)$", RegexOptions.CultureInvariant)]
    private static partial Regex Created();
}
