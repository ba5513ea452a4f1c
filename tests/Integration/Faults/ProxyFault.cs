namespace StreamingPg.Tests.Integration.Faults;

/// <summary>What <see cref="FaultyProxy"/> does to a connection.</summary>
public enum ProxyFault
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Cuts it when the client sends COMMIT, which the server does not get.</summary>
    CutBeforeCommit,

    /// <summary>Cuts it when the server has answered COMMIT, which the client does not get.</summary>
    CutAfterCommit,

    /// <summary>Cuts it in the middle of COPY.</summary>
    CutInCopy,

    /// <summary>Passes nothing on from COMMIT on, and leaves the connection open.</summary>
    HangAtCommit,

    /// <summary>Passes COMMIT on, and nothing back from then on, and leaves the connection open.</summary>
    HangAfterCommit,

    /// <summary>Passes nothing on from the middle of COPY on, and leaves the connection open.</summary>
    HangInCopy,
}
