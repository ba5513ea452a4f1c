using StreamingPg.Core.Model;

namespace StreamingPg.Core.Catalog;

/// <summary>A column of a live table.</summary>
/// <param name="Name">Name.</param>
/// <param name="TypeName">Type as the server spells it; of the table's own schema by its bare name.</param>
/// <param name="Type">The type; null when metadata does not have it.</param>
internal sealed record DiscoveredColumn(string Name, string TypeName, ColumnType? Type)
{
    public bool IsNullable { get; init; }

    public IdentityKind? Identity { get; init; }

    public bool HasSequence { get; init; }

    /// <summary>SQL of the default, or of a generated column; null without one.</summary>
    public string? Expression { get; init; }

    public bool IsGenerated { get; init; }

    public string? Comment { get; init; }

    /// <summary>True when the server has a value for it where we have none.</summary>
    public bool HasDefault => Expression is not null || Identity is not null;
}
