namespace StreamingPg.Core.Catalog;

/// <summary>An index that CREATE INDEX CONCURRENTLY began and did not finish: it finds nothing and costs every write.</summary>
/// <param name="Table">Its table.</param>
/// <param name="Name">Its name.</param>
/// <param name="IsUnique">True when it was to be unique.</param>
/// <param name="Columns">Its columns in order.</param>
internal sealed record InvalidIndex(string Table, string Name, bool IsUnique, IReadOnlyList<string> Columns);
