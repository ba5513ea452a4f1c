using System.Buffers.Binary;
using System.Globalization;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Binary;

/// <summary>Keys that can be compared although the referring column has another type than the one it refers to.</summary>
internal static class ComparableKey
{
    private const int ScaleAt = 6;

    /// <summary>
    /// Changes the field that was just written at a position: its bytes are those of another one exactly when the server finds the two
    /// equal.
    /// </summary>
    public static void Apply(RowWriter writer, int start, ColumnType type)
    {
        if (writer.IsNullAt(start))
        {
            return;
        }

        var field = writer.FieldAt(start);
        if (type.IsInteger)
        {
            var value = Integer(field);
            writer.Return(start);
            writer.WriteInt64(value);
        }
        else if (type.Kind == ColumnKind.Char)
        {
            writer.Return(writer.Position - field.Length + field.TrimEnd((byte)' ').Length);
            writer.EndField(start);
        }
        else if (type.Kind == ColumnKind.Decimal)
        {
            // 1.5 and 1.50 differ in the number of digits that are shown.
            field[ScaleAt..(ScaleAt + 2)].Clear();
        }
    }

    /// <summary>The value of a column of that type, as one that values of other types may be equal to.</summary>
    public static object? Value(ColumnType type, object? value) => value switch
    {
        short or int => Convert.ToInt64(value, CultureInfo.InvariantCulture),
        string text when type.Kind == ColumnKind.Char => text.TrimEnd(' '),
        _ => value,
    };

    /// <summary>The type as which the server compares a column of that type with such values; its index must be of use.</summary>
    public static ColumnType TypeOf(ColumnType type) =>
        type.Kind == ColumnKind.Char ? new ColumnType(ColumnKind.Char) : type.ToComparable();

    /// <summary>The value of a field of any type of whole numbers.</summary>
    public static long Integer(ReadOnlySpan<byte> field) => field.Length switch
    {
        2 => BinaryPrimitives.ReadInt16BigEndian(field),
        4 => BinaryPrimitives.ReadInt32BigEndian(field),
        _ => BinaryPrimitives.ReadInt64BigEndian(field),
    };
}
