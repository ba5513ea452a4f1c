using StreamingPg.Core.Catalog;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Schema;

/// <summary>Integer keys that are to be bigint, all that refers to them, and how far that is, as the catalog has it.</summary>
/// <param name="Tables">The tables that have columns to widen; none when all are bigint.</param>
/// <param name="Indexes">Their indexes that are over such columns.</param>
/// <param name="ForeignKeys">The foreign keys that such columns are of.</param>
/// <param name="Blockers">What stands against it, each with its name.</param>
internal sealed record WideKeys(
    IReadOnlyList<WideTable> Tables, IReadOnlyList<WideIndex> Indexes, IReadOnlyList<WideForeignKey> ForeignKeys, IReadOnlyList<WideBlocker> Blockers)
{
    /// <summary>The columns to widen.</summary>
    public IEnumerable<WideColumn> Columns => Tables.SelectMany(table => table.Columns);

    /// <summary>The column that will be what a column is.</summary>
    /// <param name="relation">Oid of its table.</param>
    /// <param name="number">Its number.</param>
    /// <param name="name">Its name.</param>
    public string NewName(long relation, short number, string name) =>
        Columns.Any(column => column.Relation == relation && column.Number == number) ? WideColumn.NewNameOf(number) : name;
}

/// <summary>What stands against widening.</summary>
/// <param name="Reason">What it is, with its name.</param>
/// <param name="Remedy">What to do.</param>
internal sealed record WideBlocker(string Reason, string Remedy);

/// <summary>A table with columns to widen.</summary>
/// <param name="Oid">Its oid.</param>
/// <param name="Schema">Its schema.</param>
/// <param name="Name">Its name.</param>
/// <param name="Pages">Its size.</param>
/// <param name="Columns">The columns to widen.</param>
internal sealed record WideTable(long Oid, string Schema, string Name, long Pages, IReadOnlyList<WideColumn> Columns)
{
    /// <summary>True when every column has its successor and the trigger that fills it, so that no new row lacks a value.</summary>
    public bool IsPrepared { get; init; }

    /// <summary>True when every row has the same value in both.</summary>
    public bool IsFilled => IsPrepared && Columns.All(column => column.IsEqual == true && (!column.IsNotNull || column.IsFilled == true));

    /// <summary>True when triggers of the user would run for every row that is filled.</summary>
    public bool HasUpdateTriggers { get; init; }

    /// <summary>Quoted name.</summary>
    public string Quoted => Identifier.Quote(Schema, Name);

    /// <summary>Quoted name of the trigger's function.</summary>
    public string Function => Identifier.Quote(Schema, $"{WideningNames.Prefix}{Oid}");
}

/// <summary>A column to widen.</summary>
/// <param name="Relation">Oid of its table.</param>
/// <param name="Number">Its number.</param>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type.</param>
internal sealed record WideColumn(long Relation, short Number, string Name, string Type)
{
    public bool IsNotNull { get; init; }

    /// <summary>True when the column that takes its place is there.</summary>
    public bool HasSuccessor { get; init; }

    /// <summary>Whether the constraint that both have the same value is validated; null when there is none.</summary>
    public bool? IsEqual { get; init; }

    /// <summary>Whether the constraint that the new one has a value is validated; null when there is none.</summary>
    public bool? IsFilled { get; init; }

    /// <summary><c>a</c> or <c>d</c> for an identity column, else empty.</summary>
    public string Identity { get; init; } = "";

    public string? Default { get; init; }

    /// <summary>Quoted name of its sequence, if it has one.</summary>
    public string? Sequence { get; init; }

    /// <summary>True when the sequence goes with the column.</summary>
    public bool OwnsSequence { get; init; }

    /// <summary>The sequence of an identity column, which has to be made anew, as its options say it.</summary>
    public string SequenceOptions { get; init; } = "";

    public string? Comment { get; init; }

    /// <summary>Its statistics target and options, as ALTER COLUMN sets them.</summary>
    public IReadOnlyList<string> Settings { get; init; } = [];

    /// <summary>The rights on the column, and on the sequence of an identity column, as statements.</summary>
    public IReadOnlyList<string> Grants { get; init; } = [];

    /// <summary>Name of the NOT NULL constraint, which PostgreSQL 18 shows; null before.</summary>
    public string? NotNullName { get; init; }

    public string NewName => NewNameOf(Number);

    public static string NewNameOf(short number) => FormattableString.Invariant($"{WideningNames.Prefix}{number}");
}

/// <summary>An index over columns to widen.</summary>
/// <param name="Oid">Its oid.</param>
/// <param name="Schema">Its schema.</param>
/// <param name="Name">Its name.</param>
/// <param name="Relation">Oid of its table.</param>
/// <param name="Table">Name of its table.</param>
internal sealed record WideIndex(long Oid, string Schema, string Name, long Relation, string Table)
{
    /// <summary>The constraint that it enforces; null when it is an index only.</summary>
    public string? Constraint { get; init; }

    public bool IsPrimaryKey { get; init; }

    public bool IsUnique { get; init; }

    public string Method { get; init; } = "btree";

    public IReadOnlyList<short> Numbers { get; init; } = [];

    /// <summary>Per column: what stands before its collation, operator class and order.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>Per column: collation, operator class and order where they are not the usual ones.</summary>
    public IReadOnlyList<string> Options { get; init; } = [];

    /// <summary>Columns that are sorted; the others are only included.</summary>
    public int KeyColumns { get; init; }

    /// <summary>What follows the columns: NULLS NOT DISTINCT, storage parameters, tablespace.</summary>
    public string Tail { get; init; } = "";

    public string? Comment { get; init; }

    public bool IsReplicaIdentity { get; init; }

    public bool IsClustered { get; init; }

    /// <summary>Whether its successor is valid; null when there is none.</summary>
    public bool? HasSuccessor { get; init; }

    public string NewName => FormattableString.Invariant($"{WideningNames.Prefix}{Oid}");
}

/// <summary>A foreign key over columns to widen.</summary>
/// <param name="Oid">Its oid.</param>
/// <param name="Name">Its name.</param>
/// <param name="Schema">Schema of the table that refers.</param>
/// <param name="Table">The table that refers.</param>
internal sealed record WideForeignKey(long Oid, string Name, string Schema, string Table)
{
    /// <summary>Quoted name of the table that refers.</summary>
    public string Quoted => Identifier.Quote(Schema, Table);

    public long Child { get; init; }

    public long Parent { get; init; }

    /// <summary>Quoted name of the table referred to.</summary>
    public string QuotedParent { get; init; } = "";

    public IReadOnlyList<(short Number, string Name)> Columns { get; init; } = [];

    public IReadOnlyList<(short Number, string Name)> ParentColumns { get; init; } = [];

    /// <summary>Of <c>ON DELETE SET NULL</c> and the like: the columns, where not all are meant.</summary>
    public IReadOnlyList<(short Number, string Name)> SetColumns { get; init; } = [];

    /// <summary>MATCH FULL, or empty.</summary>
    public string Match { get; init; } = "";

    public string OnUpdate { get; init; } = "";

    public string OnDelete { get; init; } = "";

    public string Deferral { get; init; } = "";

    public string? Comment { get; init; }

    public bool IsValidated { get; init; }

    /// <summary>Whether its successor is validated; null when there is none.</summary>
    public bool? HasSuccessor { get; init; }

    public string NewName => FormattableString.Invariant($"{WideningNames.Prefix}{Oid}");
}
