using System.Runtime.CompilerServices;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Generation.Values;

/// <summary>
/// The sum of a rhythm's weights over time, and back: equal steps of the sum are as many events. It is computed from the local week and the
/// changes of the zone's offset, so an hour that daylight saving leaves out has no events, and one that it repeats has them twice. The
/// mean weight of a week is 1: over whole weeks the sum is the time.
/// </summary>
internal sealed class RhythmCurve
{
    private const int HoursOfWeek = 168;
    private const long Hour = 60 * PostgresTime.Minute;
    private const long Week = HoursOfWeek * Hour;

    // 2000-01-03, a Monday; times count from 2000-01-01.
    private const long Monday = 2 * PostgresTime.Day;

    // The first and the last year whose changes of the offset are looked up; what lies outside has the nearest offset.
    private const int FirstYear = 1970;
    private const int LastYear = 2100;

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
        _stretches = [.. Stretches(TimeZoneInfo.FindSystemTimeZoneById(rhythm.TimeZone))];
    }

    /// <summary>The curve of a rhythm.</summary>
    public static RhythmCurve Of(RhythmModel rhythm) => Known.GetValue(rhythm, static model => new RhythmCurve(model));

    /// <summary>The weight at a time, microseconds since 2000-01-01 (UTC); 1 on average.</summary>
    public double WeightAt(long time)
    {
        var local = time + At(time).Offset - Monday;
        return _weights[(int)((local - (Floor(local) * Week)) / Hour)];
    }

    /// <summary>The sum at a time.</summary>
    public double SumAt(double time)
    {
        var stretch = At(time);
        return LocalSum(time + stretch.Offset) + stretch.Ahead;
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

        var time = LocalTime(sum - _stretches[low].Ahead) - _stretches[low].Offset;
        return low + 1 < _stretches.Length ? Math.Min(time, _stretches[low + 1].From) : time;
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

    /// <summary>The stretches of time between two changes of the offset.</summary>
    private IEnumerable<Stretch> Stretches(TimeZoneInfo zone)
    {
        var time = new DateTime(FirstYear, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        var offset = OffsetAt(zone, time);
        var last = new Stretch(double.MinValue, double.MinValue, offset, 0);
        yield return last;
        for (; zone.SupportsDaylightSavingTime && time.Year < LastYear; time = time.AddDays(1))
        {
            if (OffsetAt(zone, time.AddDays(1)) is var next && next != last.Offset)
            {
                var change = (double)PostgresTime.FromDateTime(ChangeAfter(zone, time));
                var sum = LocalSum(change + last.Offset) + last.Ahead;
                last = new Stretch(change, sum, next, sum - LocalSum(change + next));
                yield return last;
            }
        }
    }

    private static DateTime ChangeAfter(TimeZoneInfo zone, DateTime day)
    {
        var (low, high) = (0, 24 * 60);
        while (high - low > 1)
        {
            var middle = (low + high) / 2;
            (low, high) = OffsetAt(zone, day.AddMinutes(middle)) == OffsetAt(zone, day) ? (middle, high) : (low, middle);
        }

        return day.AddMinutes(high);
    }

    private static long OffsetAt(TimeZoneInfo zone, DateTime time) => (long)zone.GetUtcOffset(time).TotalMicroseconds;

    /// <summary>A stretch of time with one offset.</summary>
    /// <param name="From">Its begin (UTC).</param>
    /// <param name="Sum">The sum there.</param>
    /// <param name="Offset">Local time minus UTC.</param>
    /// <param name="Ahead">The sum minus that of the local clock.</param>
    private readonly record struct Stretch(double From, double Sum, long Offset, double Ahead);
}
