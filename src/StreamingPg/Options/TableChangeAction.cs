namespace StreamingPg;

/// <summary>What a stream does if columns or keys of its tables change while it runs.</summary>
public enum TableChangeAction
{
    /// <summary>It ends and says what changed.</summary>
    Stop,

    /// <summary>It continues if its rows still fit; otherwise it ends and says what does not fit.</summary>
    Adapt,
}
