using StreamingPg.Core.Keys;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Generation.Relations;

/// <summary>What stands against making rows of a table because of what they refer to.</summary>
internal static class RelationErrors
{
    public static StreamingException NoParents(TableModel table, ForeignKeyModel key) => new(
        ErrorIds.NoParents,
        StreamingErrorKind.InvalidInput,
        $"Rows of \"{table.Name}\" refer to \"{key.ParentTable}\", which has no rows up to the reference time and gets none in this batch.",
        $"Request at least one row of \"{key.ParentTable}\" too, or no row of \"{table.Name}\".",
        table.Name);

    /// <summary>There are fewer combinations of parents than rows.</summary>
    public static StreamingException TooFewParents(TableModel table, UniqueKeySet set, long rows, long possible)
    {
        var parents = string.Join(" and ", set.Keys.Select(key => $"\"{key.ParentTable}\"").Distinct());
        return new StreamingException(
            ErrorIds.TooFewParents,
            StreamingErrorKind.ResourceExhausted,
            $"{rows} rows of \"{table.Name}\" were requested, but ({string.Join(", ", set.Columns)}) must be unique: the rows of {parents} "
            + $"available as parents allow only {possible} more.",
            $"Request fewer rows of \"{table.Name}\", or more of {parents}.",
            table.Name);
    }

    public static StreamingException NoAgreeingParents(TableModel table, IReadOnlyList<ForeignKeyModel> keys, bool unique) => new(
        ErrorIds.NoAgreeingParents,
        StreamingErrorKind.ResourceExhausted,
        $"No parents are left for a row of \"{table.Name}\" by {string.Join(" and ", keys.Select(Describe))}: "
        + $"these must agree on their own parents{(unique ? ", and no two rows may have the same" : "")}.",
        $"Request fewer rows of \"{table.Name}\", or more of {string.Join(" and ", keys.Select(key => $"\"{key.ParentTable}\"").Distinct())}.",
        table.Name);

    public static StreamingException UniqueInCycle(TableModel table, ForeignKeyModel key) => new(
        ErrorIds.UniqueInCycle,
        StreamingErrorKind.InvalidMetadata,
        $"\"{table.Name}\" ({string.Join(", ", key.Columns)}) is unique and part of a cycle of foreign keys, but \"{key.ParentTable}\" does not "
        + "refer back by exactly one key: unique values cannot be generated for it.",
        "Remove the key, or its uniqueness, from the metadata.",
        table.Name);

    private static string Describe(ForeignKeyModel key) => $"({string.Join(", ", key.Columns)}) to \"{key.ParentTable}\"";
}
