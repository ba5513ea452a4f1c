namespace StreamingPg.Core.Model;

/// <summary>
/// Makes foreign keys out of the references of single columns. Columns of one table that refer to different columns of
/// one parent and together are its whole primary key form one key. Where a table refers to such a parent several times,
/// the first column for each part of the key belongs to the first foreign key, the second to the second, and so on.
/// </summary>
internal static class ForeignKeyResolver
{
    public static IReadOnlyList<TableModel> Resolve(IReadOnlyList<TableDraft> drafts, string source)
    {
        var byName = drafts.ToDictionary(draft => draft.Name, StringComparer.Ordinal);
        return [.. drafts.Select(draft => draft.Table with { ForeignKeys = ResolveTable(draft, byName, source) })];
    }

    private static List<ForeignKeyModel> ResolveTable(
        TableDraft table, Dictionary<string, TableDraft> byName, string source)
    {
        var open = new List<(TableDraft Parent, List<ReferenceDraft> References)>();
        foreach (var reference in table.References)
        {
            var parent = FindParent(table, reference, byName, source);
            var key = open.FirstOrDefault(candidate => candidate.Parent == parent
                && candidate.References.TrueForAll(other => other.ParentColumn != reference.ParentColumn));
            if (key.References is null)
            {
                open.Add((parent, [reference]));
            }
            else
            {
                key.References.Add(reference);
            }
        }

        return open.ConvertAll(key => Complete(table, key.Parent, key.References, source));
    }

    private static TableDraft FindParent(
        TableDraft table, ReferenceDraft reference, Dictionary<string, TableDraft> byName, string source)
    {
        var place = $"{table.Name}.{reference.Column.Name}";
        if (!byName.TryGetValue(reference.ParentTable, out var parent))
        {
            throw MetadataError.At(
                source,
                place,
                $"it refers to table \"{reference.ParentTable}\", which is not there",
                MetadataError.Suggest(reference.ParentTable, byName.Keys));
        }

        var column = parent.Find(reference.ParentColumn) ?? throw MetadataError.At(
            source,
            place,
            $"it refers to column \"{reference.ParentColumn}\" of table \"{parent.Name}\", which is not there",
            MetadataError.Suggest(reference.ParentColumn, [.. parent.Columns.Select(candidate => candidate.Name)]));
        if (!column.IsPrimaryKey)
        {
            throw MetadataError.At(
                source,
                place,
                $"it refers to \"{parent.Name}\".\"{column.Name}\", which is not part of the primary key of that table",
                $"Refer to its primary key, {string.Join(", ", parent.PrimaryKey)}.");
        }

        var expected = column.IsAutoIncrement ? new ColumnType(ColumnKind.Integer) : column.Type;
        return reference.Column.Type == expected
            ? parent
            : throw MetadataError.At(
                source,
                place,
                $"its type is {reference.Column.Type.ToSql()}, and \"{parent.Name}\".\"{column.Name}\", to which it refers, is {column.Type.ToSql()}",
                $"Use {expected.ToSql()}.");
    }

    private static ForeignKeyModel Complete(
        TableDraft table, TableDraft parent, List<ReferenceDraft> references, string source)
    {
        var missing = parent.PrimaryKey.Except(references.Select(reference => reference.ParentColumn)).ToList();
        return missing.Count == 0
            ? new ForeignKeyModel(
                [.. references.Select(reference => reference.Column.Name)],
                parent.Name,
                [.. references.Select(reference => reference.ParentColumn)])
            : throw MetadataError.At(
                source,
                $"{table.Name}.{references[0].Column.Name}",
                $"the reference to table \"{parent.Name}\" lacks {string.Join(", ", missing)} of its primary key",
                "Refer to every column of the key.");
    }
}
