using System.Globalization;
using System.Runtime.CompilerServices;
using Npgsql;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Model;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Schema;

/// <summary>Brings existing tables to what a model says, as far as that is safe or requested.</summary>
internal static class SchemaUpdater
{
    /// <summary>Works out the steps and changes nothing.</summary>
    /// <inheritdoc cref="ApplyAsync"/>
    public static async Task<IReadOnlyList<SchemaUpdate>> PlanAsync(
        DatabaseConnection connection, StreamModel model, SchemaUpdateOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        try
        {
            await using var session = await Session.BeginAsync(connection, SessionKind.Read, cancellationToken).ConfigureAwait(false);
            var steps = await UpdatePlan.MakeAsync(session.Open, connection.Schema, model, options, cancellationToken).ConfigureAwait(false);
            return [.. steps.Select(step => step.Describe(options, SchemaUpdateState.WouldApply))];
        }
        catch (NpgsqlException exception)
        {
            throw ServerError.Translate(exception, connection, $"comparing schema {Identifier.Quote(connection.Schema)}");
        }
    }

    /// <summary>
    /// Works out the steps again and takes them in one transaction; then builds new indexes of tables that were there, one by one
    /// and without keeping others from writing. A step comes when it is committed, or when it was refused.
    /// </summary>
    /// <param name="connection">The database.</param>
    /// <param name="model">The tables as they are to be.</param>
    /// <param name="options">What may be done.</param>
    /// <param name="cancellationToken">Cancels; of the transaction, or of the index in hand, nothing stays.</param>
    /// <exception cref="StreamingException">The server refused, or a lock was not to be had in time; nothing of the transaction, or
    /// of the index in hand, stays.</exception>
    public static async IAsyncEnumerable<SchemaUpdate> ApplyAsync(
        DatabaseConnection connection,
        StreamModel model,
        SchemaUpdateOptions options,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        var steps = await RunTransactionAsync(connection, model, options, cancellationToken).ConfigureAwait(false);
        foreach (var step in steps.Where(step => !step.IsConcurrent))
        {
            yield return step.Describe(options, SchemaUpdateState.Applied);
        }

        foreach (var step in steps.Where(step => step.IsConcurrent))
        {
            await new ConcurrentIndex(connection, step, options.LockTimeout).BuildAsync(cancellationToken).ConfigureAwait(false);
            yield return step.Describe(options, SchemaUpdateState.Applied);
        }
    }

    /// <summary>Limits the waits for locks of a transaction, or of the session.</summary>
    internal static async Task LimitLocksAsync(
        NpgsqlConnection open, TimeSpan limit, bool isLocal, CancellationToken cancellationToken)
    {
        var commands = new CommandBatch(open);
        commands.Query(
            "SELECT pg_catalog.set_config('lock_timeout', $1, $2)",
            _ => { },
            Parameter.Of(((long)limit.TotalMilliseconds).ToString(CultureInfo.InvariantCulture)),
            Parameter.Of(isLocal));
        await commands.ExecuteAsync(cancellationToken).ConfigureAwait(false);
    }

    private static async Task<IReadOnlyList<UpdateStep>> RunTransactionAsync(
        DatabaseConnection connection, StreamModel model, SchemaUpdateOptions options, CancellationToken cancellationToken)
    {
        var operation = $"updating schema {Identifier.Quote(connection.Schema)}";
        try
        {
            // Each statement must see what another update committed while this one waited for the lock.
            await using var session = await Session.BeginAsync(connection, SessionKind.Write, cancellationToken).ConfigureAwait(false);
            var open = session.Open;
            await LimitLocksAsync(open, options.LockTimeout, isLocal: true, cancellationToken).ConfigureAwait(false);
            await SchemaInitializer.LockAsync(open, connection.Schema, cancellationToken).ConfigureAwait(false);
            var steps = await UpdatePlan.MakeAsync(open, connection.Schema, model, options, cancellationToken).ConfigureAwait(false);
            foreach (var step in steps.Where(step => step.IsWanted(options) && !step.IsConcurrent))
            {
                operation = $"the step \"{step.Kind} {step.Name}: {step.Change}\"";
                await SchemaInitializer.ExecuteAsync(open, step.Statements, cancellationToken).ConfigureAwait(false);
            }

            await session.CommitAsync(cancellationToken).ConfigureAwait(false);
            return steps;
        }
        catch (NpgsqlException exception)
        {
            throw ServerError.Translate(exception, connection, operation);
        }
    }
}

/// <summary>What a user asks of an update of the tables.</summary>
internal sealed record SchemaUpdateOptions
{
    /// <summary>Time to wait for a lock when nothing else is asked: while a statement waits for one, others wait behind it.</summary>
    public static readonly TimeSpan DefaultLockTimeout = TimeSpan.FromSeconds(5);

    /// <summary>True to take steps that lose data as well.</summary>
    public bool Force { get; init; }

    /// <summary>True to widen integers, which rewrites the whole table, which is locked meanwhile.</summary>
    public bool WidenIntegers { get; init; }

    /// <summary>Longest wait for a lock; then nothing is changed.</summary>
    public TimeSpan LockTimeout { get; init; } = DefaultLockTimeout;

    /// <summary>Rejects invalid options before anything touches the database.</summary>
    /// <exception cref="StreamingException">An option is out of range.</exception>
    public void Check()
    {
        if (LockTimeout < TimeSpan.FromMilliseconds(1) || LockTimeout.TotalMilliseconds > int.MaxValue)
        {
            throw new StreamingException(
                ErrorIds.OptionOutOfRange,
                StreamingErrorKind.InvalidInput,
                $"LockTimeout {LockTimeout} is out of range.",
                "Use more than zero, up to 24 days.",
                LockTimeout);
        }
    }
}
