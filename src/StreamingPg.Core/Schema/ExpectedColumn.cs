namespace StreamingPg.Core.Schema;

/// <summary>What a column in the database must be.</summary>
/// <param name="Name">Name.</param>
/// <param name="Type">Type as format_type spells it.</param>
/// <param name="HasSequence">True when a sequence must give the value.</param>
internal sealed record ExpectedColumn(string Name, string Type, bool HasSequence);
