namespace StreamingPg;

/// <summary>The upgrade of a private server to a newer major version of PostgreSQL.</summary>
public sealed record ServerUpgrade
{
    /// <summary>What was done.</summary>
    public required ServerUpgradeStatus Status { get; init; }

    /// <summary>Folder of the server.</summary>
    public required string Path { get; init; }

    /// <summary>Version that made the data.</summary>
    public required string FromVersion { get; init; }

    /// <summary>Version of the programs that it is moved to.</summary>
    public required string ToVersion { get; init; }

    /// <summary>Folder of these programs.</summary>
    public required string Programs { get; init; }

    /// <summary>Free space that the upgrade needs, in bytes: the old data are kept until the new server is verified.</summary>
    public long RequiredBytes { get; init; }

    /// <summary>Free space of the disk, in bytes.</summary>
    public long FreeBytes { get; init; }

    /// <summary>Sessions that are open on the server and would end, such as those of a stream.</summary>
    public IReadOnlyList<string> Sessions { get; init; } = [];

    /// <summary>Databases that were moved.</summary>
    public IReadOnlyList<string> Databases { get; init; } = [];

    /// <summary>Tables whose rows were compared.</summary>
    public int Tables { get; init; }

    /// <summary>Rows that were compared.</summary>
    public long Rows { get; init; }

    /// <summary>Folder of the old data, or null if they were removed.</summary>
    public string? OldData { get; init; }

    /// <summary>Time from the stop of the old server to the start of the new one.</summary>
    public TimeSpan Duration { get; init; }
}

/// <summary>What became of an upgrade of the private server.</summary>
public enum ServerUpgradeStatus
{
    /// <summary>The data were made by this major version; there was nothing to do.</summary>
    UpToDate,

    /// <summary>The upgrade is possible; nothing was changed.</summary>
    Planned,

    /// <summary>The server was upgraded and verified, and is running.</summary>
    Upgraded,
}
