using System.Globalization;
using System.Text.RegularExpressions;

namespace StreamingPg.Core.Model;

/// <summary>The time that one partition holds, and the name that says so.</summary>
/// <param name="From">Its beginning (UTC).</param>
/// <param name="To">Its end, which is not in it.</param>
internal readonly partial record struct PartitionPeriod(DateTime From, DateTime To)
{
    /// <summary>Ending of the name of the partition that takes what no other takes.</summary>
    public const string DefaultSuffix = "_other";

    private const int LongestName = 63;

    /// <summary>The period in which a time is.</summary>
    public static PartitionPeriod Of(PartitionInterval interval, DateTime time)
    {
        var day = DateTime.SpecifyKind(time.Date, DateTimeKind.Unspecified);
        return interval switch
        {
            PartitionInterval.Day => new(day, day.AddDays(1)),
            PartitionInterval.Week when day.AddDays(-(((int)day.DayOfWeek + 6) % 7)) is var monday => new(monday, monday.AddDays(7)),
            _ when new DateTime(day.Year, day.Month, 1) is var first => new(first, first.AddMonths(1)),
            _ => default,
        };
    }

    /// <summary>The periods from one time to another, both included.</summary>
    public static IEnumerable<PartitionPeriod> Between(PartitionInterval interval, DateTime from, DateTime to)
    {
        for (var period = Of(interval, from); period.From <= to; period = Of(interval, period.To))
        {
            yield return period;
        }
    }

    /// <summary>Name of the partition of a table: day 30 of November 2026 is <c>events_d20261130</c>.</summary>
    public string NameIn(string table, PartitionInterval interval) => Name(table, string.Create(
        CultureInfo.InvariantCulture, $"_{Letter(interval)}{(interval == PartitionInterval.Month ? From.ToString("yyyyMM", CultureInfo.InvariantCulture) : From.ToString("yyyyMMdd", CultureInfo.InvariantCulture))}"));

    /// <summary>Name of the partition that takes what no other takes.</summary>
    public static string DefaultNameIn(string table) => Name(table, DefaultSuffix);

    /// <summary>The interval and period of which a name tells; null when it is not the name of a partition of StreamingPg's.</summary>
    public static (PartitionInterval Interval, PartitionPeriod Period)? Read(string name)
    {
        var match = Suffix().Match(name);
        if (!match.Success)
        {
            return null;
        }

        var interval = match.Groups[1].ValueSpan[0] switch { 'd' => PartitionInterval.Day, 'w' => PartitionInterval.Week, _ => PartitionInterval.Month };
        var digits = match.Groups[2].Value;
        return digits.Length == (interval == PartitionInterval.Month ? 6 : 8)
            && DateTime.TryParseExact(digits, digits.Length == 6 ? "yyyyMM" : "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var from)
            && Of(interval, from) is var period && period.From == from
            ? (interval, period)
            : null;
    }

    private static char Letter(PartitionInterval interval) => interval switch
    {
        PartitionInterval.Day => 'd',
        PartitionInterval.Week => 'w',
        _ => 'm',
    };

    // A name is cut to what PostgreSQL takes, in bytes; what tells partitions apart is at its end.
    private static string Name(string table, string suffix)
    {
        while (System.Text.Encoding.UTF8.GetByteCount(table) + suffix.Length > LongestName)
        {
            table = table[..^(char.IsLowSurrogate(table[^1]) ? 2 : 1)];
        }

        return table + suffix;
    }

    [GeneratedRegex("_([dwm])([0-9]{6,8})$", RegexOptions.CultureInvariant)]
    private static partial Regex Suffix();
}
