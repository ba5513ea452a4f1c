namespace StreamingPg.Core.Sql;

/// <summary>
/// The advisory locks by which StreamingPg's own writers wait for each other until they commit. The first half of a lock's key is its
/// class, any fixed number, a different one for each purpose; the second is an object's oid or a hash.
/// </summary>
internal static class AdvisoryLock
{
    /// <summary>Reserving values of a sequence.</summary>
    public const int Sequence = 0x53504731;

    /// <summary>Choosing values of unique columns that no row of a table has.</summary>
    public const int UniqueValues = 0x53504732;

    /// <summary>Building the keys and indexes of a schema's tables after a load.</summary>
    public const int Rebuild = 0x53504733;

    /// <summary>
    /// The parents of large batches in a schema: shared by first chunks, which pick them, and alone for who removes rows, who must know
    /// all that were picked.
    /// </summary>
    public const int Parents = 0x53504734;

    /// <summary>Setting the sums of rows of a table that cannot be locked themselves.</summary>
    public const int Sums = 0x53504736;

    /// <summary>Takes the lock of a schema, and waits for it.</summary>
    public static void TakeOfSchema(CommandBatch commands, int purpose, string schema, bool isShared) =>
        commands.Query($"SELECT pg_advisory_xact_lock{(isShared ? "_shared" : "")}({purpose}, hashtext($1))", _ => { }, Parameter.Of(schema));

    /// <summary>Takes the lock of a table or sequence, and waits for it.</summary>
    /// <param name="commands">Commands that go to the server together.</param>
    /// <param name="purpose">The class.</param>
    /// <param name="relation">Quoted name of the table or sequence.</param>
    public static void Take(CommandBatch commands, int purpose, string relation) =>
        commands.Query($"SELECT pg_advisory_xact_lock({purpose}, $1::regclass::oid::int)", _ => { }, Parameter.Of(relation));
}
