using StreamingPg.Core.Generation.Columns;
using StreamingPg.Core.Generation.Random;
using StreamingPg.Core.Generation.Tables;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Loading;

/// <summary>The range of primary keys that the new rows of a table have, so that they can be found without reading the table.</summary>
/// <param name="Column">The key column.</param>
/// <param name="First">The lowest key the rows can have.</param>
/// <param name="Last">The highest key the rows can have.</param>
internal readonly record struct NewRowKeys(string Column, object First, object Last)
{
    /// <summary>True when generated keys of the table form a range: a single UUID or sequence column that is nobody's child.</summary>
    public static bool CanBeRange(TableModel table) =>
        table.PrimaryKey is [var name]
        && table.Column(name) is { } column
        && (column.IsAutoIncrement || column is { Type.Kind: ColumnKind.Uuid, Generator: null, Values: null, Pattern: null })
        && !table.ForeignKeys.Any(key => key.Columns.Contains(name));

    /// <summary>The range of some rows of a table.</summary>
    public static NewRowKeys Of(TableGenerator generator, RowRange rows)
    {
        var name = generator.Table.PrimaryKey[0];
        var (first, last) = generator.Columns[generator.Table.IndexOf(name)] switch
        {
            UuidKeyColumn uuid => ((object, object))uuid.Bounds(rows),
            SequenceColumn sequence => sequence.Bounds(rows),
            _ => throw new InvalidOperationException($"The keys of \"{generator.Table.Name}\" are not a range."),
        };
        return new NewRowKeys(name, first, last);
    }
}
