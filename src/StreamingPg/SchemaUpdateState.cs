namespace StreamingPg;

/// <summary>Whether a step of a schema update was taken.</summary>
public enum SchemaUpdateState
{
    /// <summary>The step would be taken; nothing was done.</summary>
    WouldApply,

    /// <summary>The step was taken.</summary>
    Applied,

    /// <summary>The step was not taken; the detail says why, and what it needs.</summary>
    Refused,
}
