using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation.Random;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Generation.Columns;

/// <summary>Values that were reserved from a sequence beforehand; NULL when none were (the importer then asks the sequence).</summary>
/// <param name="kind">Which integer the column is.</param>
/// <param name="reserved">The values, or null.</param>
internal sealed class SequenceColumn(ColumnKind kind, SequenceValues? reserved) : ColumnGenerator
{
    public override bool IsUnique => true;

    public override void Write(RowWriter writer, long row)
    {
        if (reserved is not { } values)
        {
            writer.WriteNull();
        }
        else if (kind == ColumnKind.Integer)
        {
            writer.WriteInt32(checked((int)values.At(row)));
        }
        else if (kind == ColumnKind.BigInteger)
        {
            writer.WriteInt64(values.At(row));
        }
        else
        {
            writer.WriteInt16(checked((short)values.At(row)));
        }
    }

    /// <summary>The lowest and the highest value of a range of rows, as the column's type has them.</summary>
    /// <exception cref="InvalidOperationException">No values were reserved.</exception>
    public (object First, object Last) Bounds(RowRange rows)
    {
        var values = reserved ?? throw new InvalidOperationException("No values of the sequence were reserved.");
        var (first, last) = (values.At(rows.From), values.At(Math.Max(rows.From, rows.To - 1)));
        return (Value(Math.Min(first, last)), Value(Math.Max(first, last)));
    }

    private object Value(long value) => kind switch
    {
        ColumnKind.SmallInteger => (object)checked((short)value),
        ColumnKind.Integer => checked((int)value),
        _ => value,
    };
}

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
                    ErrorIds.UniqueValuesExhausted,
                    StreamingErrorKind.ResourceExhausted,
                    $"\"{table.Name}\".\"{column.Name}\" {column.Type.ToSql()} numbers the rows of a parent, but one parent has {number} rows.",
                    "Use fewer rows or more parents.",
                    $"{table.Name}.{column.Name}");
        }
    }
}

/// <summary>Values of a sequence that were reserved for the rows of a batch.</summary>
/// <param name="First">That of row 0.</param>
/// <param name="Step">From one row to the next.</param>
internal readonly record struct SequenceValues(long First, long Step)
{
    /// <summary>The value of a row.</summary>
    public long At(long row) => checked(First + (row * Step));
}
