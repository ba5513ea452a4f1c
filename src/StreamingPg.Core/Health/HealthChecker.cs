using System.Diagnostics;
using System.Runtime.CompilerServices;
using Npgsql;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Model;
using StreamingPg.Core.Rights;

namespace StreamingPg.Core.Health;

/// <summary>Looks at what will stop a stream, or has stopped it.</summary>
internal static class HealthChecker
{
    private static readonly (string[] Checks, Func<HealthProbe, ReadOnlySession, Task<IReadOnlyList<HealthResult>>> RunAsync)[] Probes =
    [
        ([HealthCheck.BatchAge, HealthCheck.Lag], ScheduleHealth.CheckAsync),
        ([HealthCheck.FailureRate, HealthCheck.RetryRate], FailureHealth.CheckAsync),
        ([HealthCheck.SequenceDays, HealthCheck.SequenceUsed], SequenceHealth.CheckAsync),
        ([HealthCheck.DeadRows, HealthCheck.Bloat, HealthCheck.LastVacuum, HealthCheck.LastAnalyze], TableHealth.CheckAsync),
        ([HealthCheck.Connections], ServerHealth.CheckConnectionsAsync),
        ([HealthCheck.ReplicationLag], ServerHealth.CheckStandbysAsync),
        ([HealthCheck.ReplicationSlot], ServerHealth.CheckSlotsAsync),
        ([HealthCheck.ShardNode, HealthCheck.ShardCommit, HealthCheck.ShardBalance], ShardHealth.CheckAsync),
        ([HealthCheck.FreeDisk], FreeDiskHealth.CheckAsync),
    ];

    /// <summary>
    /// Runs every check; results come as soon as they are known. Nothing is changed and no table is read. A server that does
    /// not answer is a critical result and the only one; a check that cannot be made is unknown and says why.
    /// </summary>
    /// <param name="connection">The database.</param>
    /// <param name="model">The tables.</param>
    /// <param name="options">How it is checked.</param>
    /// <param name="cancellationToken">Cancels the running query.</param>
    /// <exception cref="StreamingException">The options are not usable.</exception>
    public static async IAsyncEnumerable<HealthResult> CheckAsync(
        DatabaseConnection connection, StreamModel model, HealthOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        var probe = new HealthProbe(connection, model, options, cancellationToken);
        var reached = await ConnectAsync(probe).ConfigureAwait(false);
        yield return reached;
        foreach (var (checks, run) in reached.Value is null ? [] : Probes)
        {
            foreach (var result in await RunAsync(probe, checks, run).ConfigureAwait(false))
            {
                yield return result;
            }
        }
    }

    /// <summary>
    /// What all results say together: the worst of them. A check that could not be made says nothing, but where none could be made, except
    /// for the connection, the health is unknown.
    /// </summary>
    public static HealthStatus Verdict(IReadOnlyCollection<HealthResult> results)
    {
        var made = results.Where(result => result.Status != HealthStatus.Unknown).ToList();
        return made.TrueForAll(result => result is { Check: HealthCheck.Connection, Status: HealthStatus.Ok })
            ? HealthStatus.Unknown
            : made.Max(result => result.Status);
    }

    /// <summary>What all results say together, in one line.</summary>
    public static string Summary(IReadOnlyCollection<HealthResult> results, string where)
    {
        var parts = results.GroupBy(static result => result.Status).OrderBy(static group => group.Key)
            .Select(static group => $"{group.Count()} {(group.Key == HealthStatus.Ok ? "OK" : group.Key.ToString().ToLowerInvariant())}");
        return $"{results.Count} checks: {string.Join(", ", parts)} ({where}).";
    }

    private static async Task<HealthResult> ConnectAsync(HealthProbe probe)
    {
        var start = Stopwatch.GetTimestamp();
        try
        {
            // With a transaction, which a pooler that gives a session for each statement refuses.
            await using var session = await Session.BeginAsync(probe.Connection, SessionKind.Read, probe.CancellationToken).ConfigureAwait(false);
            return probe.Result(
                HealthCheck.Connection,
                $"{probe.Connection}",
                Stopwatch.GetElapsedTime(start).TotalSeconds,
                "Check for load, a slow name server or a slow network.");
        }
        catch (Exception exception) when (exception is StreamingException or NpgsqlException)
        {
            var error = exception as StreamingException ?? ServerError.Translate(exception, probe.Connection, ServerError.Connecting);
            return probe.Without(HealthCheck.Connection, $"{probe.Connection}", HealthStatus.Critical, error.Message);
        }
    }

    /// <summary>A transaction for each group of checks, since one that fails must not end the others.</summary>
    private static async Task<IReadOnlyList<HealthResult>> RunAsync(
        HealthProbe probe, string[] checks, Func<HealthProbe, ReadOnlySession, Task<IReadOnlyList<HealthResult>>> run)
    {
        try
        {
            await using var session = await ReadOnlySession.BeginAsync(
                probe.Connection, probe.Options.StatementTimeout, $"checking {checks[0]}", probe.CancellationToken).ConfigureAwait(false);
            return await run(probe, session).ConfigureAwait(false);
        }
        catch (StreamingException error)
        {
            var exception = await RightsAdvice.CompleteAsync(
                error, probe.Connection, probe.Model, [ConnectionPurpose.Health], probe.CancellationToken).ConfigureAwait(false);

            // A table that is not there, or a server that went away meanwhile, is a finding; a right that is missing is not.
            var status = exception.Kind is StreamingErrorKind.NotFound or StreamingErrorKind.ConnectionFailed
                ? HealthStatus.Critical
                : HealthStatus.Unknown;
            return [.. checks.Select(check => probe.Without(check, probe.Connection.Schema, status, exception.Message))];
        }
    }
}
