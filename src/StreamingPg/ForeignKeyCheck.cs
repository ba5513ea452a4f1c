namespace StreamingPg;

/// <summary>How the foreign keys of loaded rows are proven.</summary>
public enum ForeignKeyCheck
{
    /// <summary><see cref="Set"/> where it is allowed and safe, otherwise <see cref="Row"/>.</summary>
    Auto,

    /// <summary>PostgreSQL's own triggers look at every row.</summary>
    Row,

    /// <summary>The triggers are off for the loading transaction; one query per table proves the new rows before commit.</summary>
    Set,
}
