using StreamingPg.Core.Metadata;
using StreamingPg.Core.Model;

namespace StreamingPg.Tests.Unit.Generation;

/// <summary>The values of one column that metadata describes.</summary>
internal static class GeneratedColumn
{
    /// <summary>A table with the column <c>x</c>, and others before it.</summary>
    public static StreamModel Model(string column, string others = "") => MetadataReader.Parse(
        $$$$"""{"t": {"columns": {"id": {"type": "UUID", "primary_key": true}, {{{{others}}}} "x": {{{{column}}}} } } }""");

    /// <summary>The values of as many rows.</summary>
    public static object?[] Values(string column, int rows, long seed = 1, string others = "", long batchNumber = 1) =>
        [.. Rows(Model(column, others), rows, seed, batchNumber).Column("t", "x")];

    /// <summary>The values of as many rows, none of them NULL.</summary>
    public static TValue[] Values<TValue>(string column, int rows, long seed = 1, string others = "") =>
        [.. Values(column, rows, seed, others).Select(value => (TValue)value!)];

    /// <summary>Rows of the table.</summary>
    public static GeneratedRows Rows(StreamModel model, int rows, long seed = 1, long batchNumber = 1) => GeneratedRows.Of(
        GeneratedRows.PlanOf(0, 0, 0, seed, batchNumber, model) with { Rows = new Dictionary<string, long> { ["t"] = rows } });
}
