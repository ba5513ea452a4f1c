namespace StreamingPg;

/// <summary>State of the private server.</summary>
public enum ServerState
{
    /// <summary>There is no cluster yet.</summary>
    NotCreated,

    /// <summary>The cluster exists, but the server is not running.</summary>
    Stopped,

    /// <summary>The server is running and answers.</summary>
    Running,
}
