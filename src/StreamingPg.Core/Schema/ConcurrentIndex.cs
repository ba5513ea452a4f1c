using Npgsql;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Model;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Schema;

/// <summary>Builds one index while others read and write its table. What fails leaves no invalid index behind.</summary>
/// <param name="connection">The database.</param>
/// <param name="step">The step.</param>
/// <param name="lockTimeout">Longest wait for a lock.</param>
internal sealed class ConcurrentIndex(DatabaseConnection connection, UpdateStep step, TimeSpan lockTimeout)
{
    /// <summary>Builds it.</summary>
    /// <exception cref="StreamingException">The server refused.</exception>
    public async Task BuildAsync(CancellationToken cancellationToken)
    {
        try
        {
            await RunAsync(step.Statements, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is NpgsqlException or OperationCanceledException)
        {
            var left = await DropAsync().ConfigureAwait(false);
            throw exception is NpgsqlException ? Error(exception, left) : new OperationCanceledException(exception.Message, exception, cancellationToken);
        }
    }

    private async Task RunAsync(IEnumerable<string> statements, CancellationToken cancellationToken)
    {
        await using var open = await connection.OpenAsync(cancellationToken).ConfigureAwait(false);
        var limits = SessionSettings.TimeLimits(open.PostgreSqlVersion);
        await SchemaUpdater.LimitLocksAsync(open, lockTimeout, isLocal: false, cancellationToken).ConfigureAwait(false);
        try
        {
            foreach (var statement in limits.Select(limit => $"SET {limit} = 0").Concat(statements))
            {
                await using var command = new NpgsqlCommand(statement, open) { CommandTimeout = 0 };
                await command.ExecuteAsync(cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            if (open.State == System.Data.ConnectionState.Open)
            {
                await using var reset = new NpgsqlCommand(string.Join("; ", limits.Prepend("lock_timeout").Select(limit => $"RESET {limit}")), open);
                await reset.ExecuteAsync(CancellationToken.None).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Takes away what was begun; gives the error when that is not possible now.</summary>
    private async Task<Exception?> DropAsync()
    {
        try
        {
            await RunAsync([$"DROP INDEX CONCURRENTLY IF EXISTS {Identifier.Quote(connection.Schema, step.Name)}"], CancellationToken.None).ConfigureAwait(false);
            return null;
        }
        catch (Exception exception) when (exception is NpgsqlException or StreamingException)
        {
            return exception;
        }
    }

    private StreamingException Error(Exception exception, Exception? left)
    {
        var error = ServerError.Translate(exception, connection, $"building index {Identifier.Quote(step.Name)} of \"{step.Table}\"");
        var remedy = error.SqlState == PostgresErrorCodes.UniqueViolation
            ? "Fix the duplicate rows, and run the command again."
            : error.Kind == StreamingErrorKind.PermissionDenied ? $"{error.Remedy} Then run the command again."
            : "Run the command again.";
        var rest = left is null ? "" : " An invalid index of that name remains; the next run drops it.";
        return new StreamingException(error.ErrorId, error.Kind, $"{error.Problem}{rest} All earlier steps are done.", remedy, error.Target, exception)
        {
            SqlState = error.SqlState,
        };
    }
}
