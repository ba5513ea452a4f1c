namespace StreamingPg.Core.Catalog;

/// <summary>A column of a table in the database.</summary>
/// <param name="Name">Name.</param>
/// <param name="Type">Type as format_type spells it, such as <c>character varying(255)</c>; of the table's own schema by its bare name.</param>
/// <param name="IsNullable">True when it may hold no value.</param>
/// <param name="HasDefault">True when the server has a value for it: a default, an identity or a generated column.</param>
/// <param name="IsGenerated">True when the server computes it and takes no value for it.</param>
/// <param name="HasSequence">True when the value comes from a sequence (SERIAL, identity).</param>
internal sealed record LiveColumn(
    string Name, string Type, bool IsNullable, bool HasDefault, bool IsGenerated, bool HasSequence)
{
    /// <summary>Schema and name of the sequence, quoted; null without one.</summary>
    public string? Sequence { get; init; }

    /// <summary>The values of the enum that the column, its domain or its elements are of; empty for any other type.</summary>
    public IReadOnlyList<string> EnumLabels { get; init; } = [];
}
