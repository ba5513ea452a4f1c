using StreamingPg.Core.Model;

namespace StreamingPg.Core.Catalog;

/// <summary>A table, or another relation of that name, in the database, with all that belongs to it.</summary>
/// <param name="Name">Name.</param>
/// <param name="Kind">What it is: <c>table</c>, <c>partitioned table</c>, <c>view</c>, <c>sequence</c>, ...</param>
internal sealed record LiveTable(string Name, string Kind)
{
    /// <summary>True when rows can be loaded into it and referred to.</summary>
    public bool IsTable => Kind == "table" || IsPartitioned;

    /// <summary>True for a query that has a name.</summary>
    public bool IsView => Kind is "view" or "materialized view";

    /// <summary>True when its rows are in its partitions.</summary>
    public bool IsPartitioned => Kind == "partitioned table";

    public string? Comment { get; init; }

    /// <summary>False when the role may not read it.</summary>
    public bool CanSelect { get; init; }

    /// <summary>False when the role may not add rows to it.</summary>
    public bool CanInsert { get; init; }

    /// <summary>True when a trigger runs for each row before it is added, and may fill columns.</summary>
    public bool HasInsertTrigger { get; init; }

    /// <summary>True when triggers or rules may remove or redirect new rows, and the role sees all that are there.</summary>
    public bool ChangesRows { get; init; }

    /// <summary>What it is partitioned by, such as <c>RANGE (day)</c>; null for any other table.</summary>
    public string? PartitionKey { get; init; }

    /// <summary>True when other tables may inherit from it: a query of it has their rows too, but not its foreign keys.</summary>
    public bool HasHeirs { get; init; }

    /// <summary>Columns in order.</summary>
    public List<LiveColumn> Columns { get; init; } = [];

    /// <summary>Foreign keys, the oldest first.</summary>
    public List<LiveForeignKey> ForeignKeys { get; init; } = [];

    /// <summary>Indexes of every kind, the oldest first.</summary>
    public List<LiveIndex> Indexes { get; init; } = [];

    /// <summary>The condition that a row of this table refers to a row of a parent by a foreign key of metadata.</summary>
    public string RefersSql(ForeignKeyModel key, string alias, LiveTable parent, string parentAlias) =>
        string.Join(" AND ", key.Columns.Zip(key.ParentColumns, (column, parentColumn) => Find(column)!.EqualSql(alias, parent.Find(parentColumn)!, parentAlias)));

    /// <summary>Its CHECK and EXCLUDE constraints; read with the whole schema only.</summary>
    public List<LiveCheck> Checks { get; } = [];

    /// <summary>Its partitions on all levels; read with the whole schema only.</summary>
    public List<LivePartition> Partitions { get; } = [];

    /// <summary>Columns of the primary key in order; empty without one.</summary>
    public IReadOnlyList<string> PrimaryKey => UsableIndexes.FirstOrDefault(index => index.IsPrimaryKey)?.Columns ?? [];

    /// <summary>The indexes that find any row by equality.</summary>
    public IEnumerable<LiveIndex> UsableIndexes => Indexes.Where(index => index is { IsPlain: true, IsValid: true });

    /// <summary>Unique keys over all rows, the primary key left out.</summary>
    public IEnumerable<LiveIndex> UniqueKeys => Indexes.Where(index => index is { IsUnique: true, IsPrimaryKey: false, IsPlain: true });

    /// <summary>The column of a name; null when there is none.</summary>
    public LiveColumn? Find(string column) => Columns.Find(candidate => candidate.Name == column);

    /// <summary>True when an index keeps any two rows from having the same values in these columns.</summary>
    public bool IsUnique(IReadOnlyCollection<string> columns) =>
        UsableIndexes.Any(index => index.IsUnique && index.Columns.All(columns.Contains));
}

/// <summary>A column of a table in the database.</summary>
/// <param name="Name">Name.</param>
/// <param name="TypeName">Type as format_type spells it, such as <c>character varying(255)</c>; of the table's own schema by its bare name.</param>
internal sealed record LiveColumn(string Name, string TypeName)
{
    /// <summary>The type; null when metadata does not have it.</summary>
    public ColumnType? Type { get; init; }

    /// <summary>True when the column may hold no value, as far as it says itself.</summary>
    public bool IsNullable { get; init; }

    /// <summary>True when it may hold no value as far as its domain says, too.</summary>
    public bool TakesNull { get; init; }

    /// <summary>True when the server has a value for it where we have none: a default, an identity or a generated column.</summary>
    public bool HasDefault { get; init; }

    public IdentityKind? Identity { get; init; }

    /// <summary>True when the server computes it and takes no value for it.</summary>
    public bool IsGenerated { get; init; }

    /// <summary>Schema and name of the sequence that gives its value (SERIAL, identity), quoted; null without one.</summary>
    public string? Sequence { get; init; }

    public bool HasSequence => Sequence is not null;

    /// <summary>The values of the enum that the column, its domain or its elements are of; empty for any other type.</summary>
    public IReadOnlyList<string> EnumLabels { get; init; } = [];

    /// <summary>SQL of the default, or of a generated column; null without one.</summary>
    public string? Expression { get; init; }

    public string? Comment { get; init; }

    /// <summary>How two values are compared: <c>=</c>, or the operator of a type that an extension brought, which the search path does not find.</summary>
    public string EqualOperator { get; init; } = "=";

    /// <summary>SQL that is true where the value of this column equals that of another one.</summary>
    public string EqualSql(string alias, LiveColumn other, string otherAlias) =>
        $"{alias}.{Identifier.Quote(Name)} {(EqualOperator == other.EqualOperator ? EqualOperator : "=")} {otherAlias}.{Identifier.Quote(other.Name)}";
}

/// <summary>A foreign key in the database.</summary>
/// <param name="Name">Name of the constraint.</param>
/// <param name="Columns">Referring columns.</param>
/// <param name="ParentSchema">Schema of the table referred to.</param>
/// <param name="ParentTable">Table referred to.</param>
/// <param name="ParentColumns">Columns referred to, in the order of <paramref name="Columns"/>.</param>
internal sealed record LiveForeignKey(
    string Name, IReadOnlyList<string> Columns, string ParentSchema, string ParentTable, IReadOnlyList<string> ParentColumns)
{
    /// <summary>Schema of the table that refers.</summary>
    public required string Schema { get; init; }

    /// <summary>Table that refers.</summary>
    public required string Table { get; init; }

    /// <summary>False for NOT VALID: rows from before the constraint were never looked at.</summary>
    public bool IsValidated { get; init; } = true;

    /// <summary>False when a trigger that enforces it is switched off.</summary>
    public bool IsEnabled { get; init; } = true;

    public bool IsDeferrable { get; init; }

    /// <summary>What its rows, where they were looked at, say of the parent that another key leads to as well.</summary>
    public ParentAgreement Agreement { get; init; }

    /// <summary>True when whoever keeps this key keeps another too, as long as no column of this one is NULL: the other has some of its columns.</summary>
    public bool Implies(LiveForeignKey other) =>
        other.ParentSchema == ParentSchema && other.ParentTable == ParentTable && other.Columns.Zip(other.ParentColumns).All(Columns.Zip(ParentColumns).Contains);

    /// <summary>Rows that refer to a row of the parent.</summary>
    /// <param name="parentAlias">Alias of the parent in the statement.</param>
    /// <param name="alias">Alias for the rows that refer.</param>
    public string RowsSql(string parentAlias, string alias)
    {
        var join = Columns.Zip(ParentColumns)
            .Select(pair => $"{alias}.{Identifier.Quote(pair.First)} = {parentAlias}.{Identifier.Quote(pair.Second)}");
        return $"SELECT FROM {Identifier.Quote(Schema, Table)} AS {alias} WHERE {string.Join(" AND ", join)}";
    }
}

/// <summary>A CHECK constraint of a table in the database.</summary>
/// <param name="Name">Name.</param>
/// <param name="Expression">Its expression.</param>
/// <param name="IsExclusion">True for EXCLUDE, which compares rows with each other.</param>
internal sealed record LiveCheck(string Name, string Expression, bool IsExclusion);

/// <summary>A partition of a table, or of one of its partitions.</summary>
/// <param name="Name">Name.</param>
/// <param name="Expression">What its rows satisfy, by its own bounds and those above it; null for a partition that takes all of them.</param>
/// <param name="IsDefault">True when it takes what none beside it takes.</param>
internal sealed record LivePartition(string Name, string? Expression, bool IsDefault)
{
    /// <summary>True when it holds rows itself.</summary>
    public bool IsLeaf { get; init; }

    /// <summary>The table, or partition, that it is a part of.</summary>
    public required string Parent { get; init; }

    /// <summary>True when the rows of <see cref="Parent"/> are told apart by a hash, so that each has a partition.</summary>
    public bool IsByHash { get; init; }

    /// <summary>The columns by which <see cref="Parent"/> is partitioned; an empty name for an expression.</summary>
    public IReadOnlyList<string> KeyColumns { get; init; } = [];
}
