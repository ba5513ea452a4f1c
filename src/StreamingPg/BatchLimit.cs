namespace StreamingPg;

/// <summary>What kept a batch from being faster.</summary>
public enum BatchLimit
{
    /// <summary>The batch was over before anything could be measured.</summary>
    TooShortToTell,

    /// <summary>The loader mostly waited for rows to be made.</summary>
    Generator,

    /// <summary>The server mostly waited for rows to arrive, although they were ready.</summary>
    Network,

    /// <summary>The server was busy most of the time.</summary>
    Server,
}
