using System.Text;
using System.Text.Json;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation.Tables;
using StreamingPg.Core.Ledger;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Loading.Batches;

/// <summary>
/// The plan of a batch as the ledger keeps it, so that another process can load the chunks that are missing. Seed, number,
/// reference time and chunks are columns of the ledger already.
/// </summary>
internal static class PlanJson
{
    private const string KeyTime = "key_time";
    private const string Locale = "locale";
    private const string ExistingRatio = "existing_ratio";
    private const string Rows = "rows";
    private const string FirstSequenceValue = "first_sequence_value";
    private const string Existing = "existing";
    private const string Known = "known";
    private const string Taken = "taken";
    private const string NumbersBefore = "numbers_before";
    private const string FirstNumbers = "first_numbers";

    public static string Write(BatchPlan plan)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteNumber(KeyTime, plan.KeyTime);
            writer.WriteString(Locale, plan.Locale);
            writer.WriteNumber(ExistingRatio, plan.ExistingRatio);
            WriteNumbers(writer, Rows, plan.Rows);
            WriteNumbers(writer, FirstSequenceValue, plan.FirstSequenceValue);
            WriteExisting(writer, Existing, plan, rows => Enumerable.Range(0, rows.Count));
            WriteExisting(writer, Known, plan, rows => Enumerable.Range(rows.Count, rows.KnownCount - rows.Count));
            WriteLists(writer, Taken, plan.Taken);
            WriteLists(writer, NumbersBefore, plan.NumbersBefore);
            WriteNumbers(writer, FirstNumbers, plan.FirstNumbers);
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    /// <exception cref="StreamingException">The batch was of other tables than the model has.</exception>
    public static BatchPlan Read(StreamModel model, LedgerRow row)
    {
        using var document = JsonDocument.Parse(row.Plan ?? "{}");
        var json = document.RootElement;
        if (row.Chunk != 0 || row.Plan is null || json.GetProperty(Rows).EnumerateObject().Any(table => model.Find(table.Name) is null))
        {
            throw new StreamingException(
                "PlanDoesNotFit",
                StreamingErrorKind.SchemaMismatch,
                "The plan of the batch in the ledger is missing or is for other tables.",
                "Use the metadata that the batch started with.");
        }

        return new BatchPlan
        {
            Model = model,
            Seed = row.Seed,
            BatchNumber = row.BatchNumber,
            ReferenceTime = row.ReferenceTime,
            Chunks = row.Chunks,
            KeyTime = json.GetProperty(KeyTime).GetInt64(),
            Locale = json.GetProperty(Locale).GetString()!,
            ExistingRatio = json.GetProperty(ExistingRatio).GetDouble(),
            Rows = ReadNumbers(json.GetProperty(Rows)),
            FirstSequenceValue = ReadNumbers(json.GetProperty(FirstSequenceValue)),
            Existing = ReadExisting(model, json),
            Taken = ReadLists(json, Taken),
            NumbersBefore = ReadLists(json, NumbersBefore),
            FirstNumbers = json.TryGetProperty(FirstNumbers, out var first) ? ReadNumbers(first) : [],
        };
    }

    private static void WriteNumbers(Utf8JsonWriter writer, string name, IReadOnlyDictionary<string, long> numbers)
    {
        writer.WriteStartObject(name);
        foreach (var (table, number) in numbers)
        {
            writer.WriteNumber(table, number);
        }

        writer.WriteEndObject();
    }

    private static void WriteExisting(Utf8JsonWriter writer, string name, BatchPlan plan, Func<ExistingRows, IEnumerable<int>> which)
    {
        writer.WriteStartObject(name);
        foreach (var (table, rows) in plan.Existing)
        {
            writer.WriteStartArray(table);
            WriteRows(writer, rows, which(rows));
            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }

    private static void WriteRows(Utf8JsonWriter writer, ExistingRows rows, IEnumerable<int> which)
    {
        foreach (var row in which)
        {
            writer.WriteStartArray();
            for (var column = 0; column < rows.Table.Columns.Count; column++)
            {
                WriteValue(writer, rows.Value(row, column));
            }

            writer.WriteEndArray();
        }
    }

    private static void WriteLists(Utf8JsonWriter writer, string name, IReadOnlyDictionary<string, IReadOnlyList<long>> lists)
    {
        writer.WriteStartObject(name);
        foreach (var (key, numbers) in lists)
        {
            writer.WriteStartArray(key);
            foreach (var number in numbers)
            {
                writer.WriteNumberValue(number);
            }

            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }

    /// <summary>As text, of which every column makes the same value again.</summary>
    private static void WriteValue(Utf8JsonWriter writer, object? value) =>
        writer.WriteStringValue(value is null ? null : ValueText.Of(value));

    private static Dictionary<string, long> ReadNumbers(JsonElement numbers) =>
        numbers.EnumerateObject().ToDictionary(table => table.Name, table => table.Value.GetInt64(), StringComparer.Ordinal);

    private static Dictionary<string, ExistingRows> ReadExisting(StreamModel model, JsonElement json)
    {
        var known = json.TryGetProperty(Known, out var property) ? property : default;
        return json.GetProperty(Existing).EnumerateObject().ToDictionary(
            table => table.Name,
            table => ReadRows(
                model.Table(table.Name), table.Value, known.ValueKind == JsonValueKind.Object ? known.GetProperty(table.Name) : default),
            StringComparer.Ordinal);
    }

    private static ExistingRows ReadRows(TableModel table, JsonElement json, JsonElement known)
    {
        var rows = new ExistingRows(table);
        foreach (var row in json.EnumerateArray())
        {
            rows.Add([.. row.EnumerateArray().Select(ReadValue)]);
        }

        if (known.ValueKind == JsonValueKind.Array)
        {
            foreach (var row in known.EnumerateArray())
            {
                rows.AddKnown([.. row.EnumerateArray().Select(ReadValue)]);
            }
        }

        return rows;
    }

    // The plan of a batch that began before these were kept has none.
    private static Dictionary<string, IReadOnlyList<long>> ReadLists(JsonElement json, string name) =>
        json.TryGetProperty(name, out var lists)
            ? lists.EnumerateObject().ToDictionary(
                list => list.Name,
                list => (IReadOnlyList<long>)[.. list.Value.EnumerateArray().Select(number => number.GetInt64())],
                StringComparer.Ordinal)
            : [];

    private static object? ReadValue(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.Number => value.GetDecimal(),
        _ => value.GetString(),
    };
}
