using Npgsql;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Model;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Loading;

/// <summary>One COPY ... FROM STDIN (FORMAT binary) in progress: blocks of rows go straight to the server.</summary>
/// <remarks>
/// PostgreSQL refuses COPY into a table whose row-level security holds for the role. Rows for such a table go to a temporary one, and
/// an INSERT takes them from there at the end.
/// </remarks>
internal sealed class CopyTarget : IAsyncDisposable
{
    // Signature, flags (none) and length of the header's extension (none): PostgreSQL documentation, COPY, "File Header".
    private static readonly byte[] Header = [.. "PGCOPY\n"u8, 0xFF, .. "\r\n\0"u8, 0, 0, 0, 0, 0, 0, 0, 0];

    // A field count of -1 ends the data.
    private static readonly byte[] Trailer = [0xFF, 0xFF];

    private const string Waiting = "pg_temp.streamingpg_waiting";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly NpgsqlRawCopyStream _stream;
    private readonly NpgsqlConnection _open;
    private readonly string[] _afterwards;
    private bool _ended;

    private CopyTarget(NpgsqlConnection open, NpgsqlRawCopyStream stream, string[] afterwards)
    {
        _open = open;
        _afterwards = afterwards;
        _stream = stream;
    }

    /// <summary>Begins to load some columns of a table of the user's. Its triggers have the role's own search path.</summary>
    public static async Task<CopyTarget> BeginAsync(
        NpgsqlConnection open, string schema, string table, IEnumerable<ColumnModel> sentColumns, CancellationToken cancellationToken)
    {
        var name = Identifier.Quote(schema, table);
        var columns = Identifier.QuoteList(sentColumns.Select(column => column.Name));
        var takesCopy = true;
        var path = new CommandBatch(open);
        path.Query("SELECT NOT row_security_active($1)", row => takesCopy = row.GetBoolean(0), Parameter.Of(name));
        path.Query(SessionSettings.UseRolePath, _ => { });
        await path.ExecuteAsync(cancellationToken).ConfigureAwait(false);
        return takesCopy
            ? await BeginAsync(open, $"{name} ({columns})", [SessionSettings.UseFixedPath], cancellationToken).ConfigureAwait(false)
            : await BeginToInsertAsync(open, name, columns, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Begins to load a temporary table, whose name is quoted.</summary>
    public static Task<CopyTarget> BeginAsync(NpgsqlConnection open, string table, CancellationToken cancellationToken) =>
        BeginAsync(open, table, [], cancellationToken);

    private static async Task<CopyTarget> BeginToInsertAsync(
        NpgsqlConnection open, string table, string columns, CancellationToken cancellationToken)
    {
        var create = new CommandBatch(open);
        create.Add(SessionSettings.UseFixedPath);
        create.Add($"CREATE TEMPORARY TABLE {Waiting} ON COMMIT DROP AS SELECT {columns} FROM {table} WITH NO DATA");
        await create.ExecuteAsync(cancellationToken).ConfigureAwait(false);
        string[] afterwards =
        [
            $"INSERT INTO {table} ({columns}) OVERRIDING SYSTEM VALUE SELECT {columns} FROM {Waiting} WHERE {SessionSettings.RolePathHolds}",
            SessionSettings.UseFixedPath,
            $"DROP TABLE {Waiting}",
        ];
        return await BeginAsync(open, $"{Waiting} ({columns})", afterwards, cancellationToken).ConfigureAwait(false);
    }

    private static async Task<CopyTarget> BeginAsync(
        NpgsqlConnection open, string table, string[] afterwards, CancellationToken cancellationToken)
    {
        var stream = await open.BeginRawBinaryCopyAsync($"COPY {table} FROM STDIN (FORMAT binary)", cancellationToken).ConfigureAwait(false);
        var target = new CopyTarget(open, stream, afterwards);
        await stream.WriteAsync(Header, cancellationToken).ConfigureAwait(false);
        return target;
    }

    /// <summary>Limits each wait for the server: one that hangs never answers the end of the data, which nothing can cancel.</summary>
    public void LimitWaits(TimeSpan limit)
    {
        var milliseconds = (int)Math.Min(int.MaxValue, limit.TotalMilliseconds);
        _stream.WriteTimeout = milliseconds;
        _stream.ReadTimeout = milliseconds;
    }

    /// <summary>Sends rows.</summary>
    public ValueTask SendAsync(RowBlock block, CancellationToken cancellationToken) => SendAsync(block.Memory, cancellationToken);

    /// <summary>Sends rows.</summary>
    public ValueTask SendAsync(ReadOnlyMemory<byte> rows, CancellationToken cancellationToken) =>
        _stream.WriteAsync(rows, cancellationToken);

    /// <summary>Ends the data and waits until the server has taken all rows.</summary>
    public async Task CompleteAsync(CancellationToken cancellationToken)
    {
        await _stream.WriteAsync(Trailer, cancellationToken).ConfigureAwait(false);
        _ended = true;
        await _stream.DisposeAsync().ConfigureAwait(false);
        var commands = new CommandBatch(_open);
        foreach (var statement in _afterwards)
        {
            commands.Add(statement);
        }

        await commands.ExecuteAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Gives up, unless <see cref="CompleteAsync"/> was called: the server drops what it got.</summary>
    public async ValueTask DisposeAsync()
    {
        // There is nothing to give up on a connection that broke, and Npgsql's stream cannot be touched any more.
        if (_ended || _open.State != System.Data.ConnectionState.Open)
        {
            return;
        }

        _ended = true;
        try
        {
            // A server that hangs must not hold us up: after this the connection counts as broken.
            LimitWaits(Patience);
            await _stream.CancelAsync().ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is NpgsqlException or IOException or ObjectDisposedException or InvalidOperationException)
        {
            // The server, or the connection, has given up before us; the error that led here is on its way already.
        }
    }
}
