namespace StreamingPg;

/// <summary>What happened, or would happen, to an object of the schema.</summary>
public enum SchemaAction
{
    /// <summary>The object exists and matches.</summary>
    Unchanged,

    /// <summary>The object was created.</summary>
    Created,

    /// <summary>The object would be created; nothing was done.</summary>
    WouldCreate,

    /// <summary>The object exists but does not match; it was left unchanged.</summary>
    Different,
}
