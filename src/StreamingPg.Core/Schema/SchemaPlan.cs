using StreamingPg.Core.Catalog;
using StreamingPg.Core.Keys;
using StreamingPg.Core.Ledger;
using StreamingPg.Core.Model;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Schema;

/// <summary>Works out what a schema lacks of a model.</summary>
internal sealed class SchemaPlan
{
    private readonly string _schema;
    private readonly StreamModel _model;
    private readonly StreamModel _wanted;
    private readonly LiveSchema _live;
    private readonly ObjectNames _indexNames;
    private readonly HashSet<string> _unusable = new(StringComparer.Ordinal);
    private readonly List<SchemaStep> _steps = [];
    private readonly List<SchemaStep> _lastSteps = [];

    private SchemaPlan(string schema, StreamModel model, StreamModel wanted, LiveSchema live)
    {
        _schema = schema;
        _model = model;
        _wanted = wanted;
        _live = live;
        _indexNames = new ObjectNames(live.RelationNames.Concat(model.Tables.Select(table => table.Name)));
    }

    /// <summary>The steps in the order in which they must run.</summary>
    /// <param name="schema">The schema.</param>
    /// <param name="model">The tables; those that are there stored as they are (<see cref="LayoutReader"/>).</param>
    /// <param name="live">What is there.</param>
    /// <param name="wanted">The tables stored as they are to be; null for as they are.</param>
    public static IReadOnlyList<SchemaStep> Make(string schema, StreamModel model, LiveSchema live, StreamModel? wanted = null)
    {
        var plan = new SchemaPlan(schema, KeyTypes.AsLive(model, live), wanted ?? model, live);
        plan.AddAll();
        return plan._steps;
    }

    private void AddAll()
    {
        _steps.Add(_live.Exists
            ? SchemaStep.Unchanged("schema", _schema)
            : SchemaStep.Create("schema", _schema, [$"CREATE SCHEMA {Identifier.Quote(_schema)}"]));
        _steps.AddRange(_model.UserTypes.Select(TypeStep));
        foreach (var table in _model.Tables)
        {
            if (_live.Tables.TryGetValue(table.Name, out var live))
            {
                AddExisting(table, live);
            }
            else
            {
                AddMissing(table);
            }
        }

        _steps.AddRange(_lastSteps);
        AddLedger();
    }

    private SchemaStep TypeStep(UserTypeModel type)
    {
        if (!_live.Types.TryGetValue(type.Name, out var live))
        {
            return SchemaStep.Create("type", type.Name, [ColumnSql.CreateType(_schema, type)]);
        }

        var difference = TypeDifference.Find(type, live);
        return difference is null ? SchemaStep.Unchanged("type", type.Name) : SchemaStep.Different("type", type.Name, difference);
    }

    private void AddExisting(TableModel table, LiveTable live)
    {
        string[] differences = [.. TableDifference.Find(_schema, _model, table, live), .. LayoutDifference.Find(_wanted.Table(table.Name).Layout, table.Layout)];
        if (differences.Length > 0)
        {
            _unusable.Add(table.Name);
            AddTable(SchemaStep.Different("table", table.Name, string.Join("; ", differences)));
            return;
        }

        AddTable(SchemaStep.Unchanged("table", table.Name, StoredKeys.Describe(table)));
        _steps.AddRange(table.ForeignKeys.Select(key => StoredKeys.ForeignKey(_model, table, key)).OfType<ForeignKeyModel>().Select(key => SchemaStep.Unchanged(
            "foreign key", live.ForeignKeys.First(other => TableDifference.IsSame(_schema, key, other)).Name)));
        AddIndexes(table, live.UsableIndexes);
    }

    private void AddMissing(TableModel table)
    {
        if (table.Columns.Select(column => TypeDifference.Find(column.Type, _live)).FirstOrDefault(name => name is not null) is { } type)
        {
            _unusable.Add(table.Name);
            AddTable(SchemaStep.Different(
                "table", table.Name, $"not created, because its type {Identifier.Quote(type)} does not fit"));
            return;
        }

        var unusable = table.ForeignKeys.Select(key => key.ParentTable).FirstOrDefault(_unusable.Contains);
        if (unusable is not null)
        {
            _unusable.Add(table.Name);
            AddTable(SchemaStep.Different(
                "table", table.Name, $"not created, because it refers to {Identifier.Quote(unusable)}, which does not fit"));
            return;
        }

        AddTable(SchemaStep.Create("table", table.Name, [.. TableSql.CreateTable(_schema, table), .. LayoutSql.DefaultPartition(_schema, table)], StoredKeys.Describe(table)));
        var names = new ObjectNames([]);
        var afterDistribution = new List<SchemaStep>();
        foreach (var key in table.ForeignKeys.Select(key => StoredKeys.ForeignKey(_model, table, key)).OfType<ForeignKeyModel>())
        {
            // In a cycle the table that is referred to comes later.
            var name = key.Name ?? names.Pick(table.Name, key.Columns, "fkey");
            var steps = key.IsLoadedLater ? _lastSteps : _model.Table(key.ParentTable).Layout.Distribution is { Column: null } ? afterDistribution : _steps;
            steps.Add(SchemaStep.Create("foreign key", name, [TableSql.AddForeignKey(_schema, table.Name, name, key)]));
        }

        if (table.Layout.Distribution is { } distribution)
        {
            _steps.Add(SchemaStep.Create("distribution", table.Name, LayoutSql.Distribute(_schema, table, distribution)));
        }

        _steps.AddRange(afterDistribution);

        AddIndexes(
            table,
            [
                .. table.PrimaryKey.Count == 0 ? [] : (LiveIndex[])[new LiveIndex("", StoredKeys.PrimaryKey(table), IsUnique: true) { IsPrimaryKey = true }],
                .. table.UniqueKeys.Select(columns => new LiveIndex("", StoredKeys.Unique(table, columns), IsUnique: true)),
            ]);
    }

    private void AddTable(SchemaStep step) => _steps.Add(step with { Table = step.Change.Name });

    /// <summary>The model's indexes, and one for each foreign key: without it, deleting or locking a parent reads the whole child table.</summary>
    private void AddIndexes(TableModel table, IEnumerable<LiveIndex> existing)
    {
        var indexes = existing.ToList();
        foreach (var wanted in table.Indexes)
        {
            var stored = wanted.IsUnique ? wanted with { Columns = StoredKeys.Unique(table, wanted.Columns) } : wanted;
            AddIndex(table, indexes, stored, index => index.Serves(stored));
        }

        foreach (var key in table.ForeignKeys)
        {
            AddIndex(table, indexes, new IndexModel(key.Columns, IsUnique: false), index => index.Covers(key.Columns));
        }
    }

    private void AddIndex(TableModel table, List<LiveIndex> indexes, IndexModel wanted, Predicate<LiveIndex> serves)
    {
        if (indexes.Find(serves) is { } serving)
        {
            if (serving is { IsPrimaryKey: false, Name.Length: > 0 })
            {
                _steps.Add(SchemaStep.Unchanged("index", serving.Name));
            }

            return;
        }

        var name = _indexNames.Pick(table.Name, wanted.Columns, wanted.IsUnique ? "key" : "idx");
        _steps.Add(SchemaStep.Create("index", name, [TableSql.CreateIndex(_schema, table.Name, name, wanted.Columns, wanted.IsUnique)]));
        indexes.Add(new LiveIndex(name, wanted.Columns, wanted.IsUnique));
    }

    private void AddLedger()
    {
        if (!_live.Tables.TryGetValue(LedgerTable.Name, out var live))
        {
            _steps.Add(SchemaStep.Create("ledger", LedgerTable.Name, LedgerTable.CreateSql(_schema)));
            return;
        }

        var differences = TableDifference.FindInLedger(live);
        _steps.Add(differences.Count == 0
            ? SchemaStep.Unchanged("ledger", LedgerTable.Name)
            : SchemaStep.Different("ledger", LedgerTable.Name, string.Join("; ", differences)));
    }
}

/// <summary>One object of the plan: what is to be said of it, and the statements that create it (none if there is nothing to do).</summary>
internal sealed record SchemaStep(SchemaChange Change, IReadOnlyList<string> Statements)
{
    /// <summary>The table that is created or compared; null for what is no table.</summary>
    public string? Table { get; init; }

    public static SchemaStep Create(string kind, string name, IReadOnlyList<string> statements, string detail = "") => new(
        new SchemaChange
        {
            Kind = kind,
            Name = name,
            Action = SchemaAction.WouldCreate,
            Detail = detail,
            Sql = string.Join(";\n", statements) + ";",
        },
        statements);

    public static SchemaStep Unchanged(string kind, string name, string detail = "") =>
        new(new SchemaChange { Kind = kind, Name = name, Action = SchemaAction.Unchanged, Detail = detail }, []);

    public static SchemaStep Different(string kind, string name, string detail) =>
        new(new SchemaChange { Kind = kind, Name = name, Action = SchemaAction.Different, Detail = detail }, []);
}
