using System.Text.RegularExpressions;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Keys;

/// <summary>
/// Tells which column of a table says when a row was created. One that is called so (created_at, registration_date) or whose default
/// is the present comes before others of the same kind, and one that tells of the last change or of what is to come after them. A
/// birthday never is the row's time.
/// </summary>
internal static partial class RowTimestamp
{
    private const int OfChange = 2;
    private const int OfFuture = 3;
    private const int OfLife = 4;

    private static readonly OncePerTable<ColumnModel?> Times = new(
        table => table.Columns.Where(column => column.Type.IsTimestamp && Rank(column) < OfFuture).MinBy(Rank));

    private static readonly OncePerTable<ColumnModel?> FirstTimes = new(
        table => table.Columns.FirstOrDefault(column => column.Type.IsTimestamp && Rank(column) < OfChange) ?? Of(table));

    /// <summary>The timestamp that says when a row was created, or null.</summary>
    public static ColumnModel? Of(TableModel table)
    {
        ArgumentNullException.ThrowIfNull(table);
        return Times.Of(table);
    }

    /// <summary>The timestamp or day by which rows get old: that of their end where nothing says when they were created; or null.</summary>
    public static ColumnModel? OrDayOf(TableModel table)
    {
        ArgumentNullException.ThrowIfNull(table);
        return table.Columns.Where(column => (column.Type.IsTimestamp || column.Type.Kind == ColumnKind.Date) && Rank(column) < OfLife).MinBy(Rank);
    }

    /// <summary>The earliest time of a row, which its others follow (an order's date before its created_at), or null.</summary>
    public static ColumnModel? FirstOf(TableModel table)
    {
        ArgumentNullException.ThrowIfNull(table);
        return FirstTimes.Of(table);
    }

    /// <summary>True when the rows of a table have a time, their own or a parent's: other tables are lists that stay as they are.</summary>
    public static bool Ages(StreamModel model, TableModel table) => table.PrimaryKey.Count > 0 && Ages(model, table, []);

    /// <summary>The same of a table that is reached on a path of others, which do not count.</summary>
    public static bool Ages(StreamModel model, TableModel table, HashSet<string> path) =>
        OrDayOf(table) is not null
        || table.ForeignKeys.Any(key => !path.Contains(key.ParentTable) && Ages(model, model.Table(key.ParentTable), [.. path, table.Name]));

    private static int Rank(ColumnModel column) => column switch
    {
        { Generator.Kind: "time.birth_date" } => OfLife,
        { Generator.Kind: "time.future" } => OfFuture,
        _ when Life().IsMatch(column.Name) => OfLife,
        _ when Future().IsMatch(column.Name) => OfFuture,
        _ when Change().IsMatch(column.Name) => OfChange,
        _ when Beginning().IsMatch(column.Name) || (column.DefaultSql is { } sql && Present().IsMatch(sql)) => 0,
        _ => 1,
    };

    [GeneratedRegex(@"(?i)(^|_|-| )(birth|birthday|birthdate|born|dob|death|died)(?![a-z])|(?-i)[a-z](Birth|Born)|ofbirth$", RegexOptions.CultureInvariant)]
    private static partial Regex Life();

    [GeneratedRegex(
        @"(?i)(^|_|-| )(due|expires?|expiry|expiration|until|valid|end|ends|ended|deadline|scheduled|planned|next|delete|deleted|return|returned|closed|cancell?ed|archived)(?![a-z])",
        RegexOptions.CultureInvariant)]
    private static partial Regex Future();

    [GeneratedRegex(@"(?i)(^|_|-| )(update|updated|modified|modification|change|changed|edited|last)(?![a-z])|^last[A-Z]", RegexOptions.CultureInvariant)]
    private static partial Regex Change();

    [GeneratedRegex(@"(?i)(^|_|-| )(create|created|creation|insert|inserted|register|registered|registration|signup|joined|added)(?![a-z])|^(created|inserted|registered)", RegexOptions.CultureInvariant)]
    private static partial Regex Beginning();

    [GeneratedRegex(@"(?i)\b(now\(\)|current_timestamp|localtimestamp|current_date|(clock|statement|transaction)_timestamp\(\))", RegexOptions.CultureInvariant)]
    private static partial Regex Present();
}
