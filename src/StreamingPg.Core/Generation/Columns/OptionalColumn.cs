using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation.Random;

namespace StreamingPg.Core.Generation.Columns;

/// <summary>NULL in every row: a reference that is set when the row it refers to is there.</summary>
internal sealed class NullColumn : ColumnGenerator
{
    public override void Write(RowWriter writer, long row) => writer.WriteNull();
}

/// <summary>One of two columns' values, each as likely as the other.</summary>
internal sealed class AlternatingColumn(CountedRandom random, ColumnGenerator one, ColumnGenerator other) : ColumnGenerator
{
    private readonly CountedRandom _random = random.Derive("either");

    public override void Write(RowWriter writer, long row) => (_random.Below(row, 2) == 0 ? one : other).Write(writer, row);
}

/// <summary>NULL for a share of the rows, and another column's values for the others.</summary>
internal sealed class OptionalColumn(CountedRandom random, double nullRatio, ColumnGenerator values) : ColumnGenerator, ITimed
{
    private readonly CountedRandom _random = random.Derive("null");

    /// <summary>The same rows are NULL, and the others have other values.</summary>
    public OptionalColumn With(ColumnGenerator others) => new(random, nullRatio, others);

    /// <summary>Where the values that are not NULL come from.</summary>
    public ColumnGenerator Values => values;

    /// <summary>True when a row has NULL.</summary>
    public bool IsNull(long row) => _random.Fraction(row) < nullRatio;

    public long? TimeAt(long row) => IsNull(row) ? null : (values as ITimed)?.TimeAt(row);

    public override void Write(RowWriter writer, long row)
    {
        if (IsNull(row))
        {
            writer.WriteNull();
        }
        else
        {
            values.Write(writer, row);
        }
    }
}
