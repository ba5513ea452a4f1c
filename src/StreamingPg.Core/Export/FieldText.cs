using System.Buffers.Binary;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Export;

/// <summary>Fields of PostgreSQL's binary format as the text that <see cref="ValueText"/> writes of their values, without making the values.</summary>
internal static class FieldText
{
    private const int GroupDigits = 4;

    // A double keeps any number with up to 15 digits, and so does every reader of JSON.
    private const int DigitsOfDouble = 15;

    /// <summary>True for what is a number or the like: neither quotes nor separators can be in its text.</summary>
    public static bool IsPlain(ColumnType type) => type.Kind is ColumnKind.SmallInteger or ColumnKind.SmallSerial or ColumnKind.Integer or ColumnKind.Serial
        or ColumnKind.BigInteger or ColumnKind.BigSerial or ColumnKind.Uuid or ColumnKind.Boolean or ColumnKind.Decimal or ColumnKind.Real
        or ColumnKind.DoublePrecision or ColumnKind.Date or ColumnKind.Time or ColumnKind.Timestamp or ColumnKind.TimestampTz;

    /// <summary>True for text whose bytes are those of the field.</summary>
    public static bool IsText(ColumnType type) => type.Kind is ColumnKind.VarChar or ColumnKind.Text or ColumnKind.Char or ColumnKind.Enum
        or ColumnKind.Json or ColumnKind.Jsonb or ColumnKind.Literal;

    /// <summary>The bytes of a field of text.</summary>
    public static ReadOnlySpan<byte> Text(ColumnType type, ReadOnlySpan<byte> field) => type.Kind == ColumnKind.Jsonb ? field[1..] : field;

    /// <summary>Appends the text of a field that is not NULL.</summary>
    public static void Append(TextBuffer output, ColumnType type, ReadOnlySpan<byte> field)
    {
        switch (type.Kind)
        {
            case ColumnKind.Uuid:
                output.Append(new Guid(field, bigEndian: true));
                break;
            case ColumnKind.SmallInteger or ColumnKind.SmallSerial:
                output.Append(BinaryPrimitives.ReadInt16BigEndian(field));
                break;
            case ColumnKind.Integer or ColumnKind.Serial:
                output.Append(BinaryPrimitives.ReadInt32BigEndian(field));
                break;
            case ColumnKind.BigInteger or ColumnKind.BigSerial:
                output.Append(BinaryPrimitives.ReadInt64BigEndian(field));
                break;
            case ColumnKind.Real:
                output.Append(BinaryPrimitives.ReadSingleBigEndian(field));
                break;
            case ColumnKind.DoublePrecision:
                output.Append(BinaryPrimitives.ReadDoubleBigEndian(field));
                break;
            case ColumnKind.Boolean:
                output.Append(field[0] != 0 ? "true"u8 : "false"u8);
                break;
            case ColumnKind.Decimal when IsFinite(field):
                AppendNumeric(output, field);
                break;
            case ColumnKind.Date when BinaryPrimitives.ReadInt32BigEndian(field) is var day && PostgresTime.IsDateOnly(day):
                AppendDate(output, day);
                break;
            case ColumnKind.Time when BinaryPrimitives.ReadInt64BigEndian(field) is var time and < PostgresTime.Day:
                AppendTimeOfDay(output, time);
                break;
            case ColumnKind.Timestamp or ColumnKind.TimestampTz when BinaryPrimitives.ReadInt64BigEndian(field) is var time && PostgresTime.IsDateTime(time):
                AppendTimestamp(output, time, type.Kind == ColumnKind.TimestampTz);
                break;
            default:
                AppendOther(output, type, field);
                break;
        }
    }

    /// <summary>True when a numeric keeps all its digits in a double.</summary>
    public static bool SurvivesDouble(ReadOnlySpan<byte> numeric) =>
        IsFinite(numeric) && Math.Max(0, BinaryPrimitives.ReadInt16BigEndian(numeric[2..]) + 1) * GroupDigits
            + BinaryPrimitives.ReadInt16BigEndian(numeric[6..]) <= DigitsOfDouble;

    private static bool IsFinite(ReadOnlySpan<byte> numeric) => BinaryPrimitives.ReadUInt16BigEndian(numeric[4..]) is 0 or 0x4000;

    private static void AppendOther(TextBuffer output, ColumnType type, ReadOnlySpan<byte> field)
    {
        if (IsText(type))
        {
            output.Append(Text(type, field));
        }
        else
        {
            output.Append(ValueText.Of(FieldCodec.Read(type, field)));
        }
    }

    // Groups of four digits, the first one of 10000 to the power of weight; as many digits after the point as the column shows.
    private static void AppendNumeric(TextBuffer output, ReadOnlySpan<byte> field)
    {
        var count = BinaryPrimitives.ReadInt16BigEndian(field);
        var weight = BinaryPrimitives.ReadInt16BigEndian(field[2..]);
        var scale = BinaryPrimitives.ReadInt16BigEndian(field[6..]);
        if (BinaryPrimitives.ReadUInt16BigEndian(field[4..]) != 0)
        {
            output.Append((byte)'-');
        }

        if (weight < 0)
        {
            output.Append((byte)'0');
        }

        for (var group = 0; group <= weight; group++)
        {
            var digits = Group(field, group, count);
            if (group == 0)
            {
                output.Append(digits);
            }
            else
            {
                output.AppendDigits(digits, GroupDigits);
            }
        }

        if (scale > 0)
        {
            output.Append((byte)'.');
            var end = output.Length + scale;
            for (var group = weight + 1; output.Length < end; group++)
            {
                output.AppendDigits(group < 0 ? 0 : Group(field, group, count), GroupDigits);
            }

            output.Truncate(end);
        }
    }

    private static int Group(ReadOnlySpan<byte> field, int group, int count) =>
        group < count ? BinaryPrimitives.ReadUInt16BigEndian(field[(8 + (2 * group))..]) : 0;

    private static void AppendDate(TextBuffer output, int day)
    {
        var (year, month, ofMonth) = CivilDay.ToDate(day);
        output.AppendDigits((int)year, 4);
        output.Append((byte)'-');
        output.AppendDigits(month, 2);
        output.Append((byte)'-');
        output.AppendDigits(ofMonth, 2);
    }

    private static void AppendTimestamp(TextBuffer output, long time, bool isZoned)
    {
        var day = PostgresTime.DayOf(time);
        AppendDate(output, day);
        output.Append((byte)'T');
        AppendTimeOfDay(output, time - (day * PostgresTime.Day));
        if (isZoned)
        {
            output.Append((byte)'Z');
        }
    }

    private static void AppendTimeOfDay(TextBuffer output, long microseconds)
    {
        var (seconds, fraction) = Math.DivRem(microseconds, 1_000_000);
        var (minutes, second) = Math.DivRem((int)seconds, 60);
        output.AppendDigits(minutes / 60, 2);
        output.Append((byte)':');
        output.AppendDigits(minutes % 60, 2);
        output.Append((byte)':');
        output.AppendDigits(second, 2);
        if (fraction > 0)
        {
            var digits = 6;
            while (fraction % 10 == 0)
            {
                fraction /= 10;
                digits--;
            }

            output.Append((byte)'.');
            output.AppendDigits((int)fraction, digits);
        }
    }
}
