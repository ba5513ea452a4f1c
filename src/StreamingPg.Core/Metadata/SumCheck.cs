using StreamingPg.Core.Keys;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Metadata;

/// <summary>Rejects a <c>sum_of</c> that cannot be kept.</summary>
internal static class SumCheck
{
    public static void Check(StreamModel model, TableModel table, ColumnModel column, MetadataPlace place)
    {
        CheckColumn(column, place);
        var sum = column.SumOf!;
        var parts = model.Find(sum.Table) ?? throw place.Error(
            $"\"sum_of\" names the table \"{sum.Table}\", which does not exist",
            MetadataError.Suggest(sum.Table, [.. model.Tables.Select(candidate => candidate.Name)]));
        CheckKey(model, table, parts, place);
        foreach (var factor in sum.Columns)
        {
            CheckFactor(table, parts, factor, place);
            if (sum.IsOfOneIfNone)
            {
                CheckStandsAlone(parts, factor, place);
            }
        }
    }

    private static void CheckColumn(ColumnModel column, MetadataPlace place)
    {
        if (!IsExact(column.Type))
        {
            throw place.Error($"\"sum_of\" gives exact numbers, but the type is {column.Type.ToSql()}", "Use NUMERIC or BIGINT.");
        }

        if (column.IsPrimaryKey || column.IsUnique || column.NullRatio > 0 || column.IsLeftToServer)
        {
            throw place.Error("a sum cannot be a key, unique, NULL or computed by the server", "Remove one of them.");
        }
    }

    /// <summary>Which rows a sum is over must be known before they are made: they are dealt out to their parents.</summary>
    private static void CheckKey(StreamModel model, TableModel table, TableModel parts, MetadataPlace place)
    {
        var keys = parts.ForeignKeys.Where(key => key.ParentTable == table.Name && parts.Name != table.Name).ToList();
        if (keys.Count == 0)
        {
            throw place.Error($"\"sum_of\" names the table \"{parts.Name}\", but it has no foreign key to \"{table.Name}\"", "Add one.");
        }

        if (keys.All(key => key.IsLoadedLater))
        {
            throw place.Error(
                $"\"{parts.Name}\" and \"{table.Name}\" form a cycle, so its rows are unknown when the sum is computed", "Take \"sum_of\" out.");
        }

        if (DealtKeys.Of(model, parts) is { } dealt && dealt.ParentTable != table.Name)
        {
            throw place.Error(
                $"the rows of \"{parts.Name}\" are already assigned to \"{dealt.ParentTable}\" by \"per_parent\" or another \"sum_of\", so they cannot be summed here too",
                "Remove one of them.");
        }
    }

    private static void CheckFactor(TableModel table, TableModel parts, string name, MetadataPlace place)
    {
        var factor = parts.Columns.FirstOrDefault(column => column.Name == name) ?? throw place.Error(
            $"\"sum_of\" names the column \"{name}\" of table \"{parts.Name}\", which does not exist",
            MetadataError.Suggest(name, [.. parts.Columns.Select(column => column.Name)]));
        if (!IsExact(factor.Type))
        {
            throw place.Error($"\"{name}\" of \"{parts.Name}\" is {factor.Type.ToSql()}, which cannot be summed exactly", "Use NUMERIC or INTEGER.");
        }

        if (factor.IsLeftToServer || factor.IsAutoIncrement)
        {
            throw place.Error($"the server computes \"{name}\" of \"{parts.Name}\", so the sum is unknown in advance", "Name the columns from which it is computed.");
        }

        if (factor.SumOf is not null || (factor.EqualsParent is { } copied && copied.Table == table.Name))
        {
            throw place.Error($"\"{name}\" of \"{parts.Name}\" is itself a sum, or a copy of this column", "Name a column with its own values.");
        }
    }

    /// <summary>What a row would give that is not made: its values must not depend on the other rows of the batch.</summary>
    private static void CheckStandsAlone(TableModel parts, string name, MetadataPlace place)
    {
        if (parts.Column(name).EqualsParent is not null || parts.IsUniqueAlone(parts.Column(name)) || parts.ForeignKeys.Any(key => key.Columns.Contains(name)))
        {
            throw place.Error(
                $"\"if_none\" is \"one_row\", but \"{name}\" of \"{parts.Name}\" depends on other rows", "Use \"zero\", or a column with its own values.");
        }
    }

    private static bool IsExact(ColumnType type) => type.IsInteger || type.Kind == ColumnKind.Decimal;
}
