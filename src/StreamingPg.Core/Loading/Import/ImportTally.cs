namespace StreamingPg.Core.Loading.Import;

/// <summary>Counts the rows of one table of an import.</summary>
internal sealed class ImportTally
{
    public long Read { get; set; }

    public long Inserted { get; set; }

    public long Updated { get; set; }

    public long Rejected { get; set; }

    /// <summary>What the server took neither as new nor as a change, and did not refuse.</summary>
    public long Skipped => Read - Inserted - Updated - Rejected;
}
