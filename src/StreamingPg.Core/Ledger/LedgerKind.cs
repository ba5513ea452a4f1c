namespace StreamingPg.Core.Ledger;

/// <summary>What a row of the ledger tells of.</summary>
internal static class LedgerKind
{
    /// <summary>A batch, or a part of one.</summary>
    public const string Batch = "batch";

    /// <summary>An import.</summary>
    public const string Import = "import";

    /// <summary>The batches and imports of a day long ago, together.</summary>
    public const string Day = "day";

    /// <summary>What one run of retention removed.</summary>
    public const string Removal = "removal";

    /// <summary>What retention removed on a day long ago.</summary>
    public const string RemovalDay = "removal-day";

    /// <summary>A stream ended as it was told to.</summary>
    public const string StreamEnd = "stream-end";

    /// <summary>The kinds of rows that were loaded one by one.</summary>
    public const string LoadsSql = $"('{Batch}', '{Import}')";

    /// <summary>The kinds whose rows were added.</summary>
    public const string AddedSql = $"('{Batch}', '{Import}', '{Day}')";

    /// <summary>The kinds whose rows were removed.</summary>
    public const string RemovedSql = $"('{Removal}', '{RemovalDay}')";
}
