using StreamingPg.Core.Connections;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Schema;

/// <summary>Creates schema, tables, keys, indexes and the ledger of a model where they are missing.</summary>
public static class SchemaInitializer
{
    /// <summary>Creates what is missing, in one transaction; what is there and differs is reported and not touched.</summary>
    /// <param name="connection">The database.</param>
    /// <param name="model">The tables.</param>
    /// <param name="planOnly">True to change nothing and return what would be done.</param>
    /// <param name="cancellationToken">Cancels; nothing stays then.</param>
    public static Task<IReadOnlyList<SchemaChange>> InitializeAsync(
        DatabaseConnection connection, StreamModel model, bool planOnly, CancellationToken cancellationToken) =>
        throw new NotImplementedException();
}
