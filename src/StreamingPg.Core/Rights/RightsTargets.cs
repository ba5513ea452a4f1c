using Npgsql;
using StreamingPg.Core.Catalog;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Keys;
using StreamingPg.Core.Ledger;
using StreamingPg.Core.Model;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Rights;

/// <summary>The objects of a database that rights are needed on.</summary>
internal sealed class RightsTargets
{
    private const string TablesSql =
        """
        SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = $1 AND c.relname = ANY ($2) AND c.relkind IN ('r', 'p')
        """;

    private const string SequencesSql =
        $"""
        SELECT sn.nspname::text, s.relname::text
        FROM unnest($2::text[], $3::text[]) AS w (relation, attribute)
        JOIN pg_class c ON c.relname = w.relation
        JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = $1
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = w.attribute AND NOT a.attisdropped
        JOIN pg_class s ON s.oid = {SequenceReader.SequenceOfColumn}
        JOIN pg_namespace sn ON sn.oid = s.relnamespace
        """;

    // What an extension brought along is not the user's.
    private const string LiveTablesSql =
        """
        SELECT c.relname::text, a.attname::text, EXISTS (SELECT FROM pg_constraint k WHERE k.contype = 'f' AND k.confrelid = c.oid)
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = coalesce((SELECT k.conkey[1] FROM pg_constraint k WHERE k.contype = 'p' AND k.conrelid = c.oid),
            (SELECT min(o.attnum) FROM pg_attribute o WHERE o.attrelid = c.oid AND o.attnum > 0 AND NOT o.attisdropped))
        WHERE n.nspname = $1 AND c.relname <> $2 AND c.relkind IN ('r', 'p') AND NOT c.relispartition
          AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
        ORDER BY c.oid
        """;

    private const string LiveSequencesSql =
        $"""
        SELECT sn.nspname::text, s.relname::text
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = $1
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        JOIN pg_class s ON s.oid = {SequenceReader.SequenceOfColumn}
        JOIN pg_namespace sn ON sn.oid = s.relnamespace
        WHERE c.relname = ANY ($2)
        """;

    private const string LiveOutsideSql =
        """
        SELECT DISTINCT pn.nspname::text, p.relname::text, a.attname::text
        FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_class p ON p.oid = k.confrelid JOIN pg_namespace pn ON pn.oid = p.relnamespace
        CROSS JOIN unnest(k.confkey) AS number JOIN pg_attribute a ON a.attrelid = p.oid AND a.attnum = number
        WHERE k.contype = 'f' AND n.nspname = $1 AND pn.oid <> n.oid AND c.relname = ANY ($2)
        ORDER BY 1, 2, 3
        """;

    private readonly string _schema;
    private readonly StreamModel _model;
    private readonly List<(string Name, string Column, bool IsParent)> _liveTables = [];
    private readonly List<(string Schema, string Name)> _liveSequences = [];
    private readonly List<(string Schema, string Name, string Column)> _liveOutside = [];
    private readonly HashSet<string> _live = new(StringComparer.Ordinal);
    private readonly List<(string Schema, string Name)> _sequences = [];
    private readonly List<LiveForeignKey> _referring = [];

    private RightsTargets(string schema, StreamModel model)
    {
        _schema = schema;
        _model = model;
    }

    /// <summary>The tables of the model, and the ledger.</summary>
    public IEnumerable<string> Tables => _model.Tables.Select(table => table.Name).Append(LedgerTable.Name);

    /// <summary>The tables of the schema, where they were asked for.</summary>
    public IEnumerable<string> LiveTables => _liveTables.Select(table => table.Name);

    /// <summary>True when the ledger is there.</summary>
    public bool HasLedger => _live.Contains(LedgerTable.Name);

    /// <summary>Finds the objects.</summary>
    /// <param name="open">An open connection, in a transaction.</param>
    /// <param name="schema">The schema.</param>
    /// <param name="model">The tables.</param>
    /// <param name="live">True for all tables of the schema, too.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async Task<RightsTargets> ReadAsync(NpgsqlConnection open, string schema, StreamModel model, bool live, CancellationToken cancellationToken)
    {
        model = await LayoutReader.ReadAsync(open, schema, model, cancellationToken).ConfigureAwait(false);
        var targets = new RightsTargets(schema, model);
        var numbered = model.Tables.Where(table => table.SequenceColumn is not null).ToList();
        var commands = new CommandBatch(open);
        commands.Query(TablesSql, row => targets._live.Add(row.GetString(0)), Parameter.Of(schema), Parameter.Of(targets.Tables.ToArray()));
        commands.Query(
            SequencesSql,
            row => targets._sequences.Add((row.GetString(0), row.GetString(1))),
            Parameter.Of(schema),
            Parameter.Of(numbered.Select(table => table.Name).ToArray()),
            Parameter.Of(numbered.Select(table => table.SequenceColumn!.Name).ToArray()));
        await commands.ExecuteAsync(cancellationToken).ConfigureAwait(false);
        var referring = await CatalogReader.ReadReferringAsync(open, schema, model.Tables.Select(table => table.Name), cancellationToken).ConfigureAwait(false);
        targets._referring.AddRange(referring.SelectMany(keys => keys).Where(key => key.Schema != schema || model.Find(key.Table) is null));
        if (live)
        {
            await targets.ReadLiveAsync(open, cancellationToken).ConfigureAwait(false);
        }

        return targets;
    }

    private async Task ReadLiveAsync(NpgsqlConnection open, CancellationToken cancellationToken)
    {
        var commands = new CommandBatch(open);
        commands.Query(
            LiveTablesSql,
            row => _liveTables.Add((row.GetString(0), row.GetString(1), row.GetBoolean(2))),
            Parameter.Of(_schema),
            Parameter.Of(LedgerTable.Name));
        await commands.ExecuteAsync(cancellationToken).ConfigureAwait(false);
        string[] names = [.. LiveTables];
        var of = new CommandBatch(open);
        of.Query(LiveSequencesSql, row => _liveSequences.Add((row.GetString(0), row.GetString(1))), Parameter.Of(_schema), Parameter.Of(names));
        of.Query(LiveOutsideSql, row => _liveOutside.Add((row.GetString(0), row.GetString(1), row.GetString(2))), Parameter.Of(_schema), Parameter.Of(names));
        await of.ExecuteAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The tables that are needed and are not there.</summary>
    public IEnumerable<string> MissingTables(IReadOnlyCollection<NeededRights> needed) =>
        Tables.Where(table => !_live.Contains(table) && needed.Any(right =>
            right.Case is null && right.On == (table == LedgerTable.Name ? RightsObject.Ledger : RightsObject.Tables)));

    /// <summary>Single rights on single objects.</summary>
    public IEnumerable<WantedRight> Of(NeededRights needed) => needed.On switch
    {
        RightsObject.Schema => Each(needed, GrantKind.Schema, _schema, ""),
        RightsObject.Database => Each(needed, GrantKind.Database, "", ""),
        RightsObject.Ledger => Each(needed, GrantKind.Table, _schema, LedgerTable.Name),
        RightsObject.Tables => _model.Tables.SelectMany(table => Each(needed, GrantKind.Table, _schema, table.Name)),
        RightsObject.AgingTables => AgingTables.SelectMany(table => Each(needed, GrantKind.Table, _schema, table.Name)),
        RightsObject.ColumnOfAgingTables => AgingTables.SelectMany(table => AnyColumn(needed, table)),
        RightsObject.ColumnOfTables => _model.Tables.SelectMany(table => AnyColumn(needed, table)),
        RightsObject.Parents => Parents.SelectMany(table => Each(needed, GrantKind.Table, _schema, table.Name)),
        RightsObject.ColumnOfParents => Parents.SelectMany(table => AnyColumn(needed, table)),
        RightsObject.PartitionedTables => _model.Tables.Where(table => StoredKeys.Widened(table).Any()).SelectMany(table => Each(needed, GrantKind.Table, _schema, table.Name)),
        RightsObject.UnenforcedParents => UnenforcedParents.SelectMany(table => Each(needed, GrantKind.Table, _schema, table.Name)),
        RightsObject.ColumnOfUnenforcedParents => UnenforcedParents.SelectMany(table => AnyColumn(needed, table)),
        RightsObject.UnenforcedChildren => _model.Tables.Where(table => table.ForeignKeys.Any(key => StoredKeys.IsUnenforced(_model, table, key)))
            .SelectMany(table => Each(needed, GrantKind.Table, _schema, table.Name)),
        RightsObject.Sums => SumRule.Of(_model).SelectMany(sum => Each(needed, GrantKind.Table, _schema, sum.Whole.Name, sum.Column.Name)),
        RightsObject.ReferringKeys => _referring.SelectMany(key => key.Columns
            .SelectMany(column => Each(needed, GrantKind.Table, key.Schema, key.Table, column))
            .Append(new WantedRight(GrantKind.Schema, key.Schema, "", "USAGE", needed.Case))),
        RightsObject.OutsideParents => _model.Tables.SelectMany(table => table.OutsideKeys).SelectMany(key =>
            key.ParentColumns.SelectMany(column => Each(needed, GrantKind.Table, key.Schema, key.Table, column))
            .Append(new WantedRight(GrantKind.Schema, key.Schema, "", "USAGE", needed.Case))),
        RightsObject.LiveTables => _liveTables.SelectMany(table => Each(needed, GrantKind.Table, _schema, table.Name)),
        RightsObject.ColumnOfLiveParents => _liveTables.Where(table => table.IsParent).SelectMany(table => AnyColumn(needed, table.Name, table.Column)),
        RightsObject.LiveOutsideParents => _liveOutside.SelectMany(parent => Each(needed, GrantKind.Table, parent.Schema, parent.Name, parent.Column)
            .Append(new WantedRight(GrantKind.Schema, parent.Schema, "", "USAGE", needed.Case))),
        RightsObject.LiveSequences => _liveSequences.SelectMany(sequence => Each(needed, GrantKind.Sequence, sequence.Schema, sequence.Name)),
        RightsObject.Sequences => _sequences.SelectMany(sequence => Each(needed, GrantKind.Sequence, sequence.Schema, sequence.Name)),
        RightsObject.Owner => _model.Tables.SelectMany(table => Each(needed, GrantKind.Owner, _schema, table.Name)),
        _ => [], // a setting is no object
    };

    private IEnumerable<TableModel> AgingTables => _model.Tables.Where(table => RowTimestamp.Ages(_model, table));

    private IEnumerable<TableModel> UnenforcedParents => _model.Tables.Where(table => StoredKeys.NeedsLock(_model, table));

    private IEnumerable<TableModel> Parents =>
        _model.Tables.Where(table => _model.Tables.Any(child => child.ForeignKeys.Any(key => key.ParentTable == table.Name)));

    private static IEnumerable<WantedRight> Each(NeededRights needed, string kind, string schema, string name, string? column = null) =>
        needed.Privileges.Select(privilege => new WantedRight(kind, schema, name, privilege, needed.Case) { Column = column });

    /// <summary>Enough for a lock; the key, which nobody changes, is as good as any.</summary>
    private IEnumerable<WantedRight> AnyColumn(NeededRights needed, TableModel table) =>
        AnyColumn(needed, table.Name, table.PrimaryKey.Count > 0 ? table.PrimaryKey[0] : table.Columns[0].Name);

    private IEnumerable<WantedRight> AnyColumn(NeededRights needed, string table, string column) =>
        Each(needed, GrantKind.Table, _schema, table, column).Select(right => right with { IsAnyColumn = true });
}

/// <summary>One right on one object.</summary>
/// <param name="Kind">What the object is, one of <see cref="GrantKind"/>.</param>
/// <param name="Schema">Its schema.</param>
/// <param name="Name">Its name.</param>
/// <param name="Privilege">The right.</param>
/// <param name="Case">The case that needs it; null if it is always needed.</param>
internal sealed record WantedRight(string Kind, string Schema, string Name, string Privilege, string? Case)
{
    /// <summary>The column that it is on; null for the whole object.</summary>
    public string? Column { get; init; }

    /// <summary>True when any other column is as good.</summary>
    public bool IsAnyColumn { get; init; }

    /// <summary>Owner of the object, once that is known.</summary>
    public string Owner { get; init; } = "";

    /// <summary>The same for what is the same right, in whatever case.</summary>
    public (string Kind, string Schema, string Name, string Privilege, string? Column) Key => (Kind, Schema, Name, Privilege, Column);
}
