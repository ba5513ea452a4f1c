namespace StreamingPg;

/// <summary>Where the settings of a connection came from.</summary>
public enum ConnectionSource
{
    /// <summary>Parameters of a command.</summary>
    Parameter,

    /// <summary>The connection of this session (Connect-StreamingDatabase).</summary>
    Session,

    /// <summary>The POSTGRES_* environment variables.</summary>
    Environment,

    /// <summary>A .env file in the current folder.</summary>
    DotEnv,

    /// <summary>The private server that is running.</summary>
    PrivateServer,
}
