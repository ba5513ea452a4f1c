using StreamingPg.Core.Model;

namespace StreamingPg.Core.Metadata;

/// <summary>
/// Makes foreign keys out of the references of single columns and the lists of tables. Columns of one table that refer to different
/// columns of one parent and together are its whole primary key form one key. Where a table refers to such a parent several times,
/// the first column for each part of the key belongs to the first foreign key, the second to the second, and so on.
/// </summary>
internal sealed class ForeignKeyResolver
{
    private readonly Dictionary<string, TableDraft> _byName;
    private readonly string _source;

    private ForeignKeyResolver(IReadOnlyList<TableDraft> drafts, string source)
    {
        _byName = drafts.ToDictionary(draft => draft.Name, StringComparer.Ordinal);
        _source = source;
    }

    /// <summary>The tables with their foreign keys.</summary>
    /// <exception cref="StreamingException">A reference leads nowhere, or does not fit.</exception>
    public static IReadOnlyList<TableModel> Resolve(IReadOnlyList<TableDraft> drafts, string source)
    {
        var resolver = new ForeignKeyResolver(drafts, source);
        return [.. drafts.Select(resolver.Resolve)];
    }

    private TableModel Resolve(TableDraft draft)
    {
        var keys = ResolveColumns(draft).Concat(draft.ForeignKeys.Where(key => key.Schema is null).Select(key => ResolveEntry(draft, key)))
            .OrderBy(key => draft.Table.IndexOf(key.Columns[0])).ToList();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var key in keys)
        {
            if (!seen.Add($"{key.ParentTable} {string.Join(' ', key.Columns.Zip(key.ParentColumns).Order())}"))
            {
                throw Error(draft, key.Columns[0], $"its reference to \"{key.ParentTable}\" occurs twice", "Remove one of them.");
            }
        }

        var table = draft.Table with
        {
            ForeignKeys = keys,
            OutsideKeys =
            [
                .. draft.ForeignKeys.Where(key => key.Schema is not null)
                    .Select(key => new OutsideKeyModel(key.Columns, key.Schema!, key.ParentTable, key.ParentColumns)),
            ],
        };
        CheckPerParent(table);
        return table;
    }

    private List<ForeignKeyModel> ResolveColumns(TableDraft table)
    {
        var open = new List<(TableDraft Parent, List<ReferenceDraft> References)>();
        foreach (var reference in table.References)
        {
            var parent = FindParent(table, reference);
            var key = open.FirstOrDefault(candidate => candidate.Parent == parent
                && !IsUnique(parent, [reference.ParentColumn])
                && candidate.References.TrueForAll(other => other.ParentColumn != reference.ParentColumn && !IsUnique(parent, [other.ParentColumn])));
            if (key.References is null)
            {
                open.Add((parent, [reference]));
            }
            else
            {
                key.References.Add(reference);
            }
        }

        return open.ConvertAll(key => Complete(table, key.Parent, key.References));
    }

    private TableDraft FindParent(TableDraft table, ReferenceDraft reference)
    {
        var parent = FindTable(table, reference.Column.Name, reference.ParentTable);
        var column = FindColumn(table, reference.Column.Name, parent, reference.ParentColumn);
        if (!column.IsPrimaryKey && !IsUnique(parent, [column.Name]))
        {
            throw Error(
                table,
                reference.Column.Name,
                $"it refers to \"{parent.Name}\".\"{column.Name}\", which is neither unique nor part of the primary key",
                $"Refer to its primary key, {string.Join(", ", parent.PrimaryKey)}.");
        }

        CheckType(table, reference.Column, parent, column);
        return parent;
    }

    private ForeignKeyModel ResolveEntry(TableDraft table, ForeignKeyDraft draft)
    {
        var parent = FindTable(table, draft.Columns[0], draft.ParentTable);
        foreach (var (own, name) in draft.Columns.Zip(draft.ParentColumns))
        {
            CheckType(table, table.Find(own)!, parent, FindColumn(table, own, parent, name));
        }

        return IsUnique(parent, draft.ParentColumns)
            ? new ForeignKeyModel(draft.Columns, parent.Name, draft.ParentColumns) { Name = draft.Name, IsDeferrable = draft.IsDeferrable, Agreement = draft.Agreement }
            : throw Error(
                table,
                draft.Columns[0],
                $"it refers to ({string.Join(", ", draft.ParentColumns)}) of \"{parent.Name}\", which is neither the primary key nor unique",
                $"Refer to its primary key, {string.Join(", ", parent.PrimaryKey)}.");
    }

    private ForeignKeyModel Complete(TableDraft table, TableDraft parent, List<ReferenceDraft> references)
    {
        var missing = references is [var only] && IsUnique(parent, [only.ParentColumn])
            ? []
            : parent.PrimaryKey.Except(references.Select(reference => reference.ParentColumn)).ToList();
        return missing.Count == 0
            ? new ForeignKeyModel(
                [.. references.Select(reference => reference.Column.Name)],
                parent.Name,
                [.. references.Select(reference => reference.ParentColumn)])
            {
                Agreement = references.Max(reference => reference.Agreement),
            }
            : throw Error(
                table,
                references[0].Column.Name,
                $"the reference to table \"{parent.Name}\" lacks {string.Join(", ", missing)} of its primary key",
                "Refer to all columns of the key.");
    }

    private TableDraft FindTable(TableDraft table, string column, string parent) =>
        _byName.TryGetValue(parent, out var found)
            ? found
            : throw Error(
                table, column, $"it refers to table \"{parent}\", which does not exist", MetadataError.Suggest(parent, _byName.Keys));

    private ColumnModel FindColumn(TableDraft table, string column, TableDraft parent, string parentColumn) =>
        parent.Find(parentColumn) ?? throw Error(
            table,
            column,
            $"it refers to column \"{parentColumn}\" of table \"{parent.Name}\", which does not exist",
            MetadataError.Suggest(parentColumn, [.. parent.Columns.Select(candidate => candidate.Name)]));

    private void CheckType(TableDraft table, ColumnModel own, TableDraft parent, ColumnModel column)
    {
        if (!own.Type.CanReferTo(column.Type))
        {
            throw Error(
                table,
                own.Name,
                $"its type is {own.Type.ToSql()}, but it refers to \"{parent.Name}\".\"{column.Name}\", which is {column.Type.ToSql()}",
                $"Use {column.Type.WithoutSequence().ToSql()}.");
        }
    }

    private void CheckPerParent(TableModel table)
    {
        if (table.PerParent is not { } counts)
        {
            return;
        }

        var parents = table.ForeignKeys.Select(key => key.ParentTable).Where(parent => parent != table.Name).ToList();
        var reason = counts.Parent switch
        {
            null when parents.Count == 0 => "\"per_parent\" needs a foreign key, and the table has none",
            null when parents.Count > 1 => $"\"per_parent\" does not name the parent: {string.Join(", ", parents)}",
            { } parent when !parents.Contains(parent) => $"\"per_parent\" names \"{parent}\", but the table does not refer to it",
            { } parent when parents.Count(other => other == parent) > 1 => $"\"per_parent\" names \"{parent}\", but the table refers to it several times",
            _ => null,
        };
        if (reason is not null)
        {
            throw MetadataError.At(_source, table.Name, reason, parents.Count > 1 ? "Name one with \"parent\"." : "");
        }
    }

    private static bool IsUnique(TableDraft parent, IReadOnlyList<string> columns) =>
        parent.Table.UniqueKeys.Prepend(parent.PrimaryKey).Any(key => key.Count == columns.Count && key.All(columns.Contains));

    private StreamingException Error(TableDraft table, string column, string reason, string remedy) =>
        MetadataError.At(_source, $"{table.Name}.{column}", reason, remedy);
}
