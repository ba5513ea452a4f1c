namespace StreamingPg;

/// <summary>The bottleneck of a batch.</summary>
public enum BatchLimit
{
    /// <summary>The batch ended before anything could be measured.</summary>
    TooShortToTell,

    /// <summary>The loader mostly waited for rows to be generated.</summary>
    Generator,

    /// <summary>The server mostly waited for rows to arrive, although they were ready.</summary>
    Network,

    /// <summary>The server was busy most of the time.</summary>
    Server,
}
