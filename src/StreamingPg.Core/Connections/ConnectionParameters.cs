namespace StreamingPg.Core.Connections;

/// <summary>Connection settings that a user gave on a command; every one may be missing.</summary>
internal sealed record ConnectionParameters
{
    /// <summary>A whole Npgsql connection string; excludes the other settings except <see cref="Schema"/>.</summary>
    public string? ConnectionString { get; init; }

    /// <summary>Host name, address or socket folder.</summary>
    public string? HostName { get; init; }

    /// <summary>The first port there is.</summary>
    public const int MinPort = 1;

    /// <summary>The last port there is.</summary>
    public const int MaxPort = 65535;

    /// <summary>Npgsql keeps no more connections than this.</summary>
    public const int PoolSizeLimit = 1024;

    /// <summary>Port, <see cref="MinPort"/> to <see cref="MaxPort"/>.</summary>
    public int? Port { get; init; }

    /// <summary>Database name.</summary>
    public string? Database { get; init; }

    /// <summary>Role.</summary>
    public string? UserName { get; init; }

    /// <summary>Password; never shown.</summary>
    public string? Password { get; init; }

    /// <summary>Schema of the tables.</summary>
    public string? Schema { get; init; }

    /// <summary>Npgsql's SSL mode: Disable, Allow, Prefer, Require, VerifyCA, VerifyFull.</summary>
    public string? SslMode { get; init; }

    /// <summary>Maximum connections that are open at a time; null leaves it to the connection string, or to Npgsql (100).</summary>
    public int? MaxPoolSize { get; init; }

    /// <summary>True when a setting that leads to a database was given.</summary>
    public bool HasSettings =>
        ConnectionString is not null || HostName is not null || Port is not null || Database is not null
        || UserName is not null || Password is not null || SslMode is not null;

    /// <summary>The settings without the password.</summary>
    public override string ToString() => $"{HostName}:{Port}/{Database} schema {Schema}";
}
