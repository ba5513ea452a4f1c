using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation.Random;
using StreamingPg.Core.Generation.Values;

namespace StreamingPg.Core.Generation.Columns;

/// <summary>The days of birth that an age has at the reference time.</summary>
/// <param name="referenceTime">The reference time (UTC).</param>
internal sealed class BirthDays(DateTime referenceTime)
{
    private const int Oldest = 150;

    // The first day on which somebody of an age may be born, as days since 2000-01-01, per age.
    private readonly int[] _first = [.. Enumerable.Range(0, Oldest + 1).Select(age => DayOf(referenceTime.Date.AddYears(-age - 1)) + 1)];
    private readonly int _last = DayOf(referenceTime.Date);

    /// <summary>The day on which somebody was born who has this many years today.</summary>
    public static DateTime Before(DateTime today, double years) => today.AddYears(-(int)Math.Clamp(Math.Floor(years), 0, Oldest + 1));

    /// <summary>A day on which somebody of an age is born.</summary>
    public int Day(long age, ulong bits)
    {
        var index = (int)Math.Clamp(age, 0, Oldest);
        var first = _first[index];
        return first + (int)CountedRandom.Scale(bits, (index == 0 ? _last + 1 : _first[index - 1]) - first);
    }

    /// <summary>The age of somebody who is born on a day.</summary>
    public int Age(long day)
    {
        // The days descend, a year apart or so.
        var age = (int)Math.Clamp((_last - day) / 366, 0, Oldest);
        while (age < Oldest && day < _first[age])
        {
            age++;
        }

        return age;
    }

    private static int DayOf(DateTime date) => (int)(PostgresTime.FromDateTime(date) / PostgresTime.Day);
}

/// <summary>Birth dates that belong to the ages of the rows.</summary>
internal sealed class BirthDateColumn(CountedRandom random, BirthDays days, ScaledColumn ages, double stepsPerYear, bool isDate) : ColumnGenerator, ITimed
{
    public long? TimeAt(long row) => Day(row) * PostgresTime.Day;

    public override void Write(RowWriter writer, long row)
    {
        if (isDate)
        {
            writer.WriteDate(Day(row));
        }
        else
        {
            writer.WriteTimestamp(Day(row) * PostgresTime.Day);
        }
    }

    private int Day(long row) => days.Day((long)Math.Floor(ages.At(row) / stepsPerYear), random.Bits(row));
}

/// <summary>Ages that belong to the birth dates of the rows.</summary>
internal sealed class AgeColumn(BirthDays days, ITimed births, ValueScale scale) : ColumnGenerator
{
    public override void Write(RowWriter writer, long row) =>
        scale.Write(writer, (long)(days.Age((long)Math.Floor(births.TimeAt(row)!.Value / (double)PostgresTime.Day)) * scale.StepsPerUnit));
}
