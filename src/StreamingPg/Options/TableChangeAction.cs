namespace StreamingPg;

/// <summary>What a batch does if columns are wider than the metadata says, and a stream also if columns or keys change while it runs.</summary>
public enum TableChangeAction
{
    /// <summary>It ends and says what changed.</summary>
    Stop,

    /// <summary>It continues if its rows still fit; otherwise it ends and says what does not fit.</summary>
    Adapt,
}
