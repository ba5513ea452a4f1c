using System.Diagnostics;
using StreamingPg.Core.Connections;

namespace StreamingPg.Core.Telemetry;

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
