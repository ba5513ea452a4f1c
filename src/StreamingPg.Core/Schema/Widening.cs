using StreamingPg.Core.Catalog;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Schema;

/// <summary>Columns of the database that take more than those of the model: longer text, more digits, wider numbers.</summary>
internal static class Widening
{
    /// <summary>The model with the types of such columns; itself when there are none.</summary>
    public static StreamModel Adapt(StreamModel model, LiveSchema live)
    {
        foreach (var table in model.Tables)
        {
            if (live.Tables.TryGetValue(table.Name, out var found) && table.Columns.Any(column => IsWider(column, found)))
            {
                model = model.With(table with { Columns = [.. table.Columns.Select(column => IsWider(column, found) ? Adapt(column, found) : column)] });
            }
        }

        return model;
    }

    private static bool IsWider(ColumnModel column, LiveTable live) =>
        live.Find(column.Name)?.Type is { } type && type != column.Type.WithoutSequence() && type.Holds(column.Type);

    /// <summary>A column with the type that it has in the database.</summary>
    public static ColumnModel Adapt(ColumnModel column, LiveTable live)
    {
        var type = live.Find(column.Name)!.Type!;
        return column with { Type = column.Type == column.Type.WithoutSequence() ? type : type.WithSequence()! };
    }
}
