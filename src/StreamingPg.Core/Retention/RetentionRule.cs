using StreamingPg.Core.Connections;
using StreamingPg.Core.Loading.Import;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Retention;

/// <summary>From what time on the rows of a table stay: what the user asks, for all tables; else what the model says of each.</summary>
internal static class RetentionRule
{
    /// <summary>The age of rows by what was asked.</summary>
    /// <exception cref="StreamingException">Nothing says what is old, or no table has a time.</exception>
    public static RowAge Of(DatabaseConnection connection, StreamModel model, RetentionOptions options, TimeProvider time)
    {
        IReadOnlyList<TableModel> tables = options.Tables.Count == 0
            ? model.Tables
            : [.. options.Tables.Select(name => InputTable.Find(model, name).Table).Distinct()];
        foreach (var retention in options.OlderThan is { } asked ? [asked]
            : options.Before is null ? tables.Select(table => table.Retention).OfType<TimeSpan>() : [])
        {
            options.CheckLength(retention);
        }

        var now = time.GetUtcNow().UtcDateTime;
        var before = options.Before ?? (options.OlderThan is { } age ? Earlier(now, age) : null);
        if (before is null && tables.All(table => table.Retention is null))
        {
            throw new StreamingException(
                "RetentionNotGiven",
                StreamingErrorKind.InvalidInput,
                "Nothing says which rows are old.",
                "Give -OlderThan 30d or -Before (--older-than, --before), or tables a \"retention\" in metadata.json.");
        }

        var rows = new RowAge(
            connection.Schema, model, tables, table => before ?? (table.Retention is { } retention ? Earlier(now, retention) : null));
        return tables.Any(table => rows.Before(table) is not null)
            ? rows
            : throw new StreamingException(
                "NoTimeColumn",
                StreamingErrorKind.InvalidInput,
                "No table that rows are to be removed from has a column that tells their time.",
                "Retention goes by columns of the types TIMESTAMP, TIMESTAMPTZ and DATE.");
    }

    // A retention of many thousand years removes nothing, and is no error.
    private static DateTime Earlier(DateTime now, TimeSpan age) => age < now - DateTime.UnixEpoch ? now - age : DateTime.UnixEpoch;
}
