using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation.Columns;
using StreamingPg.Core.Generation.Tables;
using StreamingPg.Core.Ledger;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Loading.Batches;

/// <summary>
/// The plan of a batch as the ledger keeps it, so that another process can load the chunks that are missing. Seed, number,
/// reference time and chunks are columns of the ledger already.
/// </summary>
internal sealed record PlanJson
{
    public required long KeyTime { get; init; }

    public required string Locale { get; init; }

    public required double ExistingRatio { get; init; }

    public required IReadOnlyDictionary<string, long> Rows { get; init; }

    public required IReadOnlyDictionary<string, long> FirstSequenceValue { get; init; }

    /// <summary>The rows that may be referred to, per table; their values as text, of which every column makes the same value again.</summary>
    public required Dictionary<string, string?[][]> Existing { get; init; }

    // The plan of a batch that began before one of these was kept has none.

    /// <summary>From one sequence value to the next, where it is not 1.</summary>
    public IReadOnlyDictionary<string, long>? SequenceStep { get; init; }

    /// <summary>The rows that only others refer to.</summary>
    public Dictionary<string, string?[][]>? Known { get; init; }

    public IReadOnlyDictionary<string, IReadOnlyList<long>>? Taken { get; init; }

    public IReadOnlyDictionary<string, IReadOnlyList<long>>? NumbersBefore { get; init; }

    public IReadOnlyDictionary<string, long>? FirstNumbers { get; init; }

    public IReadOnlyDictionary<string, long>? RowsBefore { get; init; }

    /// <summary>When the events happen.</summary>
    public EventTimes? Events { get; init; }

    /// <summary>Between which keys the rows of the first chunk are (<see cref="ChunkKeysJson"/>).</summary>
    public Dictionary<string, string[]>? Keys { get; init; }

    public static string Write(BatchPlan plan, Dictionary<string, string[]>? keys = null) => JsonSerializer.Serialize(
        new PlanJson
        {
            Keys = keys,
            KeyTime = plan.KeyTime,
            Locale = plan.Locale,
            ExistingRatio = plan.ExistingRatio,
            Rows = plan.Rows,
            FirstSequenceValue = plan.SequenceValues.ToDictionary(table => table.Key, table => table.Value.First, StringComparer.Ordinal),
            SequenceStep = plan.SequenceValues.ToDictionary(table => table.Key, table => table.Value.Step, StringComparer.Ordinal),
            Existing = plan.Existing.ToDictionary(table => table.Key, table => TextOf(table.Value, 0, table.Value.Count), StringComparer.Ordinal),
            Known = plan.Existing.ToDictionary(
                table => table.Key, table => TextOf(table.Value, table.Value.Count, table.Value.KnownCount), StringComparer.Ordinal),
            Taken = plan.Taken,
            NumbersBefore = plan.NumbersBefore,
            FirstNumbers = plan.FirstNumbers,
            RowsBefore = plan.RowsBefore.Count == 0 ? null : plan.RowsBefore,
            Events = plan.Events,
        },
        PlanJsonContext.Default.PlanJson);

    /// <exception cref="StreamingException">The batch was of other tables than the model has.</exception>
    public static BatchPlan Read(StreamModel model, LedgerRow row)
    {
        var json = row is { Chunk: 0, Plan: { } text } ? JsonSerializer.Deserialize(text, PlanJsonContext.Default.PlanJson) : null;
        if (json is null || json.Rows.Keys.Any(table => model.Find(table) is null))
        {
            throw new StreamingException(
                ErrorIds.PlanDoesNotFit,
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
            KeyTime = json.KeyTime,
            Locale = json.Locale,
            ExistingRatio = json.ExistingRatio,
            Rows = json.Rows,
            SequenceValues = json.FirstSequenceValue.ToDictionary(
                table => table.Key, table => new SequenceValues(table.Value, json.SequenceStep?.GetValueOrDefault(table.Key, 1) ?? 1), StringComparer.Ordinal),
            Existing = json.Existing.ToDictionary(
                table => table.Key,
                table => RowsOf(model.Table(table.Key), table.Value, json.Known?.GetValueOrDefault(table.Key) ?? []),
                StringComparer.Ordinal),
            Taken = json.Taken ?? ExistingParents.None.Taken,
            NumbersBefore = json.NumbersBefore ?? ExistingParents.None.NumbersBefore,
            FirstNumbers = json.FirstNumbers ?? new Dictionary<string, long>(),
            RowsBefore = json.RowsBefore ?? new Dictionary<string, long>(),
            Events = json.Events ?? EventTimes.Usual,
        };
    }

    private static string?[][] TextOf(ExistingRows rows, int from, int to) =>
    [
        .. Enumerable.Range(from, to - from).Select(row => Enumerable.Range(0, rows.Table.Columns.Count)
            .Select(column => rows.Value(row, column) is { } value ? ValueText.Of(value) : null).ToArray()),
    ];

    private static ExistingRows RowsOf(TableModel table, string?[][] existing, string?[][] known)
    {
        var rows = new ExistingRows(table);
        foreach (var row in existing)
        {
            rows.Add(row);
        }

        foreach (var row in known)
        {
            rows.AddKnown(row);
        }

        return rows;
    }
}

/// <summary>What the ledger keeps of a chunk that nobody has to plan again: between which keys its rows are, per table.</summary>
internal sealed record ChunkKeysJson(Dictionary<string, string[]> Keys)
{
    public static string Write(Dictionary<string, string[]> keys) => JsonSerializer.Serialize(new ChunkKeysJson(keys), PlanJsonContext.Default.ChunkKeysJson);
}

/// <summary>How a plan is written and read, made when the engine is compiled.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [typeof(TextOrNumberConverter)])]
[JsonSerializable(typeof(PlanJson))]
[JsonSerializable(typeof(ChunkKeysJson))]
internal sealed partial class PlanJsonContext : JsonSerializerContext;

/// <summary>Text; a number, as plans had them once, becomes its text.</summary>
internal sealed class TextOrNumberConverter : JsonConverter<string>
{
    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.Number ? Encoding.UTF8.GetString(reader.ValueSpan) : reader.GetString();

    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteStringValue(value);

    // The names of tables.
    public override string ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetString()!;

    public override void WriteAsPropertyName(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WritePropertyName(value);
}
