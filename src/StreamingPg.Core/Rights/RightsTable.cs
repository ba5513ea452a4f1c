namespace StreamingPg.Core.Rights;

/// <summary>What a right is on.</summary>
internal enum RightsObject
{
    /// <summary>The schema of the tables.</summary>
    Schema,

    /// <summary>Each table of the metadata.</summary>
    Tables,

    /// <summary>Each table that others refer to.</summary>
    Parents,

    /// <summary>Each table whose rows age.</summary>
    AgingTables,

    /// <summary>One column of each table whose rows age, whichever: enough to lock its rows.</summary>
    ColumnOfAgingTables,

    /// <summary>One column of each table, whichever.</summary>
    ColumnOfTables,

    /// <summary>One column of each table that others refer to.</summary>
    ColumnOfParents,

    /// <summary>Each table that is partitioned.</summary>
    PartitionedTables,

    /// <summary>Each partitioned table to which foreign keys refer that the server does not enforce.</summary>
    UnenforcedParents,

    /// <summary>One column of each of these.</summary>
    ColumnOfUnenforcedParents,

    /// <summary>Each table with such a foreign key.</summary>
    UnenforcedChildren,

    /// <summary>The columns that sum up rows of another table.</summary>
    Sums,

    /// <summary>The foreign keys, of tables outside the metadata, that refer to its tables.</summary>
    ReferringKeys,

    /// <summary>The tables of other schemas that the metadata refers to.</summary>
    OutsideParents,

    /// <summary>The sequences that number rows.</summary>
    Sequences,

    /// <summary>Each table of the schema, whether metadata has it or not.</summary>
    LiveTables,

    /// <summary>One column of each table of the schema that others refer to.</summary>
    ColumnOfLiveParents,

    /// <summary>The tables of other schemas that tables of the schema refer to.</summary>
    LiveOutsideParents,

    /// <summary>The sequences that number rows of the schema's tables.</summary>
    LiveSequences,

    /// <summary>The ledger.</summary>
    Ledger,

    /// <summary>The database.</summary>
    Database,

    /// <summary>The setting that turns triggers off.</summary>
    ReplicationRole,

    /// <summary>Being the owner of the tables, or a member of it.</summary>
    Owner,
}

/// <summary>Rights on one kind of object.</summary>
/// <param name="On">What they are on.</param>
/// <param name="Privileges">As GRANT spells them.</param>
/// <param name="Case">What needs them, if the command can do without otherwise; null if it always does.</param>
internal sealed record NeededRights(RightsObject On, string[] Privileges, string? Case = null);

/// <summary>
/// The rights that each command needs, and no more: what <c>test</c> looks for, what errors advise, and what docs/security.md lists. A
/// test runs each command with exactly these rights, and with one less.
/// </summary>
internal static class RightsTable
{
    /// <summary>The case of keys that are verified by set: a batch without the right verifies them by row.</summary>
    public const string BySet = "To verify foreign keys by set, which is faster";

    /// <summary>The case of foreign keys that the server does not enforce; without such keys it needs nothing.</summary>
    public const string ToPartitioned = "For foreign keys to partitioned tables";

    /// <summary>The case of tables in partitions; without such tables it needs nothing.</summary>
    public const string InPartitions = "For partitioned tables";

    /// <summary>The case of a schema that nobody filled before.</summary>
    public const string WithoutLedger = "If there is no ledger";

    private const string Select = "SELECT";
    private const string Insert = "INSERT";
    private const string Update = "UPDATE";
    private const string Delete = "DELETE";
    private const string RemoveCase = "For -Rows Remove";
    private const string SequenceCase = "To check the sequences";

    private static readonly NeededRights UseSchema = new(RightsObject.Schema, ["USAGE"]);
    private static readonly NeededRights ReadTables = new(RightsObject.Tables, [Select]);
    private static readonly NeededRights ReadLedger = new(RightsObject.Ledger, [Select]);
    private static readonly NeededRights WriteLedger = new(RightsObject.Ledger, [Select, Insert, Update]);
    private static readonly NeededRights TakeNumbers = new(RightsObject.Sequences, [Select, Update]);
    private static readonly NeededRights CheckNumbers = new(RightsObject.Sequences, [Select], SequenceCase);

    private static readonly NeededRights[] Loading =
    [
        UseSchema,
        new(RightsObject.Tables, [Select, Insert]),
        new(RightsObject.OutsideParents, [Select]),
        TakeNumbers,
        WriteLedger,
        new(RightsObject.ColumnOfUnenforcedParents, [Update], ToPartitioned),
        new(RightsObject.Sums, [Update], "To add rows to existing ones that sum them up"),
        new(RightsObject.ColumnOfParents, [Update], BySet),
        new(RightsObject.ReplicationRole, ["SET"], BySet),
    ];

    /// <summary>True for a purpose that a read-only server cannot serve.</summary>
    public static bool Writes(ConnectionPurpose purpose) =>
        Of(purpose).Any(right => right.Case is null && right.Privileges.Any(privilege => privilege is not ("USAGE" or Select)));

    /// <summary>The rights that a purpose needs.</summary>
    public static IReadOnlyList<NeededRights> Of(ConnectionPurpose purpose) => purpose switch
    {
        ConnectionPurpose.Batch or ConnectionPurpose.Stream => Loading,
        ConnectionPurpose.Import =>
        [
            UseSchema,
            new(RightsObject.Tables, [Insert]),
            TakeNumbers,
            WriteLedger,
            new(RightsObject.PartitionedTables, [Select], InPartitions),
            new(RightsObject.UnenforcedChildren, [Select], ToPartitioned),
            new(RightsObject.UnenforcedParents, [Select], ToPartitioned),
            new(RightsObject.ColumnOfUnenforcedParents, [Update], ToPartitioned),
            new(RightsObject.Tables, [Select], "For -OnConflict, -OnError Reject, and tables in a cycle of foreign keys"),
            new(RightsObject.Database, ["TEMPORARY"], "For -OnConflict, -OnError Reject, and tables in a cycle of foreign keys"),
            new(RightsObject.Tables, [Update], "For -OnConflict Update"),
        ],
        ConnectionPurpose.Retention =>
        [
            UseSchema,
            ReadTables,
            new(RightsObject.AgingTables, [Delete]),
            new(RightsObject.ColumnOfAgingTables, [Update]),
            new(RightsObject.ReferringKeys, [Select]),
            new(RightsObject.Ledger, [Select, Insert, Update, Delete]),
        ],
        ConnectionPurpose.Close =>
        [
            UseSchema,
            new(RightsObject.Ledger, [Select, Insert]),
            new(RightsObject.Ledger, [Update], RemoveCase),
            new(RightsObject.Tables, [Select, Delete], RemoveCase),
            new(RightsObject.ColumnOfTables, [Update], RemoveCase),
            new(RightsObject.ReferringKeys, [Select], RemoveCase),
        ],
        ConnectionPurpose.Check => [UseSchema, ReadTables, CheckNumbers, new(RightsObject.Ledger, [Select], "For -Since and -BatchId")],
        ConnectionPurpose.Report => [UseSchema, ReadTables, ReadLedger, CheckNumbers],
        ConnectionPurpose.Growth => [UseSchema, ReadTables, ReadLedger],
        ConnectionPurpose.Ledger => [UseSchema, ReadLedger],
        ConnectionPurpose.Analysis => [UseSchema, ReadTables],
        ConnectionPurpose.Generate =>
        [
            UseSchema,
            new(RightsObject.Parents, [Select]),
            new(RightsObject.Ledger, [Select], "For -Seed without -ReferenceTime"),
            new(RightsObject.Tables, [Select], "For foreign keys that are unique"),
        ],
        ConnectionPurpose.Health => [UseSchema, ReadLedger, CheckNumbers, new(RightsObject.Tables, [Select], "To estimate bloat")],
        ConnectionPurpose.Schema =>
        [
            new(RightsObject.Schema, ["USAGE", "CREATE"]),
            new(RightsObject.Parents, ["REFERENCES"], "For new tables that refer to existing ones"),
            new(RightsObject.Database, ["CREATE"], "For -Publication"),
        ],
        ConnectionPurpose.Update => [new(RightsObject.Schema, ["USAGE", "CREATE"]), new(RightsObject.Owner, ["ownership"])],
        ConnectionPurpose.Fill =>
        [
            UseSchema,
            new(RightsObject.LiveTables, [Select, Insert]),
            new(RightsObject.LiveOutsideParents, [Select]),
            new(RightsObject.LiveSequences, [Select, Update]),
            WriteLedger,
            new(RightsObject.Schema, ["CREATE"], WithoutLedger),
            new(RightsObject.ColumnOfLiveParents, [Update], BySet),
            new(RightsObject.ReplicationRole, ["SET"], BySet),
        ],
        ConnectionPurpose.Clear => [UseSchema, new(RightsObject.Owner, ["ownership"])],
        _ => throw new ArgumentOutOfRangeException(nameof(purpose), purpose, null),
    };
}
