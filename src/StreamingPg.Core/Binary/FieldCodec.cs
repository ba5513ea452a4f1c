using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Binary;

/// <summary>The one place where column types meet .NET values: encodes any fitting value, decodes a field's bytes.</summary>
public static class FieldCodec
{
    /// <summary>Writes a value as a field of the type. Text is converted (invariant culture, ISO 8601 times).</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="type">Type of the column.</param>
    /// <param name="value">The value; null, and empty text for a column that is not text, is written as NULL.</param>
    /// <exception cref="FormatException">The value does not fit; the message is the reason alone.</exception>
    public static void Write(RowWriter writer, ColumnType type, object? value)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(type);
        // In files such as CSV nothing stands for no value; only text can be empty.
        if (value is null or DBNull || (value is "" && type.Kind != ColumnKind.VarChar))
        {
            writer.WriteNull();
            return;
        }

        switch (type.Kind)
        {
            case ColumnKind.Uuid:
                WriteUuid(writer, ValueConverter.ToGuid(value));
                break;
            case ColumnKind.Integer or ColumnKind.Serial:
                writer.WriteInt32(ValueConverter.ToInt32(value));
                break;
            case ColumnKind.VarChar:
                writer.WriteText(ValueConverter.ToText(value, type));
                break;
            case ColumnKind.Decimal:
                NumericCodec.Write(writer, ValueConverter.ToDecimal(value, type), type.Scale);
                break;
            case ColumnKind.Timestamp:
                writer.WriteTimestamp(PostgresTime.FromDateTime(ValueConverter.ToTimestamp(value)));
                break;
            default:
                throw new NotSupportedException($"Columns of type {type.Kind} cannot be written.");
        }
    }

    /// <summary>The field's value: Guid, int, string, decimal or DateTime.</summary>
    public static object Read(ColumnType type, ReadOnlySpan<byte> field)
    {
        ArgumentNullException.ThrowIfNull(type);
        return type.Kind switch
        {
            ColumnKind.Uuid => new Guid(field, bigEndian: true),
            ColumnKind.Integer or ColumnKind.Serial => BinaryPrimitives.ReadInt32BigEndian(field),
            ColumnKind.VarChar => Encoding.UTF8.GetString(field),
            ColumnKind.Decimal => NumericCodec.Read(field),
            ColumnKind.Timestamp => PostgresTime.ToDateTime(BinaryPrimitives.ReadInt64BigEndian(field)),
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
        var text = value switch
        {
            null => "null",
            DateTime time => time.ToString("yyyy-MM-dd HH:mm:ss.FFFFFF", CultureInfo.InvariantCulture),
            IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
            _ => value.ToString() ?? "",
        };
        return text.Length <= 80 ? text : string.Concat(text.AsSpan(0, 77), "...");
    }

    private static void WriteUuid(RowWriter writer, Guid value)
    {
        Span<byte> bytes = stackalloc byte[16];
        value.TryWriteBytes(bytes, bigEndian: true, out _);
        writer.WriteBytes(bytes);
    }
}
