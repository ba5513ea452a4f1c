using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Export;

/// <summary>A JSON object per line, with the values that <see cref="ValueText.WriteJson"/> writes.</summary>
internal sealed class JsonFormatter : RowFormatter
{
    // What every encoder of JSON leaves as it is.
    private static readonly SearchValues<byte> Unescaped = SearchValues.Create(
        " !#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_`abcdefghijklmnopqrstuvwxyz{|}~"u8);

    private readonly byte[][] _names;

    /// <summary>A formatter for the rows of a table.</summary>
    public JsonFormatter(TableModel table)
        : base(table) =>
        _names = [.. Columns.Select((column, index) =>
            Encoding.UTF8.GetBytes($"{(index == 0 ? "{" : ",")}\"{JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(column.Name)}\":"))];

    /// <inheritdoc/>
    protected override void AppendRow(TextBuffer output, ref RowReader reader, bool isFirst)
    {
        for (var column = 0; column < Columns.Length; column++)
        {
            output.Append(_names[column]);
            var field = reader.NextField(out var isNull);
            if (isNull)
            {
                output.Append("null"u8);
            }
            else
            {
                AppendValue(output, Columns[column].Type, field);
            }
        }

        output.Append(Columns.Length == 0 ? "{}\n"u8 : "}\n"u8);
    }

    private static void AppendValue(TextBuffer output, ColumnType type, ReadOnlySpan<byte> field)
    {
        switch (type.Kind)
        {
            case ColumnKind.SmallInteger or ColumnKind.Integer or ColumnKind.BigInteger or ColumnKind.SmallSerial or ColumnKind.Serial
                or ColumnKind.BigSerial or ColumnKind.Boolean:
            case ColumnKind.Real when float.IsFinite(BinaryPrimitives.ReadSingleBigEndian(field)):
            case ColumnKind.DoublePrecision when double.IsFinite(BinaryPrimitives.ReadDoubleBigEndian(field)):
            case ColumnKind.Decimal when FieldText.SurvivesDouble(field):
                FieldText.Append(output, type, field);
                break;
            case ColumnKind.Array or ColumnKind.Decimal:
                AppendByWriter(output, FieldCodec.Read(type, field));
                break;
            default:
                if (FieldText.IsText(type))
                {
                    AppendText(output, FieldText.Text(type, field));
                }
                else if (FieldText.IsPlain(type))
                {
                    output.Append((byte)'"');
                    FieldText.Append(output, type, field);
                    output.Append((byte)'"');
                }
                else
                {
                    AppendByWriter(output, FieldCodec.Read(type, field));
                }

                break;
        }
    }

    private static void AppendText(TextBuffer output, ReadOnlySpan<byte> text)
    {
        output.Append((byte)'"');
        if (!text.ContainsAnyExcept(Unescaped))
        {
            output.Append(text);
        }
        else
        {
            while (text.Length > 0)
            {
                JavaScriptEncoder.UnsafeRelaxedJsonEscaping.EncodeUtf8(text, output.GetSpan(text.Length + 16), out var read, out var written);
                output.Advance(written);
                text = text[read..];
            }
        }

        output.Append((byte)'"');
    }

    private static void AppendByWriter(TextBuffer output, object value)
    {
        using var json = new Utf8JsonWriter(output, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        ValueText.WriteJson(json, value);
    }
}
