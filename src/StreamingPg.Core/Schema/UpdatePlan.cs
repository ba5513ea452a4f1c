using Npgsql;
using StreamingPg.Core.Catalog;
using StreamingPg.Core.Keys;
using StreamingPg.Core.Ledger;
using StreamingPg.Core.Model;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Schema;

/// <summary>Works out the steps from the tables as they are to the model, and counts the rows that they touch.</summary>
internal sealed class UpdatePlan
{
    private readonly NpgsqlConnection _open;
    private readonly string _schema;
    private readonly StreamModel _model;
    private readonly SchemaUpdateOptions _options;
    private readonly LiveSchema _live;

    private UpdatePlan(NpgsqlConnection open, string schema, StreamModel model, SchemaUpdateOptions options, LiveSchema live)
    {
        _open = open;
        _schema = schema;
        _model = model;
        _options = options;
        _live = live;
    }

    /// <summary>The steps in the order in which they must run; those that are not wanted as well.</summary>
    public static async Task<IReadOnlyList<UpdateStep>> MakeAsync(
        NpgsqlConnection open, string schema, StreamModel model, SchemaUpdateOptions options, CancellationToken cancellationToken)
    {
        var tables = model.Tables.Select(table => table.Name).Append(LedgerTable.Name);
        var live = await CatalogReader.ReadAsync(open, schema, tables, cancellationToken).ConfigureAwait(false);
        var stored = await LayoutReader.ReadAsync(open, schema, model, cancellationToken).ConfigureAwait(false);
        var now = DateTime.UtcNow;
        var ahead = await PartitionKeeper.PlanAsync(open, schema, stored, _ => now, now, cancellationToken).ConfigureAwait(false);
        var waiting = await PartitionKeeper.PlanForWaitingAsync(open, schema, stored, cancellationToken).ConfigureAwait(false);
        var partitions = ahead.Concat(waiting).DistinctBy(step => step.Change.Name);
        var steps = await new UpdatePlan(open, schema, KeyTypes.AsLive(stored, live), options, live).MakeAsync(cancellationToken).ConfigureAwait(false);
        var created = steps.Where(step => step is { Kind: "table", Need: UpdateNeed.Nothing }).Select(step => step.Table).ToHashSet(StringComparer.Ordinal);
        return
        [
            .. steps,
            .. model.Tables.Where(table => live.Tables.ContainsKey(table.Name)).SelectMany(table => LayoutSteps(table, stored.Table(table.Name))),
            .. partitions.Where(step => live.Tables.ContainsKey(step.Table!) || created.Contains(step.Table!)).Select(step => new UpdateStep("partition", step.Table ?? "", step.Change.Name, "create", UpdateNeed.Nothing, step.Statements)),
        ];
    }

    private static IEnumerable<UpdateStep> LayoutSteps(TableModel wanted, TableModel stored) =>
        LayoutDifference.Find(wanted.Layout, stored.Layout).Select(difference => new UpdateStep("layout", wanted.Name, wanted.Name, "change", UpdateNeed.Person, [])
        {
            Reason = $"How a table is stored is not changed: {difference}. Create the tables in another schema, and load them there.",
        });

    private async Task<IReadOnlyList<UpdateStep>> MakeAsync(CancellationToken cancellationToken)
    {
        var labels = _model.UserTypes.SelectMany(NewLabels).ToList();
        var changes = new List<UpdateStep>();
        var indexes = new List<UpdateStep>();
        var names = new ObjectNames(_live.RelationNames.Concat(_model.Tables.Select(table => table.Name)));
        var updated = new Dictionary<string, LiveTable>(_live.Tables, StringComparer.Ordinal);
        foreach (var table in _model.Tables.Where(table => _live.Tables.ContainsKey(table.Name)))
        {
            var live = _live.Tables[table.Name];
            var steps = await CountAsync(TableUpdate.Make(_schema, _model, table, live, _live), cancellationToken).ConfigureAwait(false);
            changes.AddRange(steps);
            var notAdded = steps.Where(step => step.Effect == ColumnEffect.Added && !step.IsWanted(_options)).Select(step => step.Name).ToList();
            var (create, after) = IndexUpdate.Make(_schema, table, live, names, notAdded);
            indexes.AddRange(create);
            if (steps.All(step => step.IsWanted(_options) || step.Effect == ColumnEffect.Dropped))
            {
                updated[table.Name] = AsUpdated(table, live, after);
            }
        }

        var creates = SchemaPlan.Make(_schema, _model, _live with
        {
            Tables = updated,
            RelationNames = _live.RelationNames.Concat(indexes.Select(index => index.Name)).ToHashSet(StringComparer.Ordinal),
            Types = _live.Types.ToDictionary(type => type.Key, type => AsUpdated(type.Value), StringComparer.Ordinal),
        });

        // What is new comes first: columns and foreign keys may need it. Nothing new needs a foreign key that is changed.
        return [.. labels, .. creates.SelectMany(OfCreation), .. changes, .. indexes];
    }

    /// <summary>Values that an enum lacks. (A server's own type is not changed in any other way.)</summary>
    private IEnumerable<UpdateStep> NewLabels(UserTypeModel type) =>
        type.Base is null && _live.Types.TryGetValue(type.Name, out var live) && live.Labels.Count > 0
            ? type.Labels.Except(live.Labels).Select(label => new UpdateStep(
                "type",
                "",
                type.Name,
                $"add the value \"{label}\"",
                UpdateNeed.Nothing,
                [$"ALTER TYPE {Identifier.Quote(_schema, type.Name)} ADD VALUE {Identifier.Literal(label)}"]))
            : [];

    private LiveType AsUpdated(LiveType live) => _model.UserTypes.FirstOrDefault(type => type.Name == live.Name) is { } type && live.Labels.Count > 0
        ? live with { Labels = [.. live.Labels.Union(type.Labels)] }
        : live;

    /// <summary>A table as it is after its steps; columns that are not dropped stay.</summary>
    private LiveTable AsUpdated(TableModel table, LiveTable live, List<LiveIndex> indexes) => live with
    {
        Columns =
        [
            .. table.Columns.Select(column => new LiveColumn(column.Name, column.Type.ToCatalogName())
            {
                IsNullable = column.IsNullable != false,
                HasDefault = true,
                IsGenerated = column.Expression is not null,
                Sequence = column.IsAutoIncrement ? "" : null, // whichever it is
            }),
            .. live.Columns.Where(column => !table.HasColumn(column.Name) && !_options.Force),
        ],
        ForeignKeys =
        [
            .. table.ForeignKeys.Select(key => StoredKeys.ForeignKey(_model, table, key)).OfType<ForeignKeyModel>().Select(key => new LiveForeignKey("", key.Columns, _schema, key.ParentTable, key.ParentColumns)
            {
                Schema = _schema,
                Table = table.Name,
            }),
        ],
        Indexes = indexes,
    };

    private IEnumerable<UpdateStep> OfCreation(SchemaStep step)
    {
        var change = step.Change;
        var table = step.Table ?? "";
        return change.Action switch
        {
            SchemaAction.WouldCreate => [new UpdateStep(change.Kind, table, change.Name, "create", UpdateNeed.Nothing, step.Statements)],

            // The steps of an existing table say so themselves.
            SchemaAction.Different when step.Table is null || !_live.Tables.ContainsKey(step.Table) =>
                [new UpdateStep(change.Kind, table, change.Name, "create or change", UpdateNeed.Person, []) { Reason = change.Detail }],
            _ => [],
        };
    }

    private async Task<IReadOnlyList<UpdateStep>> CountAsync(IReadOnlyList<UpdateStep> steps, CancellationToken cancellationToken)
    {
        var counted = new List<UpdateStep>(steps.Count);
        foreach (var step in steps)
        {
            if (step.CountSql is null)
            {
                counted.Add(step);
                continue;
            }

            await using var count = new NpgsqlCommand(step.CountSql, _open) { CommandTimeout = 0 };
            counted.Add(step with { Rows = (long)(await count.ReadValueAsync(cancellationToken).ConfigureAwait(false))! });
        }

        return counted;
    }
}
