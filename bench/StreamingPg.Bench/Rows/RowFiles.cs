using Npgsql;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Model;

namespace StreamingPg.Bench.Rows;

/// <summary>Rows of a batch in files that the server itself reads: the baseline of bulk loading.</summary>
internal sealed class RowFiles
{
    private readonly BenchServer _server;

    public RowFiles(BenchServer server) => _server = server;

    /// <summary>Writes the rows that a schema holds.</summary>
    public async Task WriteAsync(string schema, CancellationToken cancellationToken)
    {
        foreach (var table in BenchServer.Tables)
        {
            await _server.ExecuteAsync(
                $"COPY {Identifier.Quote(schema, table)} TO {FileOf(table)} (FORMAT binary)", cancellationToken);
        }
    }

    /// <summary>Loads them, parents first, in one transaction.</summary>
    /// <param name="connection">Where to.</param>
    /// <param name="withTriggers">False to leave out the foreign keys' triggers.</param>
    /// <param name="expected">Rows that must arrive.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task LoadAsync(
        DatabaseConnection connection, bool withTriggers, ShopRows expected, CancellationToken cancellationToken)
    {
        await using var open = await connection.OpenAsync(cancellationToken);
        await using var transaction = await open.BeginTransactionAsync(cancellationToken);
        await using var command = new NpgsqlCommand { Connection = open, CommandTimeout = 0 };
        if (!withTriggers)
        {
            command.CommandText = "SET LOCAL session_replication_role = replica";
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        long rows = 0;
        foreach (var table in BenchServer.Tables)
        {
            command.CommandText = $"COPY {connection.Quote(table)} FROM {FileOf(table)} (FORMAT binary)";
            rows += await command.ExecuteNonQueryAsync(cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        if (rows != expected.Total)
        {
            throw new InvalidOperationException($"COPY loaded {rows} rows instead of {expected.Total}.");
        }
    }

    private string FileOf(string table) => Identifier.Literal(Path.Combine(_server.RowFolder, table + ".rows"));
}
