using Npgsql;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Discovery;
using StreamingPg.Core.Schema;

namespace StreamingPg.Core.Filling;

/// <summary>The partitions for all rows of the tables of a schema that have no partition: without one they can take no row.</summary>
/// <param name="connection">The database and the schema.</param>
/// <param name="missing">What is missing, by table.</param>
internal sealed class FirstPartitions(DatabaseConnection connection, IReadOnlyDictionary<string, MissingPartition> missing)
{
    private readonly Dictionary<string, StreamingException> _refused = new(StringComparer.Ordinal);

    /// <summary>Makes them, each by itself: what the server refuses is the affair of that table.</summary>
    public async Task MakeAsync(CancellationToken cancellationToken)
    {
        foreach (var (table, partition) in missing)
        {
            try
            {
                await using var session = await Session.BeginAsync(connection, SessionKind.Write, cancellationToken).ConfigureAwait(false);
                await SchemaInitializer.ExecuteAsync(session.Open, [partition.Sql], cancellationToken).ConfigureAwait(false);
                await session.CommitAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (PostgresException exception)
            {
                var error = ServerError.Translate(exception, connection, $"creating {connection.Quote(partition.Name)}");
                _refused.Add(table, new StreamingException(error.ErrorId, error.Kind, $"{partition.Note.Problem} {error.Problem}", partition.Note.Remedy, table, error));
            }
            catch (NpgsqlException exception)
            {
                throw ServerError.Translate(exception, connection, $"creating {connection.Quote(partition.Name)}");
            }
        }
    }

    /// <summary>Why a table has no partition still; null if it has one.</summary>
    public StreamingException? WhyNone(string table) => _refused.GetValueOrDefault(table);

    /// <summary>The result, with what was made, or is to be made, for its table.</summary>
    public TableFillResult Told(TableFillResult result)
    {
        if (WhyNone(result.Table) is not null || !missing.TryGetValue(result.Table, out var partition))
        {
            return result;
        }

        var told = result.Status == FillStatus.Planned
            ? $"It has no partition: \"{partition.Name}\" will be created, which takes every row."
            : $"It had no partition: \"{partition.Name}\" was created, which takes every row.";
        return result with
        {
            Reason = result.Reason is null ? told : $"{result.Reason} {told}",
            Fix = result.Fix ?? $"Drop \"{partition.Name}\" before partitions for the same rows are created.",
        };
    }
}
