namespace StreamingPg.Core.Binary;

/// <summary>The Gregorian calendar as PostgreSQL counts it, before its time and after .NET's; year 0 is 1 BC.</summary>
/// <remarks>Counts years from March, so that the leap day is the last one.</remarks>
internal static class CivilDay
{
    private const int DaysOfEra = 146_097;
    private const int YearsOfEra = 400;

    // 2000-01-01 as days since 0000-03-01.
    private const int Epoch = 730_425;

    /// <summary>Days since 2000-01-01; null when the month has no such day.</summary>
    public static long? FromDate(int year, int month, int day)
    {
        if (month is < 1 or > 12 || day < 1 || day > DaysOf(year, month))
        {
            return null;
        }

        var fromMarch = month <= 2 ? year - 1 : year;
        var (era, yearOfEra) = (FloorDivide(fromMarch, YearsOfEra), Modulo(fromMarch, YearsOfEra));
        var dayOfYear = (((153 * (month > 2 ? month - 3 : month + 9)) + 2) / 5) + day - 1;
        var dayOfEra = (yearOfEra * 365) + (yearOfEra / 4) - (yearOfEra / 100) + dayOfYear;
        return (era * DaysOfEra) + dayOfEra - Epoch;
    }

    /// <summary>Year, month and day of a day since 2000-01-01.</summary>
    public static (long Year, int Month, int Day) ToDate(int day)
    {
        var sinceMarch = (long)day + Epoch;
        var (era, dayOfEra) = (FloorDivide(sinceMarch, DaysOfEra), Modulo(sinceMarch, DaysOfEra));
        var yearOfEra = (dayOfEra - (dayOfEra / 1460) + (dayOfEra / 36_524) - (dayOfEra / 146_096)) / 365;
        var dayOfYear = dayOfEra - ((365 * yearOfEra) + (yearOfEra / 4) - (yearOfEra / 100));
        var fromMarch = ((5 * dayOfYear) + 2) / 153;
        var month = (int)(fromMarch < 10 ? fromMarch + 3 : fromMarch - 9);
        var year = yearOfEra + (era * YearsOfEra) + (month <= 2 ? 1 : 0);
        return (year, month, (int)(dayOfYear - (((153 * fromMarch) + 2) / 5) + 1));
    }

    private static int DaysOf(int year, int month) =>
        month == 2 ? Modulo(year, 4) == 0 && (Modulo(year, 100) != 0 || Modulo(year, 400) == 0) ? 29 : 28
        : month is 4 or 6 or 9 or 11 ? 30
        : 31;

    private static long FloorDivide(long value, long by) => (value - Modulo(value, by)) / by;

    private static long Modulo(long value, long by) => ((value % by) + by) % by;
}
