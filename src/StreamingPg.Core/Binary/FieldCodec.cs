using System.Buffers.Binary;
using System.Text;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Binary;

/// <summary>The one place where column types meet .NET values: encodes any fitting value, decodes a field's bytes.</summary>
internal static class FieldCodec
{
    private const byte JsonbVersion = 1;

    /// <summary>Writes a value as a field of the type. Text is converted (invariant culture, ISO 8601 times).</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="type">Type of the column.</param>
    /// <param name="value">The value; null, and empty text for a column that is not text, is written as NULL.</param>
    /// <exception cref="FormatException">The value does not fit; the message is the reason alone.</exception>
    public static void Write(RowWriter writer, ColumnType type, object? value)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(type);
        if (IsNothing(value, type))
        {
            writer.WriteNull();
            return;
        }

        WriteValue(writer, type, value!);
    }

    /// <summary>Writes a value that is there: empty text is no number.</summary>
    internal static void WriteValue(RowWriter writer, ColumnType type, object value)
    {
        switch (type.Kind)
        {
            case ColumnKind.Uuid:
                WriteUuid(writer, ValueConverter.ToGuid(value));
                break;
            case ColumnKind.Integer or ColumnKind.Serial:
                writer.WriteInt32(NumberConverter.ToInt32(value));
                break;
            case ColumnKind.VarChar or ColumnKind.Text or ColumnKind.Char:
                writer.WriteText(ValueConverter.ToText(value, type));
                break;
            case ColumnKind.Decimal when value is string plain && NumericCodec.TryWritePlain(writer, plain, type):
                break;
            case ColumnKind.Decimal when NumberConverter.TextOfLarge(value) is { } text:
                NumericText.Write(writer, text, type);
                break;
            case ColumnKind.Decimal:
                NumericCodec.Write(writer, NumberConverter.ToDecimal(value, type), type.Scale);
                break;
            case ColumnKind.Timestamp or ColumnKind.TimestampTz:
                writer.WriteTimestamp(TimeConverter.ToTimestamp(value));
                break;
            default:
                WriteOther(writer, type, value);
                break;
        }
    }

    /// <summary>True for what is kept as NULL: no value, or empty text where the column is not text.</summary>
    /// <remarks>In files such as CSV nothing stands for no value; only text can be empty.</remarks>
    public static bool IsNothing(object? value, ColumnType type)
    {
        ArgumentNullException.ThrowIfNull(type);
        return value is null or DBNull || (value is "" && !type.IsText && !type.Labels.Contains(""));
    }

    /// <summary>
    /// The field's value: Guid, short, int, long, float, double, decimal, bool, DateOnly, TimeOnly, DateTime, byte[], object?[]
    /// for arrays (nested ones for several dimensions), and string for everything else: also for numerics that no decimal can hold
    /// and times that .NET does not have, such as infinity.
    /// </summary>
    public static object Read(ColumnType type, ReadOnlySpan<byte> field)
    {
        ArgumentNullException.ThrowIfNull(type);
        return type.Kind switch
        {
            ColumnKind.Uuid => new Guid(field, bigEndian: true),
            ColumnKind.SmallInteger or ColumnKind.SmallSerial => BinaryPrimitives.ReadInt16BigEndian(field),
            ColumnKind.Integer or ColumnKind.Serial => BinaryPrimitives.ReadInt32BigEndian(field),
            ColumnKind.BigInteger or ColumnKind.BigSerial => BinaryPrimitives.ReadInt64BigEndian(field),
            ColumnKind.Real => BinaryPrimitives.ReadSingleBigEndian(field),
            ColumnKind.DoublePrecision => BinaryPrimitives.ReadDoubleBigEndian(field),
            ColumnKind.Boolean => field[0] != 0,
            ColumnKind.VarChar or ColumnKind.Text or ColumnKind.Char or ColumnKind.Enum or ColumnKind.Json or ColumnKind.Literal => Encoding.UTF8.GetString(field),
            ColumnKind.Jsonb => Encoding.UTF8.GetString(field[1..]),
            ColumnKind.Decimal => NumericCodec.ReadAny(field),
            ColumnKind.Date => ReadDate(BinaryPrimitives.ReadInt32BigEndian(field)),
            ColumnKind.Time => ReadTime(BinaryPrimitives.ReadInt64BigEndian(field)),
            ColumnKind.Timestamp => ReadTimestamp(BinaryPrimitives.ReadInt64BigEndian(field), DateTimeKind.Unspecified),
            ColumnKind.TimestampTz => ReadTimestamp(BinaryPrimitives.ReadInt64BigEndian(field), DateTimeKind.Utc),
            ColumnKind.Interval => ReadInterval(field).ToString(),
            ColumnKind.Bytea => field.ToArray(),
            ColumnKind.Inet or ColumnKind.Cidr => NetworkCodec.Read(field),
            ColumnKind.MacAddr => NetworkCodec.ReadMac(field),
            ColumnKind.Array => ArrayCodec.Read(type.Element!, field),
            _ => throw new NotSupportedException($"Columns of type {type.Kind} cannot be read."),
        };
    }

    /// <summary>The bytes of a value as a field of the type, without the length before them.</summary>
    public static byte[] Encode(ColumnType type, object value)
    {
        using var block = new RowBlock(64);
        Write(new RowWriter(block), type, value);
        var length = BinaryPrimitives.ReadInt32BigEndian(block.Buffer);
        return block.Buffer.AsSpan(4, length).ToArray();
    }

    /// <summary>A value as a person writes it, for errors and keys; long ones are cut.</summary>
    public static string Describe(object? value)
    {
        var text = value is null ? "null" : ValueText.Of(value);
        return text.Length <= 80 ? text : string.Concat(text.AsSpan(0, 77), "...");
    }

    private static void WriteOther(RowWriter writer, ColumnType type, object value)
    {
        switch (type.Kind)
        {
            case ColumnKind.SmallInteger or ColumnKind.SmallSerial:
                writer.WriteInt16(NumberConverter.ToInt16(value));
                break;
            case ColumnKind.BigInteger or ColumnKind.BigSerial:
                writer.WriteInt64(NumberConverter.ToInt64(value));
                break;
            case ColumnKind.Real:
                writer.WriteSingle(NumberConverter.ToSingle(value));
                break;
            case ColumnKind.DoublePrecision:
                writer.WriteDouble(NumberConverter.ToDouble(value));
                break;
            case ColumnKind.Boolean:
                writer.WriteBoolean(ValueConverter.ToBoolean(value));
                break;
            case ColumnKind.Date:
                writer.WriteDate(TimeConverter.ToDate(value));
                break;
            case ColumnKind.Time:
                writer.WriteTime(TimeConverter.ToTime(value));
                break;
            case ColumnKind.Interval:
                var (months, days, microseconds) = TimeConverter.ToInterval(value);
                writer.WriteInterval(months, days, microseconds);
                break;
            case ColumnKind.Bytea:
                writer.WriteBytes(ValueConverter.ToBytes(value));
                break;
            case ColumnKind.Json:
                writer.WriteText(JsonText.Of(value));
                break;
            case ColumnKind.Jsonb:
                WriteJsonb(writer, JsonText.Of(value));
                break;
            case ColumnKind.Inet or ColumnKind.Cidr:
                NetworkCodec.Write(writer, ValueConverter.ToPlainText(value), type.Kind == ColumnKind.Cidr);
                break;
            case ColumnKind.MacAddr:
                NetworkCodec.WriteMac(writer, ValueConverter.ToPlainText(value));
                break;
            case ColumnKind.Enum:
                writer.WriteText(ValueConverter.ToLabel(value, type));
                break;
            case ColumnKind.Literal:
                writer.WriteText(ValueConverter.ToPlainText(value));
                break;
            case ColumnKind.Array:
                ArrayCodec.Write(writer, type.Element!, value);
                break;
            default:
                throw new NotSupportedException($"Columns of type {type.Kind} cannot be written.");
        }
    }

    private static void WriteUuid(RowWriter writer, Guid value)
    {
        Span<byte> bytes = stackalloc byte[16];
        value.TryWriteBytes(bytes, bigEndian: true, out _);
        writer.WriteBytes(bytes);
    }

    private static void WriteJsonb(RowWriter writer, string json)
    {
        var start = writer.BeginField();
        writer.Append(JsonbVersion);
        writer.Append(Encoding.UTF8.GetBytes(json));
        writer.EndField(start);
    }

    private static object ReadDate(int days) => PostgresTime.IsDateOnly(days) ? PostgresTime.ToDate(days) : TimeText.OfDate(days);

    private static object ReadTime(long microseconds) => microseconds < PostgresTime.Day
        ? new TimeOnly(microseconds * TimeSpan.TicksPerMicrosecond)
        : TimeText.OfTimeOfDay(microseconds);

    private static object ReadTimestamp(long microseconds, DateTimeKind kind) => PostgresTime.IsDateTime(microseconds)
        ? DateTime.SpecifyKind(PostgresTime.ToDateTime(microseconds), kind)
        : TimeText.OfTimestamp(microseconds, hasZone: kind == DateTimeKind.Utc);

    private static IntervalParts ReadInterval(ReadOnlySpan<byte> field) => new(
        BinaryPrimitives.ReadInt32BigEndian(field[12..]),
        BinaryPrimitives.ReadInt32BigEndian(field[8..]),
        BinaryPrimitives.ReadInt64BigEndian(field));
}
