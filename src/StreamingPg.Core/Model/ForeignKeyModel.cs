using StreamingPg.Core.Metadata;

namespace StreamingPg.Core.Model;

/// <summary>A foreign key: <see cref="Columns"/> of the referring table hold <see cref="ParentColumns"/> of the parent.</summary>
/// <param name="Columns">Referring columns.</param>
/// <param name="ParentTable">Table referred to.</param>
/// <param name="ParentColumns">Columns referred to, in the order of <paramref name="Columns"/>.</param>
public sealed record ForeignKeyModel(
    IReadOnlyList<string> Columns,
    string ParentTable,
    IReadOnlyList<string> ParentColumns)
{
    /// <summary>Name of the constraint; null when metadata leaves it to us.</summary>
    public string? Name { get; init; }

    /// <summary>True when the server may look at it at the end of the transaction.</summary>
    public bool IsDeferrable { get; init; }

    /// <summary>
    /// True for the key at which a cycle of foreign keys was cut: its table is loaded before the parent. Set by
    /// <see cref="LoadOrder"/>.
    /// </summary>
    public bool IsLoadedLater { get; init; }
}
