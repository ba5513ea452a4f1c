namespace StreamingPg;

/// <summary>What a stream does when somebody changes the columns or keys of its tables while it runs.</summary>
public enum TableChangeAction
{
    /// <summary>It ends and says what changed.</summary>
    Stop,

    /// <summary>It goes on where the tables still take its rows, and otherwise ends and says what does not fit.</summary>
    Adapt,
}
