using System.Text.Json;
using StreamingPg.Core.Loading;
using StreamingPg.Core.Model;

namespace StreamingPg.Cli.Infrastructure;

/// <summary>Reads rows of an input and hands them to an import. Names match columns without regard to case and underscores.</summary>
internal sealed class RowInput(RowImporter importer, StreamModel model, CancellationToken cancellationToken)
{
    private readonly Dictionary<string, InputTable> _tables = [];
    private string[] _names = [];
    private InputTable? _table;
    private int[] _columns = [];
    private ColumnSet? _given;

    /// <summary>Reads CSV.</summary>
    public void ReadCsv(TextReader input, string table)
    {
        var csv = new CsvReader(input);
        if (!csv.Read())
        {
            return;
        }

        UseShape(Table(table), [.. csv.Fields.Select(name => name ?? "")]);
        while (csv.Read())
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (csv.Fault is null && csv.Fields.Count == _columns.Length)
            {
                Add(csv.Fields);
            }
            else
            {
                importer.Refuse(
                    _table!.Table,
                    csv.Fault ?? $"the header has {_columns.Length} fields, and the record has {csv.Fields.Count}",
                    csv.Text);
            }
        }
    }

    /// <summary>Reads JSON lines whose properties are the columns.</summary>
    public void ReadJson(TextReader input, string table) =>
        ReadLines(input, Table(table), row => (Table(table), row));

    /// <summary>Reads the file of an earlier import's rejects. A row that could not be read then has no values to take.</summary>
    public void ReadRejects(TextReader input)
    {
        var fallback = new InputTable(model.Tables[0]);
        ReadLines(input, fallback, line =>
            line.TryGetProperty("table", out var table) && table.ValueKind == JsonValueKind.String
                && line.TryGetProperty("values", out var values) && values.ValueKind == JsonValueKind.Object
                ? (Table(table.GetString()!), values)
                : null);
    }

    private void ReadLines(TextReader input, InputTable fallback, Func<JsonElement, (InputTable Table, JsonElement Row)?> find)
    {
        while (input.ReadLine() is { } line)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (string.IsNullOrWhiteSpace(line))
            {
                continue;
            }

            using var document = TryParse(line);
            if (document is null || find(document.RootElement) is not var (table, row))
            {
                importer.Refuse(fallback.Table, document is null ? "it is not a JSON object" : "it is not a rejected row with a table and values", line);
            }
            else if (TryRead(row, out var names, out var values))
            {
                UseShape(table, names);
                Add(values);
            }
            else
            {
                importer.Refuse(table.Table, "a \\u escape does not spell a character", line);
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

    private static JsonDocument? TryParse(string line)
    {
        try
        {
            var document = JsonDocument.Parse(line);
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

    /// <summary>Numbers stay text, so that none loses a digit; what is nested stays JSON.</summary>
    private static object? Value(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.String => value.GetString(),
        JsonValueKind.True or JsonValueKind.False => value.GetBoolean(),
        _ => value.GetRawText(),
    };

    private InputTable Table(string name)
    {
        if (!_tables.TryGetValue(name, out var table))
        {
            table = InputTable.Find(model, name);
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
        }
    }

    private void Add(IReadOnlyList<object?> values)
    {
        var row = new object?[_table!.Table.Columns.Count];
        for (var position = 0; position < _columns.Length; position++)
        {
            row[_columns[position]] = values[position];
        }

        importer.Add(_table.Table, row, _given);
    }
}
