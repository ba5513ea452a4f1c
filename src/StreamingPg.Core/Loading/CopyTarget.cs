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
    private readonly int _server;
    private bool _ended;

    private CopyTarget(NpgsqlConnection open, NpgsqlRawCopyStream stream, string[] afterwards, int server)
    {
        _server = server;
        _open = open;
        _afterwards = afterwards;
        _stream = stream;
    }

    /// <summary>Begins to load some columns of a table of the user's. Its triggers have the role's own search path, which holds until the load is complete.</summary>
    public static async Task<CopyTarget> BeginAsync(
        NpgsqlConnection open, string schema, string table, IEnumerable<ColumnModel> sentColumns, CancellationToken cancellationToken)
    {
        var commands = new CommandBatch(open);
        var tables = CopyTables.Ask(commands, schema, [table]);
        await commands.ExecuteAsync(cancellationToken).ConfigureAwait(false);
        return await BeginAsync(open, tables, table, [.. sentColumns], option: "", SessionSettings.UseFixedPath, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Begins to load some columns of one of several tables of the user's. The role's own search path, which they were asked for with, goes on to hold.</summary>
    /// <param name="open">The connection.</param>
    /// <param name="tables">What the server said of the tables.</param>
    /// <param name="table">The table.</param>
    /// <param name="sentColumns">The columns.</param>
    /// <param name="freezes">True to write rows that no vacuum has to look at; this transaction must have truncated the table.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static Task<CopyTarget> BeginAsync(
        NpgsqlConnection open, CopyTables tables, string table, IEnumerable<ColumnModel> sentColumns, bool freezes, CancellationToken cancellationToken) =>
        BeginAsync(open, tables, table, [.. sentColumns], freezes ? ", FREEZE" : "", pathAfterwards: null, cancellationToken);

    private static Task<CopyTarget> BeginAsync(
        NpgsqlConnection open, CopyTables tables, string table, List<ColumnModel> sent, string option, string? pathAfterwards, CancellationToken cancellationToken)
    {
        var name = Identifier.Quote(tables.Schema, table);
        return tables.TakesCopy(table) && !sent.Exists(column => column.Type.IsLiteral)
            ? StartAsync(
                open,
                $"{name} ({Identifier.QuoteList(sent.Select(column => column.Name))})",
                pathAfterwards is null ? [] : [pathAfterwards],
                cancellationToken,
                option,
                tables.Server)
            : BeginToInsertAsync(open, tables.Schema, name, sent, pathAfterwards ?? SessionSettings.UseRolePath, cancellationToken);
    }

    /// <summary>Begins to load a temporary table, whose name is quoted.</summary>
    public static Task<CopyTarget> BeginAsync(NpgsqlConnection open, string table, CancellationToken cancellationToken) =>
        StartAsync(open, table, [], cancellationToken);

    private static async Task<CopyTarget> BeginToInsertAsync(
        NpgsqlConnection open, string schema, string table, List<ColumnModel> sent, string pathAfterwards, CancellationToken cancellationToken)
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
            pathAfterwards,
        ];
        return await StartAsync(open, $"{Waiting} ({columns})", afterwards, cancellationToken).ConfigureAwait(false);
    }

    private static async Task<CopyTarget> StartAsync(
        NpgsqlConnection open, string table, string[] afterwards, CancellationToken cancellationToken, string option = "", int server = 0)
    {
        var stream = await ServerCall.RunAsync(
            open, stop => open.BeginRawBinaryCopyAsync($"COPY {table} FROM STDIN (FORMAT binary{option})", stop), cancellationToken).ConfigureAwait(false);
        var target = new CopyTarget(open, stream, afterwards, server);
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
        try
        {
            await ServerCall.RunAsync(_open, _ => _stream.DisposeAsync().AsTask(), cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_server != 0)
        {
            await StopServerAsync().ConfigureAwait(false);
            throw;
        }

        var commands = new CommandBatch(_open);
        foreach (var statement in _afterwards)
        {
            commands.Add(statement);
        }

        await commands.ExecuteAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Ends what the server still does for rows that it has, such as triggers, which would hold its locks meanwhile: the driver cannot while
    /// it waits for the end of a COPY.
    /// </summary>
    private async Task StopServerAsync()
    {
        using var limit = new CancellationTokenSource(CancelTimeout);
        try
        {
            await ServerCall.OnAnotherAsync(
                _open,
                async (other, stop) =>
                {
                    await using var command = new NpgsqlCommand(
                        "SELECT pg_catalog.pg_cancel_backend(pid) FROM pg_catalog.pg_stat_activity WHERE pid OPERATOR(pg_catalog.=) $1 AND query OPERATOR(pg_catalog.~~) 'COPY %'", other)
                    {
                        Parameters = { Parameter.Of(_server) },
                    };
                    await command.ReadValueAsync(stop).ConfigureAwait(false);
                },
                limit.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is NpgsqlException or OperationCanceledException)
        {
            // No second connection, or a server that stands still: it ends the statement by itself, and then sees that nobody is there.
        }
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

/// <summary>What is asked of tables of the user's before rows are copied into them, in one round trip for all.</summary>
internal sealed class CopyTables
{
    private readonly HashSet<string> _refusing = new(StringComparer.Ordinal);

    private CopyTables(string schema) => Schema = schema;

    /// <summary>Schema of the tables.</summary>
    public string Schema { get; }

    /// <summary>Process of the server's session.</summary>
    public int Server { get; private set; }

    /// <summary>Asks. Afterwards the role's own search path holds, on which triggers of the tables may rely.</summary>
    public static CopyTables Ask(CommandBatch commands, string schema, IReadOnlyList<string> tables)
    {
        var asked = new CopyTables(schema);
        commands.Query(
            """
            SELECT pg_backend_pid(), ARRAY(SELECT number::integer FROM unnest($1) WITH ORDINALITY AS t (name, number) WHERE row_security_active(name))
            """,
            row =>
            {
                asked.Server = row.GetInt32(0);
                asked._refusing.UnionWith(row.GetFieldValue<int[]>(1).Select(number => tables[number - 1]));
            },
            Parameter.Of(tables.Select(table => Identifier.Quote(schema, table)).ToArray()));
        commands.Query(SessionSettings.UseRolePath, _ => { });
        return asked;
    }

    /// <summary>False for a table whose row-level security holds for the role.</summary>
    public bool TakesCopy(string table) => !_refusing.Contains(table);
}
