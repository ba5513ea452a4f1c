using System.Globalization;
using System.Runtime.CompilerServices;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Generation.Values;

/// <summary>
/// The sum of a rhythm's weights over time, and back: equal steps of the sum are as many events. It is computed from the local week and the
/// changes of the zone's offset, with the factors of months and dates, so an hour that daylight saving leaves out has no events, and one that it repeats has them twice. The
/// mean weight of a week is 1, and that of the months of a year: over whole weeks, or years, the sum is the time.
/// </summary>
internal sealed class RhythmCurve
{
    private const int HoursOfWeek = 168;
    private const long Hour = 60 * PostgresTime.Minute;
    private const long Week = HoursOfWeek * Hour;

    // 2000-01-03, a Monday; times count from 2000-01-01.
    private const long Monday = 2 * PostgresTime.Day;

    private static readonly ConditionalWeakTable<RhythmModel, RhythmCurve> Known = [];

    private readonly double[] _weights;
    private readonly double[] _sums;
    private readonly Stretch[] _stretches;

    private RhythmCurve(RhythmModel rhythm)
    {
        _weights = [.. rhythm.Weekdays.SelectMany(day => rhythm.Hours.Select(hour => day * hour))];
        var mean = _weights.Average();
        _weights = Array.ConvertAll(_weights, weight => weight / mean);
        _sums = new double[HoursOfWeek + 1];
        for (var hour = 0; hour < HoursOfWeek; hour++)
        {
            _sums[hour + 1] = _sums[hour] + (_weights[hour] * Hour);
        }

        _sums[HoursOfWeek] = Week;
        _stretches = [.. Stretches(new LocalDays(rhythm))];
    }

    /// <summary>The curve of a rhythm.</summary>
    public static RhythmCurve Of(RhythmModel rhythm) => Known.GetValue(rhythm, static model => new RhythmCurve(model));

    /// <summary>The weight at a time, microseconds since 2000-01-01 (UTC); 1 on average.</summary>
    public double WeightAt(long time)
    {
        var stretch = At(time);
        var local = time + stretch.Offset - Monday;
        return stretch.Factor * _weights[(int)((local - (Floor(local) * Week)) / Hour)];
    }

    /// <summary>The sum at a time.</summary>
    public double SumAt(double time)
    {
        var stretch = At(time);
        return stretch.Sum + (stretch.Factor * (LocalSum(time + stretch.Offset) - stretch.LocalSum));
    }

    /// <summary>The time of a sum; where the weight is zero, the end of the quiet time.</summary>
    public double TimeOf(double sum)
    {
        var (low, high) = (0, _stretches.Length - 1);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            (low, high) = _stretches[middle].Sum <= sum ? (middle, high) : (low, middle - 1);
        }

        var stretch = _stretches[low];
        var end = low + 1 < _stretches.Length ? _stretches[low + 1].From : double.MaxValue;
        return stretch.Factor > 0
            ? Math.Min(end, LocalTime(stretch.LocalSum + ((sum - stretch.Sum) / stretch.Factor)) - stretch.Offset)
            : end;
    }

    /// <summary>A time between two others, at a fraction of the events that lie between them.</summary>
    public long Between(long from, long to, double fraction)
    {
        var (first, last) = (SumAt(from), SumAt(to));
        var time = last > first ? TimeOf(first + (fraction * (last - first))) : from + (fraction * (to - from));
        return Math.Clamp((long)Math.Round(time), from, to);
    }

    private Stretch At(double time)
    {
        var (low, high) = (0, _stretches.Length - 1);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            (low, high) = _stretches[middle].From <= time ? (middle, high) : (low, middle - 1);
        }

        return _stretches[low];
    }

    private static double Floor(double local) => Math.Floor(local / Week);

    private double LocalSum(double local)
    {
        var week = Floor(local - Monday);
        var rest = local - Monday - (week * Week);
        var hour = Math.Clamp((int)(rest / Hour), 0, HoursOfWeek - 1);
        return (week * Week) + _sums[hour] + (_weights[hour] * (rest - (hour * (double)Hour)));
    }

    private double LocalTime(double sum)
    {
        var week = Floor(sum);
        var rest = sum - (week * Week);
        var (low, high) = (0, HoursOfWeek - 1);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            (low, high) = _sums[middle] <= rest ? (middle, high) : (low, middle - 1);
        }

        return Monday + (week * Week) + (low * (double)Hour) + (_weights[low] > 0 ? (rest - _sums[low]) / _weights[low] : Hour);
    }

    private IEnumerable<Stretch> Stretches(LocalDays days)
    {
        Stretch? last = null;
        foreach (var (from, offset, factor) in days.Changes())
        {
            var local = LocalSum(from + offset);
            var sum = last is { } before ? before.Sum + (before.Factor * (LocalSum(from + before.Offset) - before.LocalSum)) : local;
            last = new Stretch(from, sum, offset, local, factor);
            yield return last.Value;
        }
    }

    /// <summary>A stretch of time with one offset and one factor; the first one also stands for all time before.</summary>
    /// <param name="From">Its begin (UTC).</param>
    /// <param name="Sum">The sum there.</param>
    /// <param name="Offset">Local time minus UTC.</param>
    /// <param name="LocalSum">The sum of the local weeks there.</param>
    /// <param name="Factor">What its days have on top of the week.</param>
    private readonly record struct Stretch(double From, double Sum, long Offset, double LocalSum, double Factor);
}

/// <summary>The days of a time zone: where its offset changes, and the factor of a month or a date.</summary>
internal sealed class LocalDays
{
    // The first and the last year that are looked at; what lies outside goes on as they begin and end.
    private const int FirstYear = 1970;
    private const int LastYear = 2100;
    private const double DaysOfYear = 365.25;

    private readonly TimeZoneInfo _zone;
    private readonly IReadOnlyList<double>? _months;
    private readonly IReadOnlyDictionary<string, double> _dates;

    public LocalDays(RhythmModel rhythm)
    {
        _zone = TimeZoneInfo.FindSystemTimeZoneById(rhythm.TimeZone);
        _dates = rhythm.Dates;
        var mean = rhythm.Months?.Select((weight, month) => weight * DateTime.DaysInMonth(2025, month + 1)).Sum() / DaysOfYear;
        _months = rhythm.Months is { } months ? [.. months.Select(weight => weight / mean!.Value)] : null;
    }

    /// <summary>The times (UTC) at which offset or factor change, with what they are from there on.</summary>
    public IEnumerable<(long From, long Offset, double Factor)> Changes()
    {
        var day = new DateTime(FirstYear, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        var (offset, factor) = (OffsetAt(day), FactorOf(day));
        yield return (PostgresTime.FromDateTime(day), offset, factor);
        if (_months is null && _dates.Count == 0 && !_zone.SupportsDaylightSavingTime)
        {
            yield break;
        }

        for (; day.Year < LastYear; day = day.AddDays(1))
        {
            // The local day begins within the day of UTC, or at its begin.
            var midnight = MidnightWithin(day, offset);
            var change = OffsetAt(day.AddDays(1)) == offset ? (DateTime?)null : ChangeAfter(day, offset);
            foreach (var time in new[] { midnight, change }.OfType<DateTime>().Order().Distinct())
            {
                var (newOffset, newFactor) = (OffsetAt(time), FactorOf(time.AddTicks(10 * OffsetAt(time))));
                if (newOffset != offset || newFactor != factor)
                {
                    (offset, factor) = (newOffset, newFactor);
                    yield return (PostgresTime.FromDateTime(time), offset, factor);
                }
            }
        }
    }

    private static DateTime MidnightWithin(DateTime day, long offset)
    {
        var time = day.AddTicks(-10 * offset);
        return time < day ? time.AddDays(1) : time;
    }

    private double FactorOf(DateTime local) =>
        (_months?[local.Month - 1] ?? 1)
        * (_dates.Count == 0 ? 1
            : _dates.TryGetValue(local.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), out var once) ? once
            : _dates.TryGetValue(local.ToString("MM-dd", CultureInfo.InvariantCulture), out var yearly) ? yearly : 1);

    private DateTime ChangeAfter(DateTime day, long offset)
    {
        var (low, high) = (0, 24 * 60);
        while (high - low > 1)
        {
            var middle = (low + high) / 2;
            (low, high) = OffsetAt(day.AddMinutes(middle)) == offset ? (middle, high) : (low, middle);
        }

        return day.AddMinutes(high);
    }

    private long OffsetAt(DateTime time) => (long)_zone.GetUtcOffset(time).TotalMicroseconds;
}
