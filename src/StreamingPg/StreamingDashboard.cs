namespace StreamingPg;

/// <summary>A live page that is being served.</summary>
public sealed class StreamingDashboard
{
    /// <summary>Address of the page, with its token: whoever has it can open the page on this machine.</summary>
    public required Uri Link { get; init; }

    /// <summary>Port that it listens on, at the loopback address only.</summary>
    public required int Port { get; init; }

    /// <summary>Database that it shows.</summary>
    public required string Server { get; init; }

    /// <summary>True if its buttons pause, resume and stop the streams of its process.</summary>
    public required bool AllowControl { get; init; }

    /// <summary>When it started (UTC).</summary>
    public required DateTime StartedAt { get; init; }
}
