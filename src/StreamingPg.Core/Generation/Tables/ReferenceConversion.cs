using StreamingPg.Core.Binary;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Generation.Tables;

/// <summary>
/// Makes a parent's value one of the type that the referring column has, where the two are not the same: PostgreSQL lets a smallint
/// refer to an integer, and a varchar(5) to text.
/// </summary>
internal sealed class ReferenceConversion
{
    private const int LengthBytes = 4;

    private readonly TableModel _table;
    private readonly ColumnModel _column;
    private readonly TableModel _parentTable;
    private readonly ColumnModel _parent;

    private ReferenceConversion(TableModel table, ColumnModel column, TableModel parentTable, ColumnModel parent)
    {
        _table = table;
        _column = column;
        _parentTable = parentTable;
        _parent = parent;
    }

    /// <summary>The conversion that a column needs of the values of another; null when it takes them as they are.</summary>
    public static ReferenceConversion? Find(TableModel table, ColumnModel column, TableModel parentTable, ColumnModel parent)
    {
        var (own, other) = (column.Type, parent.Type.WithoutSequence());
        var isNeeded = own.IsInteger ? own.Kind != other.Kind
            : own.IsText ? (other.Kind == ColumnKind.Char && (own.Kind, own.Length) != (other.Kind, other.Length)) || IsLess(own.Length, other.Length)
            : own.Kind == ColumnKind.Decimal && own.Precision is not null && (own.Precision, own.Scale) != (other.Precision, other.Scale);
        return isNeeded ? new ReferenceConversion(table, column, parentTable, parent) : null;
    }

    /// <summary>Converts the field that was just written at a position.</summary>
    /// <exception cref="StreamingException">The column cannot hold the parent's value.</exception>
    public void Apply(RowWriter writer, int start)
    {
        if (writer.IsNullAt(start))
        {
            return;
        }

        try
        {
            if (_column.Type.IsInteger)
            {
                ConvertInteger(writer, start);
            }
            else if (_column.Type.IsText)
            {
                ConvertText(writer, start);
            }
            else
            {
                NumericCodec.CheckFits(writer.FieldAt(start), _column.Type);
            }
        }
        catch (FormatException exception)
        {
            throw DoesNotFit(exception);
        }
    }

    private static bool IsLess(int? own, int? other) => own is { } limit && (other is null || limit < other);

    private void ConvertInteger(RowWriter writer, int start)
    {
        var value = ComparableKey.Integer(writer.FieldAt(start));
        writer.Return(start);
        switch (_column.Type.Kind)
        {
            case ColumnKind.SmallInteger:
                writer.WriteInt16(value is >= short.MinValue and <= short.MaxValue ? (short)value : NumberConverter.ToInt16(value));
                break;
            case ColumnKind.Integer:
                writer.WriteInt32(value is >= int.MinValue and <= int.MaxValue ? (int)value : NumberConverter.ToInt32(value));
                break;
            default:
                writer.WriteInt64(value);
                break;
        }
    }

    /// <summary>The blanks that fill up a character(n) are no part of its value.</summary>
    private void ConvertText(RowWriter writer, int start)
    {
        var text = writer.FieldAt(start);
        if (_parent.Type.Kind == ColumnKind.Char)
        {
            text = text.TrimEnd((byte)' ');
            writer.Return(start + LengthBytes + text.Length);
            writer.EndField(start);
        }

        if (_column.Type.Length is { } length && text.Length > length && CountCharacters(text) is var characters && characters > length)
        {
            throw new FormatException($"it has {characters} characters, but the column takes only {length}");
        }
    }

    private static int CountCharacters(ReadOnlySpan<byte> text)
    {
        var count = 0;
        foreach (var chunk in text)
        {
            count += (chunk & 0xC0) == 0x80 ? 0 : 1;
        }

        return count;
    }

    private StreamingException DoesNotFit(FormatException exception) => new(
        ErrorIds.ReferenceDoesNotFit,
        StreamingErrorKind.InvalidMetadata,
        $"A value of \"{_parentTable.Name}\".\"{_parent.Name}\" ({_parent.Type.ToSql()}) does not fit \"{_table.Name}\".\"{_column.Name}\" "
        + $"({_column.Type.ToSql()}), which refers to it: {exception.Message}.",
        $"Give the column the type {_parent.Type.WithoutSequence().ToSql()} (ALTER TABLE ... ALTER COLUMN ... TYPE).",
        $"{_table.Name}.{_column.Name}",
        exception);
}
