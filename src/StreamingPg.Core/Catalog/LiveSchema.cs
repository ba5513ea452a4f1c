using StreamingPg.Core.Model;

namespace StreamingPg.Core.Catalog;

/// <summary>What the database has of a schema.</summary>
/// <param name="Exists">False when there is no such schema.</param>
/// <param name="Tables">The tables that were requested and are there, by name, the oldest first.</param>
/// <param name="RelationNames">Names of all tables, indexes, sequences and views of the schema.</param>
/// <param name="Types">All types of the schema, by name, each after those it is made of; those that its tables and arrays bring along too.</param>
internal sealed record LiveSchema(
    bool Exists, IReadOnlyDictionary<string, LiveTable> Tables, IReadOnlySet<string> RelationNames, IReadOnlyDictionary<string, LiveType> Types);

/// <summary>An enum or a domain of a schema in the database.</summary>
/// <param name="Name">Name.</param>
/// <param name="Labels">The values of an enum in their order; empty for anything else.</param>
/// <param name="BaseType">What a domain is over, as format_type spells it; null for anything else.</param>
/// <param name="Model">The type as metadata has it; null for what metadata does not have.</param>
internal sealed record LiveType(string Name, IReadOnlyList<string> Labels, string? BaseType, UserTypeModel? Model);
