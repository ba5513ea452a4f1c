using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace StreamingPg.Cli.Infrastructure;

/// <summary>How results become JSON: snake_case, as the columns of the tables, so that generated rows fit them by name.</summary>
[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(BatchResult))]
[JsonSerializable(typeof(CheckedTables))]
[JsonSerializable(typeof(ClosedBatch))]
[JsonSerializable(typeof(ColumnLikeness))]
[JsonSerializable(typeof(ConnectionTest))]
[JsonSerializable(typeof(CancelledLine))]
[JsonSerializable(typeof(ErrorLine))]
[JsonSerializable(typeof(EventTimeCount))]
[JsonSerializable(typeof(ExportedFile))]
[JsonSerializable(typeof(ImportResult))]
[JsonSerializable(typeof(HealthResult))]
[JsonSerializable(typeof(IntegrityResult))]
[JsonSerializable(typeof(IntrospectedTables))]
[JsonSerializable(typeof(LedgerEntry))]
[JsonSerializable(typeof(LedgerSummary))]
[JsonSerializable(typeof(MetadataTest))]
[JsonSerializable(typeof(PlannedBatch))]
[JsonSerializable(typeof(PlannedWork))]
[JsonSerializable(typeof(ProductSale))]
[JsonSerializable(typeof(QueryResult))]
[JsonSerializable(typeof(RemovalResult))]
[JsonSerializable(typeof(SavedMetadata))]
[JsonSerializable(typeof(SchemaChange))]
[JsonSerializable(typeof(SchemaUpdate))]
[JsonSerializable(typeof(ServerUpgrade))]
[JsonSerializable(typeof(StreamingColumn))]
[JsonSerializable(typeof(StreamingServer))]
[JsonSerializable(typeof(StreamingDashboard))]
[JsonSerializable(typeof(StreamingSnapshot))]
[JsonSerializable(typeof(StreamSummary))]
[JsonSerializable(typeof(TableFillResult))]
[JsonSerializable(typeof(TableGrowth))]
[JsonSerializable(typeof(TableRate))]
[JsonSerializable(typeof(TableRelationship))]
[JsonSerializable(typeof(UserActivity))]
[JsonSerializable(typeof(WrittenFile))]
internal sealed partial class OutputJson : JsonSerializerContext
{
    /// <summary>One object per line; text is not made safe for HTML, so that <c>-></c> stays readable.</summary>
    public static OutputJson Lines { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new SecondsConverter(), new JsonStringEnumConverter() },
    });
}

/// <summary>Durations as seconds.</summary>
internal sealed class SecondsConverter : JsonConverter<TimeSpan>
{
    /// <inheritdoc/>
    public override TimeSpan Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        TimeSpan.FromSeconds(reader.GetDouble());

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, TimeSpan value, JsonSerializerOptions options) =>
        writer.WriteNumberValue(value.TotalSeconds);
}

/// <summary>A metadata document that was saved.</summary>
/// <param name="Path">The file.</param>
/// <param name="Tables">The tables it describes.</param>
internal sealed record SavedMetadata(string Path, IReadOnlyList<string> Tables);

/// <summary>What a command would have done.</summary>
/// <param name="WhatIf">In words.</param>
internal sealed record PlannedWork(string WhatIf);

/// <summary>A file that a command wrote.</summary>
/// <param name="Path">Its full path.</param>
/// <param name="Bytes">Its size.</param>
internal sealed record WrittenFile(string Path, long Bytes);
