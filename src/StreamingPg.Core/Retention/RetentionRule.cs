using Npgsql;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Loading.Import;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Retention;

/// <summary>From what time on the rows of a table stay: what the user asks, for all tables; else what the model says of each.</summary>
internal sealed class RetentionRule
{
    private readonly DatabaseConnection _connection;
    private readonly StreamModel _model;
    private readonly RetentionOptions _options;
    private readonly IReadOnlyList<TableModel> _tables;

    /// <summary>Checks what was asked, without the database.</summary>
    /// <exception cref="StreamingException">Nothing says what is old, or no table has a time.</exception>
    public RetentionRule(DatabaseConnection connection, StreamModel model, RetentionOptions options)
    {
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        (_connection, _model, _options) = (connection, model, options);
        _tables = options.Tables.Count == 0
            ? model.Tables
            : [.. options.Tables.Select(name => InputTable.Find(model, name).Table).Distinct()];
        foreach (var retention in options.OlderThan is { } asked ? [asked]
            : options.Before is null ? _tables.Select(table => table.Retention).OfType<TimeSpan>() : [])
        {
            options.CheckLength(retention);
        }

        if (options.OlderThan is null && options.Before is null && _tables.All(table => table.Retention is null))
        {
            throw new StreamingException(
                ErrorIds.RetentionNotGiven,
                StreamingErrorKind.InvalidInput,
                "No setting says which rows are old.",
                "Use -OlderThan 30d or -Before (--older-than, --before), or set \"retention\" of the tables in metadata.json.");
        }

        var rows = At(DateTime.UnixEpoch);
        if (_tables.All(table => rows.Before(table) is null))
        {
            throw new StreamingException(
                ErrorIds.NoTimeColumn,
                StreamingErrorKind.InvalidInput,
                "None of the tables to remove rows from has a row timestamp.",
                "Retention needs a column of type TIMESTAMP, TIMESTAMPTZ or DATE.");
        }
    }

    /// <summary>The age of rows by what was asked and the server's clock.</summary>
    /// <param name="open">The server.</param>
    /// <param name="time">The client's clock. One that is not the system's is a simulation, in which it is the only clock.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="StreamingException">The client's clock differs from the server's.</exception>
    public async Task<RowAge> ReadAsync(NpgsqlConnection open, TimeProvider time, CancellationToken cancellationToken) =>
        At(time == TimeProvider.System
            ? await ServerClock.ReadAsync(open, time, cancellationToken).ConfigureAwait(false)
            : time.GetUtcNow().UtcDateTime);

    private RowAge At(DateTime now)
    {
        var before = _options.Before ?? (_options.OlderThan is { } age ? Earlier(now, age) : null);
        return new RowAge(
            _connection.Schema, _model, _tables, table => before ?? (table.Retention is { } retention ? Earlier(now, retention) : null));
    }

    // A retention of many thousand years removes nothing, and is no error.
    private static DateTime Earlier(DateTime now, TimeSpan age) => age < now - DateTime.UnixEpoch ? now - age : DateTime.UnixEpoch;
}
