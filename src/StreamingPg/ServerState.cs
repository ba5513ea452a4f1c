namespace StreamingPg;

/// <summary>State of the private server.</summary>
public enum ServerState
{
    /// <summary>There is no cluster yet.</summary>
    NotCreated,

    /// <summary>The cluster is there and the server does not run.</summary>
    Stopped,

    /// <summary>The server runs and answers.</summary>
    Running,
}
