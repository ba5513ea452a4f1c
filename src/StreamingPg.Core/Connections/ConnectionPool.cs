using Npgsql;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Connections;

/// <summary>
/// The pool behind a handle, made when it is first used. Its first connection tells whether a pooler such as PgBouncer stands
/// between: it makes up the process id of a session, which then is not the server's own. Behind a pooler a statement that was
/// prepared may meet another session the next time, so none is prepared there.
/// </summary>
internal sealed class ConnectionPool : IDisposable, IAsyncDisposable
{
    private readonly object _sync = new();
    private readonly NpgsqlConnectionStringBuilder _settings;
    private NpgsqlDataSource? _source;
    private NpgsqlMultiHostDataSource? _hosts;
    private volatile bool _isLookedAt;

    public ConnectionPool(NpgsqlConnectionStringBuilder settings)
    {
        _settings = new NpgsqlConnectionStringBuilder(settings.ConnectionString);
        _isLookedAt = settings.MaxAutoPrepare == 0;
    }

    /// <exception cref="StreamingException">The settings contradict each other.</exception>
    public NpgsqlDataSource Source
    {
        get
        {
            lock (_sync)
            {
                return _source ??= Build();
            }
        }
    }

    /// <summary>Opens a connection.</summary>
    public async ValueTask<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken)
    {
        var open = await OpenAsync(Source, cancellationToken).ConfigureAwait(false);
        if (_isLookedAt || await IsServerItselfAsync(open, cancellationToken).ConfigureAwait(false))
        {
            _isLookedAt = true;
            return open;
        }

        await open.DisposeAsync().ConfigureAwait(false);
        UseWithoutPreparing();
        return await OpenAsync(Source, cancellationToken).ConfigureAwait(false);
    }

    public void Dispose()
    {
        _source?.Dispose();
        _hosts?.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        if (_source is not null)
        {
            await _source.DisposeAsync().ConfigureAwait(false);
        }

        if (_hosts is not null)
        {
            await _hosts.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Forgets which of several hosts takes writes, or is down: the next connection asks them all again.</summary>
    public void ForgetHosts() => _hosts?.ClearDatabaseStates();

    private async Task<NpgsqlConnection> OpenAsync(NpgsqlDataSource source, CancellationToken cancellationToken)
    {
        for (var isSecond = false; ; isSecond = true)
        {
            try
            {
                return await ServerCall.OpenAsync(source, cancellationToken).ConfigureAwait(false);
            }
            catch (NpgsqlException exception) when (_hosts is not null)
            {
                ForgetHosts();
                if (isSecond || exception.InnerException is not null || !exception.Message.StartsWith(ClientError.NoSuitableHost, StringComparison.Ordinal))
                {
                    throw;
                }

                // No host was asked, only what was known of them: one may have taken over from another since.
            }
        }
    }

    private static async Task<bool> IsServerItselfAsync(NpgsqlConnection open, CancellationToken cancellationToken)
    {
        try
        {
            await using var command = new NpgsqlCommand("SELECT pg_catalog.pg_backend_pid()", open);
            return (int)(await command.ReadValueAsync(cancellationToken).ConfigureAwait(false))! == open.ProcessID;
        }
        catch
        {
            await ServerCall.CloseAsync(open).ConfigureAwait(false);
            throw;
        }
    }

    private void UseWithoutPreparing()
    {
        lock (_sync)
        {
            if (!_isLookedAt)
            {
                _settings.MaxAutoPrepare = 0;
                Dispose();
                _source = Build();
                _isLookedAt = true;
            }
        }
    }

    private NpgsqlDataSource Build()
    {
        try
        {
            if (_settings.TargetSessionAttributes is not { } wanted)
            {
                return Builder(_settings).Build();
            }

            // Npgsql takes the kind of server that is wanted not from the settings but from a choice among all hosts.
            var settings = new NpgsqlConnectionStringBuilder(_settings.ConnectionString) { TargetSessionAttributes = null };
            _hosts = Builder(settings).BuildMultiHost();
            var name = wanted.Replace("-", "", StringComparison.Ordinal);
            return _hosts.WithTargetSession(Enum.Parse<TargetSessionAttributes>(name, ignoreCase: true));
        }
        catch (Exception exception) when (exception is ArgumentException or NotSupportedException or InvalidOperationException)
        {
            throw new StreamingException(
                ErrorIds.InvalidConnectionSettings,
                StreamingErrorKind.InvalidInput,
                $"The connection settings contradict each other: {exception.Message}",
                "Correct them in the connection string.");
        }
    }

    private static NpgsqlDataSourceBuilder Builder(NpgsqlConnectionStringBuilder settings)
    {
        // The name is an attribute of Npgsql's metrics; left open, it would be the whole connection string but for its password.
        var builder = new NpgsqlDataSourceBuilder(settings.ConnectionString) { Name = $"{settings.Host}:{settings.Port}/{settings.Database}" };

        // The driver's questions about types, when it connects, would run under the role's search path, where public may have operators
        // of a stranger. It knows the types of PostgreSQL itself, which are all that we exchange, without asking.
        builder.ConfigureTypeLoading(types => types.EnableTypeLoading(false));
        EncodedArray.AddTo(builder);
        return builder;
    }
}
