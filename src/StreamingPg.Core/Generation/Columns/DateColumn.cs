using StreamingPg.Core.Binary;

namespace StreamingPg.Core.Generation.Columns;

/// <summary>The days on which another column's times lie.</summary>
internal sealed class DateColumn(TimeColumn times) : ColumnGenerator, ITimed
{
    public long? TimeAt(long row) => PostgresTime.DayOf(times.At(row)) * PostgresTime.Day;

    public override void Write(RowWriter writer, long row) => writer.WriteDate(PostgresTime.DayOf(times.At(row)));
}
