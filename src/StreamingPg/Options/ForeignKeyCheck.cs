namespace StreamingPg;

/// <summary>How the foreign keys of new rows are verified.</summary>
public enum ForeignKeyCheck
{
    /// <summary><see cref="Set"/> if it is allowed and safe, otherwise <see cref="Row"/>.</summary>
    Auto,

    /// <summary>PostgreSQL's own triggers check every row.</summary>
    Row,

    /// <summary>The triggers are off for the loading transaction; one query per foreign key verifies the new rows before the commit.</summary>
    Set,
}
