using StreamingPg.Core.Model;

namespace StreamingPg.Core.Integrity;

/// <summary>What a check is called and what a finding means.</summary>
/// <param name="Name">Name of the check.</param>
/// <param name="Severity">How much a finding matters.</param>
/// <param name="Detail">What a finding means, and what to do.</param>
internal sealed record CheckText(string Name, IntegritySeverity Severity, string Detail)
{
    /// <summary>The result of the check.</summary>
    public IntegrityResult Result(string table, long count, IReadOnlyList<string> sampleKeys, TimeSpan duration) => new()
    {
        Check = Name,
        Table = table,
        Count = count,
        Severity = Severity,
        SampleKeys = sampleKeys,
        Detail = Detail,
        Duration = duration,
    };

    /// <summary>The result of a check of a table without rows.</summary>
    public IntegrityResult NothingToCheck(string table) => Result(table, 0, [], TimeSpan.Zero) with { HasRows = false };

    /// <summary>The result of a check that could not be made.</summary>
    public IntegrityResult Failed(string table, StreamingException error, TimeSpan duration) => Result(table, 0, [], duration) with
    {
        Error = error.Message,
        Detail = $"The check failed to run: {error.Message}",
    };

    /// <summary>The result of a check that the role has no right to.</summary>
    public IntegrityResult Unknown(string table, StreamingException error, TimeSpan duration) => Result(table, 0, [], duration) with
    {
        IsUnknown = true,
        Error = error.Message,
        Detail = $"Not checked. {error.Message}",
    };
}

/// <summary>The first word of a check's name.</summary>
internal static class CheckKind
{
    public const string ForeignKeyConstraint = "ForeignKeyConstraint";
    public const string PrimaryKey = "PrimaryKey";
    public const string Unique = "Unique";
    public const string KeyValue = "KeyValue";
    public const string ForeignKey = "ForeignKey";
    public const string SharedParent = "SharedParent";
    public const string Sequence = "Sequence";
    public const string TimeOrder = "TimeOrder";
    public const string Range = "Range";
    public const string Amount = "Amount";

    /// <summary>All of them.</summary>
    public static readonly string[] All =
        [ForeignKeyConstraint, PrimaryKey, Unique, KeyValue, ForeignKey, SharedParent, Sequence, TimeOrder, Range, Amount];

    /// <summary>What somebody may want to type for the names of checks: each kind, of all tables and of one.</summary>
    public static IEnumerable<string> Patterns(StreamModel model) =>
        All.Select(static kind => $"{kind} *").Concat(model.Tables.SelectMany(static table => All.Select(kind => $"{kind} {table.Name}.*")));
}

/// <summary>How keys are written in the names of checks and in samples.</summary>
internal static class KeyNames
{
    /// <summary><c>transactions.user_id</c>, or <c>lines.(tenant, id)</c>.</summary>
    public static string Of(string table, IReadOnlyList<string> columns) =>
        columns.Count == 1 ? $"{table}.{columns[0]}" : $"{table}.({string.Join(", ", columns)})";

    /// <summary><c>transactions.user_id -> users.user_id</c></summary>
    public static string Of(TableModel table, ForeignKeyModel key) =>
        $"{Of(table.Name, key.Columns)} -> {Of(key.ParentTable, key.ParentColumns)}";

    /// <summary><c> by from_account</c>, for what several ways lead to.</summary>
    public static string Way(IEnumerable<ForeignKeyModel> keys) =>
        $" by {string.Join(" -> ", keys.Select(key => string.Join(", ", key.Columns)))}";

    /// <summary>SQL that gives a row's key as text, such as <c>7</c> or <c>7, null</c>; its place in the table where it has no key.</summary>
    public static string TextSql(string alias, IReadOnlyList<string> columns) => columns.Count == 0
        ? $"{alias}.ctid::text"
        : $"concat_ws(', ', {string.Join(", ", columns.Select(column => $"coalesce({alias}.{Identifier.Quote(column)}::text, 'null')"))})";
}
