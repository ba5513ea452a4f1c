using System.Diagnostics;
using StreamingPg.Core.Connections;

namespace StreamingPg.Core.Telemetry;

/// <summary>
/// Names of attributes. Those without our prefix are OpenTelemetry's semantic conventions; their values come from the connection's
/// settings and from the metadata, never from rows, and no credential is among them.
/// </summary>
internal static class TelemetryName
{
    /// <summary>Name of the meter and of the activity source.</summary>
    public const string Source = "StreamingPg";

    public const string ServerAddress = "server.address";
    public const string ServerPort = "server.port";

    /// <summary>Database and schema, as <c>database|schema</c>.</summary>
    public const string Namespace = "db.namespace";

    public const string System = "db.system.name";

    /// <summary>A table.</summary>
    public const string Table = "db.collection.name";

    /// <summary>A SQLSTATE.</summary>
    public const string SqlState = "db.response.status_code";

    /// <summary>The stable id of an error.</summary>
    public const string ErrorType = "error.type";

    public const string Outcome = "streamingpg.outcome";
    public const string Phase = "streamingpg.phase";
    public const string BatchId = "streamingpg.batch.id";
    public const string BatchNumber = "streamingpg.batch.number";
    public const string Rows = "streamingpg.batch.rows";
    public const string Chunks = "streamingpg.batch.chunks";
    public const string Retries = "streamingpg.batch.retries";
    public const string Seed = "streamingpg.batch.seed";
    public const string ForeignKeyCheck = "streamingpg.batch.foreign_key_check";
    public const string Chunk = "streamingpg.chunk";
}

/// <summary>The attributes that say which database a measurement is of.</summary>
internal static class DatabaseTags
{
    public static TagList Of(DatabaseConnection connection) => new()
    {
        { TelemetryName.ServerAddress, connection.HostName },
        { TelemetryName.ServerPort, connection.Port },
        { TelemetryName.Namespace, Namespace(connection) },
    };

    /// <summary>Database and schema as OpenTelemetry's conventions for PostgreSQL write them.</summary>
    public static string Namespace(DatabaseConnection connection) => $"{connection.Database}|{connection.Schema}";
}
