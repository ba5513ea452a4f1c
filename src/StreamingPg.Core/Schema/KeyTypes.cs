using StreamingPg.Core.Catalog;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Schema;

/// <summary>
/// How wide the integer keys of tables are. A key that is wider in the database than metadata says takes every value of it, so it is
/// taken as it is, by every command and without a question: -LargeKeys makes such keys, and -WidenKey makes them beside a running stream.
/// </summary>
internal static class KeyTypes
{
    /// <summary>The model with bigint for every key that a sequence numbers, as an identity column, and for all columns that refer to one.</summary>
    public static StreamModel ToBigInt(StreamModel model) => Follow(model, model.Tables.SelectMany(table => table.Columns
        .Where(column => column.IsAutoIncrement && IsNarrow(column.Type))
        .Select(column => (table.Name, column with
        {
            Type = new ColumnType(ColumnKind.BigInteger),
            Identity = column.Identity ?? IdentityKind.ByDefault,
        }))));

    /// <summary>The model with the keys as wide as those of the database, where these are wider; itself when none are.</summary>
    public static StreamModel AsLive(StreamModel model, LiveSchema live) => Follow(model, model.Tables.SelectMany(table => table.Columns
        .Where(column => live.Tables.TryGetValue(table.Name, out var found) && IsWider(found.Find(column.Name), column) && IsKey(model, table, column.Name))
        .Select(column => (table.Name, Widening.Adapt(column, live.Tables[table.Name])))));

    /// <summary>The tables as they would be had their keys the types of now; for telling what else changed.</summary>
    public static LiveSchema AsLive(LiveSchema before, LiveSchema now) => before with
    {
        Tables = before.Tables.ToDictionary(table => table.Key, table => now.Tables.TryGetValue(table.Key, out var after) ? AsLive(table.Value, after) : table.Value, StringComparer.Ordinal),
    };

    private static LiveTable AsLive(LiveTable before, LiveTable after)
    {
        var keys = before.PrimaryKey.Concat(before.ForeignKeys.SelectMany(key => key.Columns)).ToHashSet(StringComparer.Ordinal);
        return before with
        {
            Columns =
            [
                .. before.Columns.Select(column => (keys.Contains(column.Name) || column.HasSequence) && after.Find(column.Name) is { Type.IsInteger: true } other
                    && column.Type is { IsInteger: true } type && other.Type.Holds(type) ? column with { TypeName = other.TypeName, Type = other.Type } : column),
            ],
        };
    }

    /// <summary>Gives columns their new types, and those that refer to them the same, also in tables that are not there yet.</summary>
    private static StreamModel Follow(StreamModel model, IEnumerable<(string Table, ColumnModel Column)> changes)
    {
        var waiting = new Queue<(string Table, ColumnModel Column)>(changes);
        while (waiting.TryDequeue(out var change))
        {
            var (name, column) = change;
            var type = column.Type.WithoutSequence();
            model = model.With(model.Table(name).With(column));
            foreach (var child in model.Tables)
            {
                foreach (var (own, _) in child.ForeignKeys.Where(key => key.ParentTable == name)
                    .SelectMany(key => key.Columns.Zip(key.ParentColumns)).Where(pair => pair.Second == column.Name))
                {
                    var referring = child.Column(own);
                    if (referring.Type.WithoutSequence() != type && type.Holds(referring.Type))
                    {
                        waiting.Enqueue((child.Name, referring with { Type = referring.Type == referring.Type.WithoutSequence() ? type : type.WithSequence()! }));
                    }
                }
            }
        }

        return model;
    }

    private static bool IsNarrow(ColumnType type) => type.UserType is null && type.WithoutSequence().Kind is ColumnKind.SmallInteger or ColumnKind.Integer;

    private static bool IsWider(LiveColumn? live, ColumnModel column) =>
        IsNarrow(column.Type) && live?.Type is { IsInteger: true } type && type != column.Type.WithoutSequence() && type.Holds(column.Type);

    private static bool IsKey(StreamModel model, TableModel table, string column) =>
        table.PrimaryKey.Contains(column)
        || table.SequenceColumn?.Name == column
        || table.ForeignKeys.Any(key => key.Columns.Contains(column))
        || model.Tables.Any(child => child.ForeignKeys.Any(key => key.ParentTable == table.Name && key.ParentColumns.Contains(column)));
}
