using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Checks;

/// <summary>Tells whether a given value satisfies a rule.</summary>
internal static class ValueTest
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>True when it does; false as well when that cannot be told.</summary>
    public static bool Satisfies(ColumnType type, string value, CheckRule rule) => rule.Kind switch
    {
        CheckRuleKind.OneOf => rule.Operands.Any(operand => AreEqual(type, value, operand)),
        CheckRuleKind.NoneOf => !rule.Operands.Any(operand => AreEqual(type, value, operand)),
        CheckRuleKind.LengthAtLeast => value.Length >= int.Parse(rule.Operand, CultureInfo.InvariantCulture),
        CheckRuleKind.LengthAtMost => value.Length <= int.Parse(rule.Operand, CultureInfo.InvariantCulture),
        CheckRuleKind.OctetsAtLeast => Encoding.UTF8.GetByteCount(value) >= int.Parse(rule.Operand, CultureInfo.InvariantCulture),
        CheckRuleKind.OctetsAtMost => Encoding.UTF8.GetByteCount(value) <= int.Parse(rule.Operand, CultureInfo.InvariantCulture),
        CheckRuleKind.Matches => Regex.IsMatch(value, rule.Operand, RegexOptions.CultureInvariant, Patience),
        CheckRuleKind.NotNull or CheckRuleKind.NotInFuture => true,
        CheckRuleKind.AtMostColumn or CheckRuleKind.LessThanColumn => true, // seen to where both columns are known
        _ => Compare(type, value, rule.Operand) is { } order && rule.Kind switch
        {
            CheckRuleKind.AtLeast => order >= 0,
            CheckRuleKind.MoreThan => order > 0,
            CheckRuleKind.AtMost => order <= 0,
            _ => order < 0,
        },
    };

    private static bool AreEqual(ColumnType type, string value, string operand) =>
        ValueLine.Has(type) ? Compare(type, value, operand) == 0
        : type.Kind == ColumnKind.Char ? value.TrimEnd(' ') == operand.TrimEnd(' ')
        : type.Kind == ColumnKind.Boolean ? value.Equals(operand, StringComparison.OrdinalIgnoreCase)
        : value == operand;

    private static int? Compare(ColumnType type, string value, string operand) =>
        ValueLine.Has(type) && ValueLine.Place(type, value) is { } left && ValueLine.Place(type, operand) is { } right
            ? left.CompareTo(right)
            : null;
}

/// <summary>The values of an ordered type as points of a line: numbers as they are, dates as days, times as microseconds.</summary>
internal static class ValueLine
{
    private const decimal TicksPerMicrosecond = TimeSpan.TicksPerMicrosecond;
    private const decimal RelativeStep = 0.000001m; // what real can tell apart, with room to spare
    private const decimal StepWithoutScale = 0.01m;

    /// <summary>True for numbers, dates and times of all kinds.</summary>
    public static bool Has(ColumnType type) => type.Element is null
        && (type.IsInteger || type.IsTimestamp
            || type.Kind is ColumnKind.Decimal or ColumnKind.Real or ColumnKind.DoublePrecision or ColumnKind.Date or ColumnKind.Time);

    /// <summary>Where a value lies; null when the text is none, or lies beyond what can be spelled.</summary>
    public static decimal? Place(ColumnType type, string text)
    {
        if (type.Kind == ColumnKind.Time)
        {
            return TimeText.TimeOfDay(text);
        }

        if (type.Kind != ColumnKind.Date && !type.IsTimestamp)
        {
            return decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;
        }

        if (TimeText.Timestamp(text) is not { } instant || !PostgresTime.IsDateTime(instant))
        {
            return null;
        }

        return PostgresTime.ToDateTime(instant).Ticks / (type.Kind == ColumnKind.Date ? TimeSpan.TicksPerDay : TicksPerMicrosecond);
    }

    /// <summary>The value of a point, as metadata spells it: a number, or text.</summary>
    public static object Spell(ColumnType type, decimal point) => type.Kind switch
    {
        ColumnKind.Date => DateOnly.FromDayNumber((int)Math.Round(point)).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        ColumnKind.Time => TimeSpan.FromTicks((long)(point * TicksPerMicrosecond)).ToString(@"hh\:mm\:ss\.ffffff", CultureInfo.InvariantCulture),
        ColumnKind.Timestamp => Instant(point),
        ColumnKind.TimestampTz => Instant(point) + "Z",
        _ => Round(type, point),
    };

    /// <summary>The greatest value that is at most a point, or less than it.</summary>
    public static decimal AtMost(ColumnType type, decimal point, bool less)
    {
        var step = Step(type, point);
        var value = IsExact(type) ? Math.Floor(point / step) * step : point;
        return less && value == point ? value - step : value;
    }

    /// <summary>The least value that is at least a point, or more than it.</summary>
    public static decimal AtLeast(ColumnType type, decimal point, bool more) => -AtMost(type, -point, more);

    /// <summary>The distance of two neighbours.</summary>
    public static decimal Step(ColumnType type, decimal at) => type.Kind switch
    {
        ColumnKind.Decimal when type.Precision is null => StepWithoutScale,
        ColumnKind.Decimal => new decimal(1, 0, 0, isNegative: false, (byte)Math.Min(type.Scale ?? 0, 28)),
        ColumnKind.Real or ColumnKind.DoublePrecision => Math.Max(RelativeStep, Math.Abs(at) * RelativeStep),
        _ => 1,
    };

    private static bool IsExact(ColumnType type) => type.Kind is not (ColumnKind.Real or ColumnKind.DoublePrecision)
        && (type.Kind != ColumnKind.Decimal || type.Precision is not null);

    private static decimal Round(ColumnType type, decimal point) =>
        IsExact(type) ? Math.Round(point, Math.Min(type.Scale ?? 0, 28)) : point;

    private static string Instant(decimal point) =>
        new DateTime((long)(point * TicksPerMicrosecond)).ToString("yyyy-MM-ddTHH:mm:ss.FFFFFF", CultureInfo.InvariantCulture);
}
