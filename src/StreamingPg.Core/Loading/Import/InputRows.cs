using System.Text.Json;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Loading.Import;

/// <summary>Reads rows of a text and hands them to an import. Names match columns without regard to case and underscores.</summary>
internal sealed class InputRows(RowImporter importer, StreamModel model, InputForm form, CancellationToken cancellationToken)
{
    private readonly Dictionary<string, InputTable> _tables = [];
    private string[] _names = [];
    private InputTable? _table;
    private int[] _columns = [];
    private object?[] _row = [];
    private ColumnSet? _given;

    /// <summary>Reads CSV.</summary>
    public void ReadCsv(CsvReader csv, string table)
    {
        if (!csv.Read())
        {
            return;
        }

        CheckHeader(csv);
        UseShape(Table(table), [.. csv.Fields.Select(name => name ?? "")]);
        while (csv.Read())
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (csv.IsEmptyLine && _columns.Length > 1)
            {
                continue;
            }

            var isCut = csv.IsQuoteOpen || (csv.IsLastWithoutLineEnd && csv.Fields.Count < _columns.Length);
            if (isCut)
            {
                throw Unfinished(csv.IsQuoteOpen ? "a quotation mark is not closed in the record" : "it ends inside the record", csv.Line);
            }

            if (csv.Fault is null && csv.Fields.Count == _columns.Length)
            {
                Add(csv.Fields);
            }
            else
            {
                importer.Refuse(
                    _table!.Table,
                    csv.Fault ?? $"the header has {_columns.Length} fields, but the record has {csv.Fields.Count}",
                    csv.Text);
            }
        }
    }

    /// <summary>Reads JSON objects whose properties are the columns.</summary>
    public void ReadJson(TextReader input, string table) =>
        ReadValues(input, Table(table), row => (Table(table), row));

    /// <summary>Reads the file of an earlier import's rejects. A row that could not be read then has no values to take.</summary>
    public void ReadRejects(TextReader input)
    {
        var fallback = new InputTable(model.Tables[0], form);
        ReadValues(input, fallback, line =>
            line.TryGetProperty("table", out var table) && table.ValueKind == JsonValueKind.String
                && line.TryGetProperty("values", out var values) && values.ValueKind == JsonValueKind.Object
                ? (Table(table.GetString()!), values)
                : null);
    }

    private static void CheckHeader(CsvReader csv)
    {
        if (csv.IsQuoteOpen)
        {
            throw Unfinished("a quotation mark is not closed in the header", csv.Line);
        }

        if (csv.Fault is { } fault)
        {
            throw new StreamingException(
                ErrorIds.InputHeaderInvalid, StreamingErrorKind.InvalidInput, $"The header line cannot be read: {fault}.", "Correct the first line of the file.");
        }
    }

    private void ReadValues(TextReader input, InputTable fallback, Func<JsonElement, (InputTable Table, JsonElement Row)?> find)
    {
        var records = new JsonRecords(input);
        while (records.Read())
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (records.IsUnfinished)
            {
                throw Unfinished("it ends inside the JSON", records.Line);
            }

            using var document = TryParse(records.Text);
            if (document is null || find(document.RootElement) is not var (table, row))
            {
                importer.Refuse(
                    fallback.Table, document is null ? "it is not a JSON object" : "it is not a rejected row with \"table\" and \"values\"", records.Text);
            }
            else if (TryRead(row, out var names, out var values))
            {
                UseShape(table, names);
                Add(values);
            }
            else
            {
                importer.Refuse(table.Table, "a \\u escape is not a valid character", records.Text);
            }
        }
    }

    /// <summary>False when the object has half a surrogate pair, which JSON's escapes can spell.</summary>
    private static bool TryRead(JsonElement row, out string[] names, out object?[] values)
    {
        try
        {
            names = [.. row.EnumerateObject().Select(property => property.Name)];
            values = [.. row.EnumerateObject().Select(property => Value(property.Value))];
            return true;
        }
        catch (InvalidOperationException)
        {
            (names, values) = ([], []);
            return false;
        }
    }

    private static JsonDocument? TryParse(string text)
    {
        try
        {
            var document = JsonDocument.Parse(text);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
            {
                return document;
            }

            document.Dispose();
            return null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>What is nested stays JSON; a number is read by its own rules, not by those of a culture.</summary>
    private static object? Value(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.String => value.GetString(),
        JsonValueKind.True or JsonValueKind.False => value.GetBoolean(),
        _ => value,
    };

    private InputTable Table(string name)
    {
        if (!_tables.TryGetValue(name, out var table))
        {
            table = InputTable.Find(model, name, form);
            _tables.Add(name, table);
        }

        return table;
    }

    /// <summary>Looks the columns up once per shape, not per row.</summary>
    private void UseShape(InputTable table, string[] names)
    {
        if (table != _table || !names.AsSpan().SequenceEqual(_names))
        {
            _columns = table.ColumnsOf(names);
            _given = new ColumnSet(_columns);
            _names = names;
            _table = table;
            _row = new object?[table.Table.Columns.Count];
        }
    }

    private void Add(IReadOnlyList<object?> values)
    {
        for (var position = 0; position < _columns.Length; position++)
        {
            var column = _columns[position];
            var value = _table!.Read(column, values[position]);

            // Numbers stay text, so that none loses a digit.
            _row[column] = value is JsonElement { ValueKind: JsonValueKind.Number } number ? number.GetRawText() : value;
        }

        importer.Add(_table!.Table, _row, _given);
    }

    private static StreamingException Unfinished(string what, long line) => new(
        ErrorIds.InputUnfinished,
        StreamingErrorKind.InvalidInput,
        $"The input is incomplete: {what} that starts in line {line}.",
        "Get the complete file and import it again; nothing was imported.");
}
