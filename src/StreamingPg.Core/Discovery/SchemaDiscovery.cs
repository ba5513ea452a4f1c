using Npgsql;
using StreamingPg.Core.Catalog;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Discovery;

/// <summary>Describes the tables of a live schema as metadata, so that they can be filled.</summary>
internal static class SchemaDiscovery
{
    /// <summary>Reads a schema. Nothing is changed; all of it is seen as of one moment.</summary>
    /// <param name="connection">The database and the schema.</param>
    /// <param name="options">What is read.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="StreamingException">
    /// The schema or a table that was asked for is not there, or no table can be filled.
    /// </exception>
    public static async Task<DiscoveredMetadata> ReadAsync(
        DatabaseConnection connection, DiscoveryOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentNullException.ThrowIfNull(options);
        try
        {
            await using var session = await Session.BeginAsync(connection, SessionKind.Snapshot, cancellationToken).ConfigureAwait(false);
            return await ReadAsync(session.Open, connection, options, cancellationToken).ConfigureAwait(false);
        }
        catch (NpgsqlException exception)
        {
            throw ServerError.Translate(exception, connection, $"reading schema {Identifier.Quote(connection.Schema)}");
        }
    }

    private static async Task<DiscoveredMetadata> ReadAsync(
        NpgsqlConnection session, DatabaseConnection connection, DiscoveryOptions options, CancellationToken cancellationToken)
    {
        var schema = await CatalogReader.ReadAllAsync(session, connection.Schema, cancellationToken).ConfigureAwait(false);
        if (!schema.Exists)
        {
            throw new StreamingException(
                "SchemaNotFound",
                StreamingErrorKind.NotFound,
                $"There is no schema \"{connection.Schema}\" in {connection}.",
                "Name one that is there with -Schema (streamingpg: --schema), such as public.",
                connection.Schema);
        }

        var selection = TableSelection.Make(connection, schema, options.Tables);
        var notes = new List<DiscoveryNote>();
        var learnt = options.LearnFrom
            ? await StatisticsReader.ReadAsync(session, connection.Schema, selection, options.Sensitive, notes, cancellationToken).ConfigureAwait(false)
            : new Dictionary<ColumnReference, LearntColumn>();
        var written = DocumentWriter.Write(schema, selection, learnt);
        return written with { Notes = [.. written.Notes, .. notes] };
    }
}
