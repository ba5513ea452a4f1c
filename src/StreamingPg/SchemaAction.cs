namespace StreamingPg;

/// <summary>What happened, or would happen, to an object of the schema.</summary>
public enum SchemaAction
{
    /// <summary>The object is there and fits.</summary>
    Unchanged,

    /// <summary>The object was created.</summary>
    Created,

    /// <summary>The object would be created (nothing was done).</summary>
    WouldCreate,

    /// <summary>The object is there and does not fit; it was not touched.</summary>
    Different,
}
