using StreamingPg.Core.Connections;

namespace StreamingPg.Core.Catalog;

/// <summary>The error for a table of the model, or the ledger, that is not in the database.</summary>
internal static class MissingTable
{
    /// <summary>What creates tables, as a sentence.</summary>
    public const string RunInitialize = "Run Initialize-StreamingSchema (streamingpg init).";

    /// <summary>Makes the error.</summary>
    public static StreamingException Error(DatabaseConnection connection, string table) => new(
        ErrorIds.TableNotFound,
        StreamingErrorKind.NotFound,
        $"Table \"{table}\" does not exist in schema \"{connection.Schema}\" of {connection}.",
        "Run Initialize-StreamingSchema to create it, or use another schema.",
        table);
}
