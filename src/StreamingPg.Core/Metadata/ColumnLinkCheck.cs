using StreamingPg.Core.Generation.Generators;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Metadata;

/// <summary>Rejects columns that follow what is not there: <c>after</c>, <c>equals_parent</c> and <c>sum_of</c>.</summary>
internal static class ColumnLinkCheck
{
    public static void Check(StreamModel model, TableModel table, ColumnModel column, MetadataPlace place)
    {
        if (column.After is { } after)
        {
            CheckAfter(model, table, column, after, place);
        }

        if (column.EqualsParent is { } parent)
        {
            var source = ParentColumn(model, table, parent.Table, parent.Column, "equals_parent", place);
            if (source.Type != column.Type)
            {
                throw place.Error(
                    $"its type is {column.Type.ToSql()}, but {parent}, which it equals, is {source.Type.ToSql()}",
                    $"Use {source.Type.ToSql()}.");
            }
        }

        if (column.SumOf is not null)
        {
            SumCheck.Check(model, table, column, place);
        }
    }

    private static void CheckAfter(StreamModel model, TableModel table, ColumnModel column, AfterModel after, MetadataPlace place)
    {
        if (!IsTime(column))
        {
            throw place.Error($"\"after\" generates times, but the type is {column.Type.ToSql()}", "Remove it, or use TIMESTAMP.");
        }

        var followed = after.Table is null
            ? table.Columns.FirstOrDefault(candidate => candidate.Name == after.Column) ?? throw place.Error(
                $"\"after\" names the column \"{after.Column}\", which does not exist in the table",
                MetadataError.Suggest(after.Column, [.. table.Columns.Select(candidate => candidate.Name)]))
            : ParentColumn(model, table, after.Table, after.Column, "after", place);
        if (!IsTime(followed))
        {
            throw place.Error($"\"after\" names \"{after.Column}\", which is {followed.Type.ToSql()}, not a time", "Name a time column.");
        }

        CheckCycle(table, column, place);
    }

    private static void CheckCycle(TableModel table, ColumnModel column, MetadataPlace place)
    {
        var path = new List<string>();
        var next = column;
        while (next?.After is { Table: null } after)
        {
            path.Add(next.Name);
            if (after.Column == column.Name)
            {
                throw place.Error($"\"after\" forms a cycle: {string.Join(" -> ", path)} -> {column.Name}", "Remove one of them.");
            }

            // A cycle that this column only leads into is found at the columns that are on it.
            next = path.Contains(after.Column, StringComparer.Ordinal) ? null : table.Columns.FirstOrDefault(candidate => candidate.Name == after.Column);
        }
    }

    private static ColumnModel ParentColumn(
        StreamModel model, TableModel table, string parent, string column, string rule, MetadataPlace place)
    {
        if (table.KeyTo(parent) is null)
        {
            var parents = table.ForeignKeys.Select(key => key.ParentTable).Distinct(StringComparer.Ordinal).ToList();
            throw place.Error(
                $"\"{rule}\" names the table \"{parent}\", but no foreign key refers to it",
                parents.Count == 0 ? "Add a foreign key to it." : MetadataError.Suggest(parent, parents));
        }

        var candidates = model.Table(parent).Columns;
        return candidates.FirstOrDefault(candidate => candidate.Name == column) ?? throw place.Error(
            $"\"{rule}\" names the column \"{column}\" of table \"{parent}\", which does not exist",
            MetadataError.Suggest(column, [.. candidates.Select(candidate => candidate.Name)]));
    }

    private static bool IsTime(ColumnModel column) => GeneratorRegistry.FamilyOf(column.Type) == GeneratorFamily.Time;
}
