using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation.Columns;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Generation.Rules;

/// <summary>Values that an expression or a template makes.</summary>
/// <param name="table">The table.</param>
/// <param name="column">The column.</param>
/// <param name="rule">The expression.</param>
/// <param name="isUnique">True when no two rows have the same.</param>
internal sealed class ComputedColumn(TableModel table, ColumnModel column, CompiledRule rule, bool isUnique) : ColumnGenerator, ITimed
{
    private readonly RowWriter _scratch = new(new RowBlock(512));

    public override bool IsUnique => isUnique;

    public long? TimeAt(long row) => rule.Type == RuleType.Time && Value(new RuleRow(_scratch, row)) is DateTime time ? PostgresTime.FromDateTime(time) : null;

    public override void Write(RowWriter writer, long row)
    {
        var value = Value(new RuleRow(writer, row));
        try
        {
            FieldCodec.Write(writer, column.Type, RuleTypes.Fit(column.Type, value));
        }
        catch (FormatException exception)
        {
            throw RuleError.OfRow(table, column, row, new FormatException($"{FieldCodec.Describe(value)} does not fit {column.Type.ToSql()}: {exception.Message}"));
        }
    }

    private object? Value(RuleRow row)
    {
        try
        {
            return rule.Of(row);
        }
        catch (Exception exception) when (exception is FormatException or ArithmeticException or ArgumentOutOfRangeException)
        {
            throw RuleError.OfRow(table, column, row.Row, exception is FormatException known ? known : new FormatException(RuleError.Describe(exception), exception));
        }
    }
}

/// <summary>The source of the first condition that is true of a row.</summary>
/// <param name="table">The table.</param>
/// <param name="column">The column.</param>
/// <param name="cases">The conditions and their sources.</param>
/// <param name="otherwise">The source where none of them is true.</param>
internal sealed class ConditionalColumn(
    TableModel table, ColumnModel column, IReadOnlyList<(Func<RuleRow, bool> Holds, ColumnGenerator Source)> cases, ColumnGenerator otherwise) : ColumnGenerator, ITimed
{
    private readonly RowWriter _scratch = new(new RowBlock(512));

    public long? TimeAt(long row) => (Choose(new RuleRow(_scratch, row)) as ITimed)?.TimeAt(row);

    public override void Write(RowWriter writer, long row) => Choose(new RuleRow(writer, row)).Write(writer, row);

    private ColumnGenerator Choose(RuleRow row)
    {
        try
        {
            foreach (var (holds, source) in cases)
            {
                if (holds(row))
                {
                    return source;
                }
            }

            return otherwise;
        }
        catch (Exception exception) when (exception is FormatException or ArithmeticException or ArgumentOutOfRangeException)
        {
            throw RuleError.OfRow(table, column, row.Row, exception is FormatException known ? known : new FormatException(RuleError.Describe(exception), exception));
        }
    }
}

/// <summary>JSON objects of described properties.</summary>
internal sealed class JsonObjectColumn : ColumnGenerator
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly IReadOnlyList<(ColumnModel Property, ColumnGenerator Values)> _properties;
    private readonly bool _isBinary;
    private readonly ArrayBufferWriter<byte> _buffer = new(256);

    /// <param name="properties">The properties and their values.</param>
    /// <param name="isBinary">True for jsonb, which has a version before the text.</param>
    public JsonObjectColumn(IReadOnlyList<(ColumnModel Property, ColumnGenerator Values)> properties, bool isBinary)
    {
        _properties = properties;
        _isBinary = isBinary;
    }

    public override void Write(RowWriter writer, long row)
    {
        _buffer.ResetWrittenCount();
        using (var json = new Utf8JsonWriter(_buffer, Options))
        {
            json.WriteStartObject();
            foreach (var (property, values) in _properties)
            {
                json.WritePropertyName(property.Name);
                Write(json, property.Type, values, writer, row);
            }

            json.WriteEndObject();
        }

        var start = writer.BeginField();
        if (_isBinary)
        {
            writer.Append(1);
        }

        writer.Append(_buffer.WrittenSpan);
        writer.EndField(start);
    }

    /// <summary>A value is written as a field first, and taken back: any generator can make it.</summary>
    private static void Write(Utf8JsonWriter json, ColumnType type, ColumnGenerator values, RowWriter writer, long row)
    {
        var start = writer.Position;
        values.Write(writer, row);
        if (writer.IsNullAt(start))
        {
            json.WriteNullValue();
        }
        else if (type.Kind is ColumnKind.Json or ColumnKind.Jsonb)
        {
            json.WriteRawValue(writer.FieldAt(start)[(type.Kind == ColumnKind.Jsonb ? 1 : 0)..], skipInputValidation: true);
        }
        else if (type.IsText)
        {
            json.WriteStringValue(writer.FieldAt(start));
        }
        else
        {
            ValueText.WriteJson(json, FieldCodec.Read(type, writer.FieldAt(start)));
        }

        writer.Return(start);
    }
}

/// <summary>The errors of rules while rows are made.</summary>
internal static class RuleError
{
    /// <summary>What went wrong in a row.</summary>
    public static StreamingException OfRow(TableModel table, ColumnModel column, long row, FormatException exception) =>
        ColumnError.At(table, column, new FormatException($"row {row + 1} of the batch: {exception.Message.TrimEnd('.')}", exception));

    /// <summary>A clause for an error of arithmetic.</summary>
    public static string Describe(Exception exception) => exception switch
    {
        DivideByZeroException => "it divides by zero; write nullif(x, 0) for NULL",
        _ => "a value is out of range",
    };
}
