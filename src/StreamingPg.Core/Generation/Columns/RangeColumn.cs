using System.Globalization;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation.Random;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Generation.Columns;

/// <summary>Ranges, and sets of one range: of numbers, of days or of times before the reference time. No two of different numbers overlap.</summary>
internal sealed class RangeColumn : ColumnGenerator, IIndexed
{
    private const int NumbersApart = 10;
    private const int DaysApart = 3;
    private const int HoursApart = 8;
    private const int RecentDays = 730;
    private const int MostNumbers = 1 << 24;
    private const int MostTimes = 100_000;

    private readonly CountedRandom _random;
    private readonly CountedRandom _length;
    private readonly DateTime _reference;
    private readonly string _form;
    private readonly bool _isMultirange;

    public RangeColumn(CountedRandom random, ColumnType type, long referenceTime)
    {
        _random = random;
        _length = random.Derive("length");
        _reference = PostgresTime.ToDateTime(referenceTime);
        _isMultirange = type.Form!.EndsWith("MULTIRANGE", StringComparison.Ordinal);
        _form = type.Form[..^(_isMultirange ? "MULTIRANGE" : "RANGE").Length];
    }

    public long Count => _form is "DATE" or "TS" or "TSTZ" ? MostTimes : MostNumbers;

    private long UsualCount => _form switch
    {
        "DATE" => RecentDays / DaysApart,
        "TS" or "TSTZ" => RecentDays * 24 / HoursApart,
        _ => 10_000,
    };

    public override void Write(RowWriter writer, long row) => Write(writer, _random.Below(row, UsualCount), row);

    public void WriteIndex(RowWriter writer, long index) => Write(writer, index, index);

    private void Write(RowWriter writer, long index, long row)
    {
        var range = string.Create(CultureInfo.InvariantCulture, $"[{Bounds(index, row)})");
        writer.WriteText(_isMultirange ? $"{{{range}}}" : range);
    }

    private string Bounds(long index, long row)
    {
        switch (_form)
        {
            case "DATE":
                var day = DateOnly.FromDateTime(_reference).AddDays((int)(-DaysApart * (index + 1)));
                return FormattableString.Invariant($"{day:yyyy-MM-dd},{day.AddDays(1 + (int)_length.Below(row, DaysApart)):yyyy-MM-dd}");
            case "TS" or "TSTZ":
                var hour = _reference.Date.AddHours(-HoursApart * (index + 1));
                var zone = _form == "TSTZ" ? "+00" : "";
                return FormattableString.Invariant($"{hour:yyyy-MM-dd HH:mm}{zone},{hour.AddMinutes(30 * (1 + _length.Below(row, 2 * HoursApart))):yyyy-MM-dd HH:mm}{zone}");
            default:
                var number = NumbersApart * index;
                return FormattableString.Invariant($"{number},{number + 1 + _length.Below(row, NumbersApart)}");
        }
    }
}
