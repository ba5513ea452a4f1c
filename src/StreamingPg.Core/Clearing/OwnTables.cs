using Npgsql;
using StreamingPg.Core.Catalog;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Growth;
using StreamingPg.Core.Ledger;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Clearing;

/// <summary>
/// The tables of a model as they are, and how many of their rows the ledger knows: it counts every row that StreamingPg loaded or removed, so
/// what a table has beyond that is somebody else's.
/// </summary>
internal sealed class OwnTables
{
    private static readonly TimeSpan LockTimeout = TimeSpan.FromSeconds(2);

    private readonly StreamModel _model;
    private readonly Dictionary<string, long> _rows = new(StringComparer.Ordinal);
    private Dictionary<string, long> _loaded = new(StringComparer.Ordinal);

    private OwnTables(StreamModel model) => _model = model;

    /// <summary>The tables that exist.</summary>
    public IReadOnlyList<TableModel> Existing { get; private init; } = [];

    /// <summary>True if there is a ledger.</summary>
    public bool HasLedger { get; private init; }

    /// <summary>True if the ledger tells of other tables, too, so that it must stay.</summary>
    public bool HasOthers => _loaded.Keys.Any(table => _model.Find(table) is null);

    /// <summary>Rows of a table.</summary>
    public long RowsOf(TableModel table) => _rows[table.Name];

    /// <summary>Rows of a table that the ledger counts: added less removed.</summary>
    public long LoadedRowsOf(TableModel table) => _loaded.GetValueOrDefault(table.Name);

    /// <summary>True if StreamingPg loaded rows of the table.</summary>
    public bool IsLoaded(TableModel table) => _loaded.ContainsKey(table.Name);

    /// <summary>Reads what there is.</summary>
    /// <param name="session">Session with a transaction.</param>
    /// <param name="model">The tables.</param>
    /// <param name="locks">True to lock the tables first, so that what is read stays true until the end of the transaction.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async Task<OwnTables> ReadAsync(Session session, StreamModel model, bool locks, CancellationToken cancellationToken)
    {
        var live = await CatalogReader.ReadAsync(
            session.Open, session.Schema, model.Tables.Select(table => table.Name).Append(LedgerTable.Name), cancellationToken).ConfigureAwait(false);
        var tables = new OwnTables(model)
        {
            Existing = [.. model.Tables.Where(table => live.Tables.ContainsKey(table.Name))],
            HasLedger = live.Tables.ContainsKey(LedgerTable.Name),
        };
        if (locks)
        {
            await tables.LockAsync(session, cancellationToken).ConfigureAwait(false);
        }

        foreach (var table in tables.Existing)
        {
            await session.QueryAsync(
                $"SELECT count(*) FROM {session.Quote(table.Name)}", row => tables._rows[table.Name] = row.GetInt64(0), cancellationToken).ConfigureAwait(false);
        }

        if (tables.HasLedger)
        {
            tables._loaded = await new LedgerGrowth(session.Open, session.Quote(LedgerTable.Name), cancellationToken).OfAllAsync().ConfigureAwait(false);
        }

        return tables;
    }

    /// <summary>Refuses tables with rows that StreamingPg did not load, or may have.</summary>
    /// <exception cref="StreamingException">There are some, or they could be hidden.</exception>
    public async Task RefuseForeignRowsAsync(Session session, CancellationToken cancellationToken)
    {
        await RowSecurity.RefuseAsync(
            session.Open, session.Schema, [.. Existing.Select(table => table.Name)], "Nothing was removed.", cancellationToken).ConfigureAwait(false);
        var foreign = Existing
            .Select(table => (table.Name, Count: RowsOf(table) - _loaded.GetValueOrDefault(table.Name)))
            .Where(table => table.Count > 0).ToList();
        if (foreign.Count > 0)
        {
            throw new StreamingException(
                ErrorIds.RowsNotLoadedByUs,
                StreamingErrorKind.InvalidInput,
                $"Rows were not loaded by StreamingPg: {string.Join(", ", foreign.Select(table => $"{DisplayText.Count(table.Count)} of \"{table.Name}\""))}. Nothing was removed.",
                "Look whose they are; -Force (--force) removes them, too.",
                foreign[0].Name);
        }
    }

    /// <summary>The error for tables that another session uses; others stay as they are.</summary>
    public static StreamingException InUse(DatabaseConnection connection, PostgresException cause) => new(
        ErrorIds.TablesInUse,
        StreamingErrorKind.Timeout,
        $"Another session uses the tables in {connection}, so they were not locked within {LockTimeout.TotalSeconds:0} seconds. Nothing was removed.",
        "Stop streams, imports and whatever else has a transaction open, and try again.",
        connection.ToString(),
        cause);

    private async Task LockAsync(Session session, CancellationToken cancellationToken)
    {
        var names = Existing.Select(table => table.Name).Concat(HasLedger ? [LedgerTable.Name] : Array.Empty<string>()).Select(session.Quote).ToList();
        if (names.Count == 0)
        {
            return;
        }

        var commands = session.NewCommands();
        commands.Query($"SELECT set_config('lock_timeout', '{LockTimeout.TotalSeconds:0}s', true)", _ => { });
        commands.Add($"LOCK TABLE {string.Join(", ", names)} IN ACCESS EXCLUSIVE MODE");
        await commands.ExecuteAsync(cancellationToken).ConfigureAwait(false);
    }
}
