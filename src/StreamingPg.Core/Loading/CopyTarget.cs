using Npgsql;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Model;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Loading;

/// <summary>One COPY ... FROM STDIN (FORMAT binary) in progress: blocks of rows go straight to the server.</summary>
/// <remarks>
/// PostgreSQL refuses COPY into a table whose row-level security holds for the role and of some
/// types the server alone can read the text. Rows for such a table go to a temporary one, and an INSERT takes them from there.
/// </remarks>
internal sealed class CopyTarget : IAsyncDisposable
{
    // Signature, flags (none) and length of the header's extension (none): PostgreSQL documentation, COPY, "File Header".
    private static readonly byte[] Header = [.. "PGCOPY\n"u8, 0xFF, .. "\r\n\0"u8, 0, 0, 0, 0, 0, 0, 0, 0];

    // A field count of -1 ends the data.
    private static readonly byte[] Trailer = [0xFF, 0xFF];

    private const string Waiting = "pg_temp.streamingpg_waiting";

    // A server that froze must not hold up whoever gives up.
    private static readonly TimeSpan CancelTimeout = TimeSpan.FromSeconds(1);

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
        List<ColumnModel> sent = [.. sentColumns];
        var columns = Identifier.QuoteList(sent.Select(column => column.Name));
        var takesCopy = true;
        var path = new CommandBatch(open);
        path.Query("SELECT NOT row_security_active($1)", row => takesCopy = row.GetBoolean(0), Parameter.Of(name));
        path.Query(SessionSettings.UseRolePath, _ => { });
        await path.ExecuteAsync(cancellationToken).ConfigureAwait(false);
        return takesCopy && !sent.Exists(column => column.Type.IsLiteral)
            ? await StartAsync(open, $"{name} ({columns})", [SessionSettings.UseFixedPath], cancellationToken).ConfigureAwait(false)
            : await BeginToInsertAsync(open, schema, name, sent, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Begins to load a temporary table, whose name is quoted.</summary>
    public static Task<CopyTarget> BeginAsync(NpgsqlConnection open, string table, CancellationToken cancellationToken) =>
        StartAsync(open, table, [], cancellationToken);

    private static async Task<CopyTarget> BeginToInsertAsync(
        NpgsqlConnection open, string schema, string table, List<ColumnModel> sent, CancellationToken cancellationToken)
    {
        var columns = Identifier.QuoteList(sent.Select(column => column.Name));
        var copied = string.Join(", ", sent.Select(column => $"{ColumnSql.AsCopied(column)} AS {Identifier.Quote(column.Name)}"));
        var values = string.Join(", ", sent.Select(column => ColumnSql.FromCopied(schema, column, Identifier.Quote(column.Name))));
        var create = new CommandBatch(open);
        create.Add(SessionSettings.UseFixedPath);
        create.Add($"CREATE TEMPORARY TABLE {Waiting} ON COMMIT DROP AS SELECT {copied} FROM {table} WITH NO DATA");
        await create.ExecuteAsync(cancellationToken).ConfigureAwait(false);
        string[] afterwards =
        [
            $"INSERT INTO {table} ({columns}) OVERRIDING SYSTEM VALUE SELECT {values} FROM {Waiting} WHERE {SessionSettings.RolePathHolds}",
            SessionSettings.UseFixedPath,
            $"DROP TABLE {Waiting}",
        ];
        return await StartAsync(open, $"{Waiting} ({columns})", afterwards, cancellationToken).ConfigureAwait(false);
    }

    private static async Task<CopyTarget> StartAsync(
        NpgsqlConnection open, string table, string[] afterwards, CancellationToken cancellationToken)
    {
        var stream = await ServerCall.RunAsync(
            open, stop => open.BeginRawBinaryCopyAsync($"COPY {table} FROM STDIN (FORMAT binary)", stop), cancellationToken).ConfigureAwait(false);
        var target = new CopyTarget(open, stream, afterwards);
        await target.SendAsync(Header, cancellationToken).ConfigureAwait(false);
        return target;
    }

    /// <summary>Sends rows.</summary>
    public Task SendAsync(ReadOnlyMemory<byte> rows, CancellationToken cancellationToken) =>
        ServerCall.RunAsync(_open, stop => _stream.WriteAsync(rows, stop).AsTask(), cancellationToken);

    /// <summary>Ends the data and waits until the server has taken all rows.</summary>
    public async Task CompleteAsync(CancellationToken cancellationToken)
    {
        await SendAsync(Trailer, cancellationToken).ConfigureAwait(false);
        _ended = true;
        await ServerCall.RunAsync(_open, _ => _stream.DisposeAsync().AsTask(), cancellationToken).ConfigureAwait(false);
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
        if (!_ended)
        {
            _ended = true;
            await GiveUpAsync(_open, _stream).ConfigureAwait(false);
        }
    }

    /// <summary>Gives up a COPY, to the server or from it, as far as the connection still answers.</summary>
    public static async Task GiveUpAsync(NpgsqlConnection open, NpgsqlRawCopyStream stream)
    {
        // There is nothing to give up on a connection that broke, and Npgsql's stream cannot be touched any more.
        if (ServerCall.IsLost(open) || open.State != System.Data.ConnectionState.Open)
        {
            return;
        }

        using var limit = new CancellationTokenSource(CancelTimeout);
        try
        {
            await ServerCall.RunAsync(open, _ => stream.CancelAsync(), limit.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception
            is NpgsqlException or IOException or ObjectDisposedException or InvalidOperationException or OperationCanceledException)
        {
            // The server, or the connection, has given up before us; the error that led here is on its way already.
        }
    }
}
