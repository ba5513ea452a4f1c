namespace StreamingPg.Core.Catalog;

/// <summary>What the database has of a schema.</summary>
/// <param name="Exists">False when there is no such schema.</param>
/// <param name="Tables">The tables that were asked for and are there, by name.</param>
/// <param name="RelationNames">Names of all tables, indexes, sequences and views of the schema.</param>
/// <param name="Types">All types of the schema, by name; those that its tables and arrays bring along have no more than one.</param>
internal sealed record LiveSchema(
    bool Exists, IReadOnlyDictionary<string, LiveTable> Tables, IReadOnlySet<string> RelationNames, IReadOnlyDictionary<string, LiveType> Types);
