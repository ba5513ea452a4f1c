namespace StreamingPg.Core.Schema;

/// <summary>What a column in the database must be.</summary>
/// <param name="Name">Name.</param>
/// <param name="Type">Type as format_type spells it.</param>
/// <param name="HasSequence">True when a sequence must give the value.</param>
internal sealed record ExpectedColumn(string Name, string Type, bool HasSequence)
{
    /// <summary>True when the server must compute it.</summary>
    public bool IsGenerated { get; init; }

    /// <summary>True when it must take NULL.</summary>
    public bool IsNullable { get; init; }

    /// <summary>Values that the column's enum must have.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];
}
