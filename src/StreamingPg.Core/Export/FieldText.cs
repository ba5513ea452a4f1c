using System.Buffers.Binary;
using System.Buffers.Text;
using System.Globalization;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Export;

/// <summary>Fields of PostgreSQL's binary format as the text that <see cref="ValueText"/> writes of their values, without making the values.</summary>
internal static class FieldText
{
    /// <summary>What <see cref="Write"/> needs at most.</summary>
    public const int Longest = 64;

    private const int DaysKept = 1 << 16;
    private const int GroupDigits = 4;
    private const int DateLength = 10;

    // A double keeps any number with up to 15 digits, and so does every reader of JSON.
    private const int DigitsOfDouble = 15;

    // The digits of a date, year first, in eight bytes: most rows are of a few days, and a calendar takes longer than the rest of a time. 0 is not made yet;
    // whoever makes it makes the same.
    private static readonly ulong[] Digits = new ulong[DaysKept];

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
        var length = Write(output.GetSpan(Longest), type.Kind, field);
        if (length > 0)
        {
            output.Advance(length);
        }
        else if (type.Kind == ColumnKind.Decimal && IsFinite(field))
        {
            AppendNumeric(output, field);
        }
        else if (IsText(type))
        {
            output.Append(Text(type, field));
        }
        else
        {
            output.Append(ValueText.Of(FieldCodec.Read(type, field)));
        }
    }

    /// <summary>Writes the text of a field, if it is of a kind whose text is never longer than <see cref="Longest"/>.</summary>
    /// <returns>The length of the text; 0 if nothing was written.</returns>
    public static int Write(Span<byte> to, ColumnKind kind, ReadOnlySpan<byte> field)
    {
        var length = 0;
        switch (kind)
        {
            case ColumnKind.Uuid:
                new Guid(field, bigEndian: true).TryFormat(to, out length);
                break;
            case ColumnKind.SmallInteger or ColumnKind.SmallSerial:
                Utf8Formatter.TryFormat(BinaryPrimitives.ReadInt16BigEndian(field), to, out length);
                break;
            case ColumnKind.Integer or ColumnKind.Serial:
                Utf8Formatter.TryFormat(BinaryPrimitives.ReadInt32BigEndian(field), to, out length);
                break;
            case ColumnKind.BigInteger or ColumnKind.BigSerial:
                Utf8Formatter.TryFormat(BinaryPrimitives.ReadInt64BigEndian(field), to, out length);
                break;
            case ColumnKind.Real:
                BinaryPrimitives.ReadSingleBigEndian(field).TryFormat(to, out length, provider: CultureInfo.InvariantCulture);
                break;
            case ColumnKind.DoublePrecision:
                BinaryPrimitives.ReadDoubleBigEndian(field).TryFormat(to, out length, provider: CultureInfo.InvariantCulture);
                break;
            case ColumnKind.Boolean:
                var word = field[0] != 0 ? "true"u8 : "false"u8;
                word.CopyTo(to);
                length = word.Length;
                break;
            case ColumnKind.Decimal when IsFinite(field):
                length = WriteShortNumeric(to, field);
                break;
            case ColumnKind.Date when BinaryPrimitives.ReadInt32BigEndian(field) is var day && PostgresTime.IsDateOnly(day):
                WriteDate(to, day);
                length = DateLength;
                break;
            case ColumnKind.Time when BinaryPrimitives.ReadInt64BigEndian(field) is var time and < PostgresTime.Day:
                length = WriteTimeOfDay(to, time);
                break;
            case ColumnKind.Timestamp or ColumnKind.TimestampTz when BinaryPrimitives.ReadInt64BigEndian(field) is var time && PostgresTime.IsDateTime(time):
                length = WriteTimestamp(to, time, kind == ColumnKind.TimestampTz);
                break;
            default:
                break;
        }

        return length;
    }

    /// <summary>True when a numeric keeps all its digits in a double.</summary>
    public static bool SurvivesDouble(ReadOnlySpan<byte> numeric) =>
        IsFinite(numeric) && Math.Max(0, BinaryPrimitives.ReadInt16BigEndian(numeric[2..]) + 1) * GroupDigits
            + BinaryPrimitives.ReadInt16BigEndian(numeric[6..]) <= DigitsOfDouble;

    private static bool IsFinite(ReadOnlySpan<byte> numeric) => BinaryPrimitives.ReadUInt16BigEndian(numeric[4..]) is 0 or 0x4000;

    // Groups of four digits, the first one of 10000 to the power of weight; as many digits after the point as the column shows.
    private static void AppendNumeric(TextBuffer output, ReadOnlySpan<byte> field) => output.Advance(WriteNumeric(output.GetSpan(LengthOfNumeric(field)), field));

    private static int LengthOfNumeric(ReadOnlySpan<byte> field) => (Math.Max(BinaryPrimitives.ReadInt16BigEndian(field[2..]) + 1, 0) * GroupDigits)
        + BinaryPrimitives.ReadInt16BigEndian(field[6..]) + (2 * GroupDigits);

    // A few digits may stand for a number with many zeros.
    private static int WriteShortNumeric(Span<byte> to, ReadOnlySpan<byte> field) => LengthOfNumeric(field) <= Longest ? WriteNumeric(to, field) : 0;

    private static int WriteNumeric(Span<byte> to, ReadOnlySpan<byte> field)
    {
        var count = BinaryPrimitives.ReadInt16BigEndian(field);
        var weight = BinaryPrimitives.ReadInt16BigEndian(field[2..]);
        var scale = BinaryPrimitives.ReadInt16BigEndian(field[6..]);
        var length = 0;
        if (BinaryPrimitives.ReadUInt16BigEndian(field[4..]) != 0)
        {
            to[length++] = (byte)'-';
        }

        if (weight < 0)
        {
            to[length++] = (byte)'0';
        }

        for (var group = 0; group <= weight; group++)
        {
            var digits = Group(field, group, count);
            var zeros = group > 0 || digits >= 1000 ? 0 : digits >= 100 ? 1 : digits >= 10 ? 2 : 3;
            WriteFour(to[length..], digits);
            to.Slice(length + zeros, GroupDigits - zeros).CopyTo(to[length..]);
            length += GroupDigits - zeros;
        }

        if (scale > 0)
        {
            to[length++] = (byte)'.';
            for (var (group, place) = (weight + 1, length); place < length + scale; group++, place += GroupDigits)
            {
                WriteFour(to[place..], group < 0 ? 0 : Group(field, group, count));
            }

            length += scale;
        }

        return length;
    }

    private static int Group(ReadOnlySpan<byte> field, int group, int count) =>
        group < count ? BinaryPrimitives.ReadUInt16BigEndian(field[(8 + (2 * group))..]) : 0;

    private static int WriteTimestamp(Span<byte> to, long time, bool isZoned)
    {
        var day = PostgresTime.DayOf(time);
        WriteDate(to, day);
        to[DateLength] = (byte)'T';
        var length = DateLength + 1;
        length += WriteTimeOfDay(to[length..], time - (day * PostgresTime.Day));
        if (isZoned)
        {
            to[length++] = (byte)'Z';
        }

        return length;
    }

    private static void WriteDate(Span<byte> to, int day)
    {
        // 90 years before and after the year 2000.
        var place = (uint)(day + (DaysKept / 2));
        var digits = place < DaysKept ? Digits[place] : 0;
        if (digits == 0)
        {
            digits = DigitsOf(day);
            if (place < DaysKept)
            {
                Digits[place] = digits;
            }
        }

        BinaryPrimitives.WriteUInt64LittleEndian(to, (uint)digits | ((ulong)'-' << 32) | ((digits >> 32 & 0xFFFF) << 40) | ((ulong)'-' << 56));
        BinaryPrimitives.WriteUInt16LittleEndian(to[8..], (ushort)(digits >> 48));
    }

    private static ulong DigitsOf(int day)
    {
        Span<byte> digits = stackalloc byte[8];
        var (year, month, ofMonth) = PostgresTime.ToDate(day);
        WriteFour(digits, year);
        WriteTwo(digits[4..], month);
        WriteTwo(digits[6..], ofMonth);
        return BinaryPrimitives.ReadUInt64LittleEndian(digits);
    }

    private static int WriteTimeOfDay(Span<byte> to, long microseconds)
    {
        var seconds = (int)(microseconds / 1_000_000);
        var fraction = (int)(microseconds % 1_000_000);
        var minutes = seconds / 60;
        WriteTwo(to, minutes / 60);
        to[2] = (byte)':';
        WriteTwo(to[3..], minutes % 60);
        to[5] = (byte)':';
        WriteTwo(to[6..], seconds % 60);
        if (fraction == 0)
        {
            return 8;
        }

        to[8] = (byte)'.';
        WriteFour(to[9..], fraction / 100);
        WriteTwo(to[13..], fraction % 100);
        var length = 15;
        while (to[length - 1] == '0')
        {
            length--;
        }

        return length;
    }

    private static void WriteFour(Span<byte> to, int digits)
    {
        WriteTwo(to, digits / 100);
        WriteTwo(to[2..], digits % 100);
    }

    // Both in one store: the first digit stands in the lower byte.
    private static void WriteTwo(Span<byte> to, int digits) =>
        BinaryPrimitives.WriteUInt16LittleEndian(to, (ushort)(0x3030 + (digits / 10) + (digits % 10 << 8)));
}
