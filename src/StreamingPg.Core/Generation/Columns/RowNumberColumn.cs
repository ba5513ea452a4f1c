using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation.Random;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Generation.Columns;

/// <summary>Counts the rows of a parent: 1, 2, 3.</summary>
/// <param name="table">The table.</param>
/// <param name="column">Its column of whole numbers.</param>
/// <param name="partition">How the rows are dealt out to their parents.</param>
/// <param name="before">The highest number that a parent has already; null when the parents are new.</param>
internal sealed class RowNumberColumn(TableModel table, ColumnModel column, Partition partition, Func<long, long>? before) : ColumnGenerator
{
    private readonly long _first = column.Minimum is { } minimum ? (long)NumberConverter.ToDecimal(minimum, column.Type) : 1;

    public override void Write(RowWriter writer, long row)
    {
        var parent = partition.ParentOf(row);
        var number = Math.Max(_first, (before?.Invoke(parent) ?? 0) + 1) + row - partition.ChildrenOf(parent).From;
        switch (column.Type.Kind)
        {
            case ColumnKind.SmallInteger when number <= short.MaxValue:
                writer.WriteInt16((short)number);
                break;
            case ColumnKind.Integer when number <= int.MaxValue:
                writer.WriteInt32((int)number);
                break;
            case ColumnKind.BigInteger:
                writer.WriteInt64(number);
                break;
            default:
                throw new StreamingException(
                    "UniqueValuesExhausted",
                    StreamingErrorKind.ResourceExhausted,
                    $"\"{table.Name}\".\"{column.Name}\" {column.Type.ToSql()} numbers the rows of a parent, and one has {number} of them.",
                    "Ask for fewer rows, or for more parents.",
                    $"{table.Name}.{column.Name}");
        }
    }
}
