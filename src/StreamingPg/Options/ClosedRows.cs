namespace StreamingPg;

/// <summary>What happens to the committed rows of an unfinished batch that is closed.</summary>
public enum ClosedRows
{
    /// <summary>They stay.</summary>
    Keep,

    /// <summary>They are removed, except those that other rows refer to.</summary>
    Remove,
}
