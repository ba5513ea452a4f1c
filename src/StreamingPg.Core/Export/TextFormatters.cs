using System.Buffers;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Export;

/// <summary>RFC 4180 with a header line.</summary>
/// <remarks>No value is an empty field and an empty text a quoted one, as PostgreSQL's COPY tells them apart; <c>\.</c> alone on a line ends its input.</remarks>
internal sealed class CsvFormatter(TableModel table) : RowFormatter(table)
{
    private static readonly SearchValues<byte> NeedQuotes = SearchValues.Create(",\"\r\n"u8);

    // The kinds of columns whose values need no quotes; null for the others.
    private readonly ColumnKind?[] _plain = [.. table.WrittenColumns.Select(column => FieldText.IsPlain(column.Type) ? column.Type.Kind : (ColumnKind?)null)];

    private readonly bool[] _isText = [.. table.WrittenColumns.Select(column => FieldText.IsText(column.Type))];

    /// <inheritdoc/>
    public override void Begin(TextBuffer output)
    {
        for (var column = 0; column < Columns.Length; column++)
        {
            if (column > 0)
            {
                output.Append((byte)',');
            }

            AppendQuoted(output, System.Text.Encoding.UTF8.GetBytes(Columns[column].Name));
        }

        output.Append("\r\n"u8);
    }

    /// <inheritdoc/>
    protected override void AppendRow(TextBuffer output, ref RowReader reader, bool isFirst)
    {
        for (var column = 0; column < _plain.Length; column++)
        {
            var field = reader.NextField(out var isNull);
            var to = output.GetSpan(1 + Math.Max(FieldText.Longest, field.Length));
            to[0] = (byte)',';
            var comma = column > 0 ? 1 : 0;
            if (isNull)
            {
                output.Advance(comma);
            }
            else if (_plain[column] is { } kind)
            {
                var length = FieldText.Write(to[comma..], kind, field);
                output.Advance(comma + length);
                if (length == 0)
                {
                    FieldText.Append(output, Columns[column].Type, field);
                }
            }
            else if (_isText[column] && FieldText.Text(Columns[column].Type, field) is var text && !NeedsQuotes(text))
            {
                text.CopyTo(to[comma..]);
                output.Advance(comma + text.Length);
            }
            else
            {
                output.Advance(comma);
                AppendOther(output, Columns[column].Type, field);
            }
        }

        output.Append("\r\n"u8);
    }

    private static bool NeedsQuotes(ReadOnlySpan<byte> text) => text.Length == 0 || text.SequenceEqual(@"\."u8) || text.ContainsAny(NeedQuotes);

    private static void AppendOther(TextBuffer output, ColumnType type, ReadOnlySpan<byte> field)
    {
        if (FieldText.IsText(type))
        {
            AppendQuoted(output, FieldText.Text(type, field));
        }
        else
        {
            using var text = new TextBuffer();
            FieldText.Append(text, type, field);
            AppendQuoted(output, text.Memory.Span);
        }
    }

    private static void AppendQuoted(TextBuffer output, ReadOnlySpan<byte> text)
    {
        if (!NeedsQuotes(text))
        {
            output.Append(text);
            return;
        }

        output.Append((byte)'"');
        for (var quote = text.IndexOf((byte)'"'); quote >= 0; quote = text.IndexOf((byte)'"'))
        {
            output.Append(text[..(quote + 1)]);
            output.Append((byte)'"');
            text = text[(quote + 1)..];
        }

        output.Append(text);
        output.Append((byte)'"');
    }
}

/// <summary>The text format of PostgreSQL's COPY.</summary>
internal sealed class CopyFormatter(TableModel table) : RowFormatter(table)
{
    private static readonly SearchValues<byte> Escaped = SearchValues.Create("\b\f\n\r\t\v\\"u8);

    /// <inheritdoc/>
    protected override void AppendRow(TextBuffer output, ref RowReader reader, bool isFirst)
    {
        for (var column = 0; column < Columns.Length; column++)
        {
            if (column > 0)
            {
                output.Append((byte)'\t');
            }

            var field = reader.NextField(out var isNull);
            var type = Columns[column].Type;
            if (isNull)
            {
                output.Append(@"\N"u8);
            }
            else if (FieldText.IsPlain(type))
            {
                FieldText.Append(output, type, field);
            }
            else if (FieldText.IsText(type))
            {
                AppendEscaped(output, FieldText.Text(type, field));
            }
            else
            {
                using var text = new TextBuffer();
                FieldText.Append(text, type, field);
                AppendEscaped(output, text.Memory.Span);
            }
        }

        output.Append((byte)'\n');
    }

    private static void AppendEscaped(TextBuffer output, ReadOnlySpan<byte> text)
    {
        for (var place = text.IndexOfAny(Escaped); place >= 0; place = text.IndexOfAny(Escaped))
        {
            output.Append(text[..place]);
            output.Append((byte)'\\');
            output.Append(text[place] switch
            {
                (byte)'\b' => (byte)'b',
                (byte)'\f' => (byte)'f',
                (byte)'\n' => (byte)'n',
                (byte)'\r' => (byte)'r',
                (byte)'\t' => (byte)'t',
                (byte)'\v' => (byte)'v',
                _ => (byte)'\\',
            });
            text = text[(place + 1)..];
        }

        output.Append(text);
    }
}

/// <summary>INSERT statements, of many rows each.</summary>
internal sealed class SqlFormatter : RowFormatter
{
    private readonly byte[] _insert;

    /// <summary>A formatter for the rows of a table; the schema is the search path's.</summary>
    public SqlFormatter(TableModel table)
        : base(table) =>
        _insert = System.Text.Encoding.UTF8.GetBytes(
            $"INSERT INTO {Identifier.Quote(table.Name)} ({Identifier.QuoteList(Columns.Select(column => column.Name))}) OVERRIDING SYSTEM VALUE VALUES\n");

    /// <inheritdoc/>
    public override void Begin(TextBuffer output) => output.Append("SET standard_conforming_strings = on;\n"u8);

    /// <inheritdoc/>
    protected override void BeginRows(TextBuffer output) => output.Append(_insert);

    /// <inheritdoc/>
    protected override void EndRows(TextBuffer output) => output.Append(";\n"u8);

    /// <inheritdoc/>
    protected override void AppendRow(TextBuffer output, ref RowReader reader, bool isFirst)
    {
        output.Append(isFirst ? "("u8 : ",\n("u8);
        for (var column = 0; column < Columns.Length; column++)
        {
            if (column > 0)
            {
                output.Append(", "u8);
            }

            var field = reader.NextField(out var isNull);
            if (isNull)
            {
                output.Append("NULL"u8);
            }
            else
            {
                AppendValue(output, Columns[column].Type, field);
            }
        }

        output.Append((byte)')');
    }

    private static void AppendValue(TextBuffer output, ColumnType type, ReadOnlySpan<byte> field)
    {
        if (type.Kind is ColumnKind.SmallInteger or ColumnKind.Integer or ColumnKind.BigInteger or ColumnKind.SmallSerial or ColumnKind.Serial
            or ColumnKind.BigSerial or ColumnKind.Boolean || (type.Kind == ColumnKind.Decimal && FieldText.SurvivesDouble(field)))
        {
            FieldText.Append(output, type, field);
            return;
        }

        output.Append((byte)'\'');
        if (FieldText.IsPlain(type))
        {
            FieldText.Append(output, type, field);
        }
        else if (FieldText.IsText(type))
        {
            AppendDoubled(output, FieldText.Text(type, field));
        }
        else
        {
            using var text = new TextBuffer();
            FieldText.Append(text, type, field);
            AppendDoubled(output, text.Memory.Span);
        }

        output.Append((byte)'\'');
    }

    private static void AppendDoubled(TextBuffer output, ReadOnlySpan<byte> text)
    {
        for (var quote = text.IndexOf((byte)'\''); quote >= 0; quote = text.IndexOf((byte)'\''))
        {
            output.Append(text[..(quote + 1)]);
            output.Append((byte)'\'');
            text = text[(quote + 1)..];
        }

        output.Append(text);
    }
}
