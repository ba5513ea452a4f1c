using System.Globalization;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Generation.Rules;

/// <summary>The type of a value in an expression.</summary>
internal enum RuleType
{
    /// <summary>NULL, which is of every type.</summary>
    Null,

    /// <summary>A number: decimal.</summary>
    Number,

    /// <summary>Text: string.</summary>
    Text,

    /// <summary>True or false: bool.</summary>
    Truth,

    /// <summary>A date, or a time of a day: DateTime.</summary>
    Time,

    /// <summary>A length of time: TimeSpan.</summary>
    Duration,
}

/// <summary>Where values of columns and values of expressions meet.</summary>
internal static class RuleTypes
{
    /// <summary>The type that a column's values have in expressions; null for one that they cannot use.</summary>
    public static RuleType? Of(ColumnType type) => type switch
    {
        { IsNumber: true } => RuleType.Number,
        { Kind: ColumnKind.Boolean } => RuleType.Truth,
        { IsTimestamp: true } or { Kind: ColumnKind.Date } => RuleType.Time,
        { Kind: ColumnKind.Time } => RuleType.Duration,
        { Kind: ColumnKind.Array or ColumnKind.Bytea } => null,
        _ => RuleType.Text,
    };

    /// <summary>A field as a value of expressions; null for NULL.</summary>
    /// <exception cref="FormatException">No expression can hold it.</exception>
    public static object? Read(RowWriter writer, int start, ColumnType type)
    {
        if (writer.IsNullAt(start))
        {
            return null;
        }

        var value = FieldCodec.Read(type, writer.FieldAt(start));
        return (Of(type), value) switch
        {
            (RuleType.Number, not string) => Convert.ToDecimal(value, CultureInfo.InvariantCulture),
            (RuleType.Number or RuleType.Time or RuleType.Duration, string text) => throw new FormatException($"{text} is out of the range of expressions"),
            (RuleType.Time, DateOnly date) => date.ToDateTime(TimeOnly.MinValue),
            (RuleType.Time or RuleType.Truth, _) => value,
            (RuleType.Duration, TimeOnly time) => time.ToTimeSpan(),
            _ => ValueText.Of(value),
        };
    }

    /// <summary>Why an expression cannot make the values of a column, a clause; null when it can.</summary>
    public static string? WhyNotInto(ColumnType column, RuleType value)
    {
        var takes = column.Kind == ColumnKind.Interval ? RuleType.Duration : Of(column);
        return takes == value || value == RuleType.Null || (takes != RuleType.Number && value == RuleType.Text && takes != RuleType.Truth && takes != RuleType.Time && takes is not null)
            ? null
            : $"it makes {Describe(value)}, but the type is {column.ToSql()}";
    }

    /// <summary>A value as the column keeps it: numbers are rounded to its digits, as PostgreSQL rounds them.</summary>
    public static object? Fit(ColumnType column, object? value) => value switch
    {
        decimal number when column.IsInteger => decimal.Round(number, 0, MidpointRounding.AwayFromZero),
        decimal number when column.Kind == ColumnKind.DoublePrecision => (double)number,
        decimal number when column.Kind == ColumnKind.Real => (float)number,
        DateTime time when column.Kind == ColumnKind.Date => DateOnly.FromDateTime(time),
        DateTime time when column.Kind == ColumnKind.TimestampTz => DateTime.SpecifyKind(time, DateTimeKind.Utc),
        DateTime time => DateTime.SpecifyKind(time, DateTimeKind.Unspecified),
        _ => value,
    };

    /// <summary>A value as text.</summary>
    public static string Text(object value) => value is DateTime time
        ? time.ToString(time.TimeOfDay == TimeSpan.Zero ? "yyyy-MM-dd" : "yyyy-MM-dd HH:mm:ss.FFFFFF", CultureInfo.InvariantCulture)
        : ValueText.Of(value);

    /// <summary>A time that is written out.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static DateTime Time(string text) =>
        TimeText.Timestamp(text) is { } time && PostgresTime.IsDateTime(time)
            ? DateTime.SpecifyKind(PostgresTime.ToDateTime(time), DateTimeKind.Utc)
            : throw new FormatException($"'{text}' is not a time; write it as '2026-01-31' or '2026-01-31 12:00:00'");

    /// <summary>What a type is called in errors.</summary>
    public static string Describe(RuleType type) => type switch
    {
        RuleType.Number => "a number",
        RuleType.Text => "text",
        RuleType.Truth => "true or false",
        RuleType.Time => "a time",
        RuleType.Duration => "a duration",
        _ => "NULL",
    };
}
