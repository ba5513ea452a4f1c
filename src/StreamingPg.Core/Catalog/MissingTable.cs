using StreamingPg.Core.Connections;

namespace StreamingPg.Core.Catalog;

/// <summary>The error for a table of the model, or the ledger, that is not in the database: the one place for its words.</summary>
internal static class MissingTable
{
    /// <summary>What creates tables, as a sentence.</summary>
    public const string RunInitialize = "Run Initialize-StreamingSchema (streamingpg init).";

    /// <summary>The error for a table of the model, which could be created.</summary>
    public static StreamingException Error(DatabaseConnection connection, string table) => Error(connection, connection.Schema, table, $"{RunInitialize[..^1]}, or use another schema.");

    /// <summary>The error for a table of a schema.</summary>
    public static StreamingException Error(DatabaseConnection connection, string schema, string table, string fix) => new(
        ErrorIds.TableNotFound,
        StreamingErrorKind.NotFound,
        $"Table \"{table}\" does not exist in schema \"{schema}\" of {connection}.",
        fix,
        table);
}
