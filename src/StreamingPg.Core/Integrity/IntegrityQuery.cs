namespace StreamingPg.Core.Integrity;

/// <summary>One statement that answers one or more checks of one table.</summary>
/// <param name="Table">The table that is looked at.</param>
/// <param name="Checks">The checks, in the order of the answer.</param>
/// <param name="Sql">Gives one row: for each check the number of offending rows (bigint) and keys of a few of them (text[]).</param>
internal sealed record IntegrityQuery(string Table, IReadOnlyList<CheckText> Checks, string Sql)
{
    /// <summary>Other tables that it reads.</summary>
    public IReadOnlyList<string> AlsoReads { get; init; } = [];

    /// <summary>True when a row that is missing from one of <see cref="AlsoReads"/> makes others offend.</summary>
    public bool MissesRows { get; init; }

    /// <summary>Most keys of offending rows that a result shows.</summary>
    public const int SampleSize = 5;
}
