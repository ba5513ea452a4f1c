using Npgsql;
using StreamingPg.Core.Model;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Catalog;

/// <summary>Reads tables as they are from pg_catalog.</summary>
internal sealed class CatalogReader
{
    private readonly Dictionary<string, LiveTable> _tables = new(StringComparer.Ordinal);
    private readonly Dictionary<string, LiveType> _types = new(StringComparer.Ordinal);
    private readonly List<UserTypeModel> _userTypes = [];
    private readonly Dictionary<string, (string Schema, string Name)> _unknown = new(StringComparer.Ordinal);
    private readonly HashSet<string> _relationNames = new(StringComparer.Ordinal);
    private bool _exists;

    private CatalogReader()
    {
    }

    /// <summary>Reads the tables of these names, where they are there; not their checks and partitions, which nobody needs of them.</summary>
    /// <param name="open">An open connection, in a transaction.</param>
    /// <param name="schema">Schema of the tables.</param>
    /// <param name="tables">Names of the tables.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static Task<LiveSchema> ReadAsync(
        NpgsqlConnection open, string schema, IEnumerable<string> tables, CancellationToken cancellationToken) =>
        new CatalogReader().ReadAsync(open, new CommandBatch(open), CatalogSql.Named, schema, [.. tables], cancellationToken);

    /// <summary>Reads all tables, views and foreign tables of a schema, the oldest first.</summary>
    /// <param name="open">An open connection, in a transaction whose time zone is changed.</param>
    /// <param name="schema">The schema.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static Task<LiveSchema> ReadAllAsync(NpgsqlConnection open, string schema, CancellationToken cancellationToken)
    {
        var commands = new CommandBatch(open);
        commands.Query(CatalogSql.Utc, _ => { }); // partitions are bounded by times as well
        return new CatalogReader().ReadAsync(open, commands, CatalogSql.Whole, schema, [], cancellationToken);
    }

    /// <summary>Reads the foreign keys that refer to tables of a schema, of whatever table they are; by the name of the parent.</summary>
    public static async Task<ILookup<string, LiveForeignKey>> ReadReferringAsync(
        NpgsqlConnection open, string schema, IEnumerable<string> tables, CancellationToken cancellationToken)
    {
        var keys = new List<LiveForeignKey>();
        var commands = new CommandBatch(open);
        commands.Query(CatalogSql.ReferringKeys, row => keys.Add(ForeignKey(row)), Parameters(schema, [.. tables]));
        await commands.ExecuteAsync(cancellationToken).ConfigureAwait(false);
        return keys.ToLookup(key => key.ParentTable, StringComparer.Ordinal);
    }

    private async Task<LiveSchema> ReadAsync(
        NpgsqlConnection open, CommandBatch commands, string scope, string schema, string[] tables, CancellationToken cancellationToken)
    {
        List<(string Sql, Action<NpgsqlDataReader> Read)> queries =
        [
            (CatalogSql.Schema, row => _exists = row.GetBoolean(0)),
            (CatalogSql.RelationNames, row => _relationNames.Add(row.GetString(0))),
            (CatalogSql.Types, ReadType),
            (CatalogSql.Tables(scope), ReadTable),
            (CatalogSql.Columns(scope), ReadColumn),
            (CatalogSql.ForeignKeys(scope), ReadForeignKey),
            (CatalogSql.Indexes(scope), ReadIndex),
        ];
        if (scope == CatalogSql.Whole)
        {
            queries.Add((CatalogSql.Checks(scope), row => Table(row).Checks.Add(new LiveCheck(row.GetString(1), row.GetString(2), row.GetBoolean(3)))));
            queries.Add((CatalogSql.Partitions(scope), row => Table(row).Partitions.Add(new LivePartition(row.GetString(1), Text(row, 2), row.GetBoolean(3))
            {
                IsLeaf = row.GetBoolean(4),
                Parent = row.GetString(5),
                IsByHash = row.GetBoolean(6),
                KeyColumns = row.GetFieldValue<string[]>(7),
            })));
        }

        foreach (var (sql, read) in queries)
        {
            commands.QueryWithOtherPath(sql, read, Parameters(schema, tables));
        }

        await commands.ExecuteAsync(cancellationToken).ConfigureAwait(false);
        if (scope == CatalogSql.Whole)
        {
            await FindUnknownTypesAsync(open, cancellationToken).ConfigureAwait(false);
        }

        return new LiveSchema(_exists, _tables, _relationNames, _types);
    }

    private static NpgsqlParameter[] Parameters(string schema, string[] tables) =>
        [Parameter.Of(schema), Parameter.Of(Identifier.Quote(schema)), Parameter.Of(tables)];

    private void ReadType(NpgsqlDataReader row)
    {
        var baseType = Text(row, 2);
        var model = new UserTypeModel
        {
            Name = row.GetString(0),
            Labels = row.GetFieldValue<string[]>(1),
            Base = baseType is not null ? FindType(baseType) : Text(row, 8) is { } bounds ? LiteralTypes.RangeOf(FindType(bounds), row.GetBoolean(7)) : null,
            IsNullable = row.GetBoolean(3),
            Checks = row.GetFieldValue<string[]>(4),
            Schema = Text(row, 5),
            LocalName = row.IsDBNull(5) ? null : row.GetString(6),
            Pattern = row.IsDBNull(9) ? null : LiteralTypes.RowOf(row.GetFieldValue<string[]>(9).Select(FindType)),
        };
        var isBuiltOn = baseType is not null || model.Labels.Count > 0;
        model = isBuiltOn ? model : Used(model, row.GetString(10), row.GetString(6));
        if (!isBuiltOn && model is { Base: null, Pattern: null })
        {
            _unknown.Add(model.Name, (row.GetString(10), row.GetString(6)));
            model = model with { Pattern = LiteralTypes.PatternOf(row.GetString(6), "") };
        }

        // A domain over what metadata does not have is not there for it either; nor is what has a name that is too long.
        var isKnown = (model.Labels.Count > 0 || model.Base is not null || model.Pattern is not null) && Identifier.WhyInvalid(model.Name) is null;
        _types.Add(model.Name, new LiveType(model.Name, model.Labels, baseType, isKnown ? model : null));
        if (isKnown)
        {
            _userTypes.Add(model);
        }
    }

    /// <summary>A type that is neither enum nor domain is used where it is, and never created.</summary>
    private static UserTypeModel Used(UserTypeModel type, string schema, string name) => type with { Schema = schema, LocalName = name };

    /// <summary>Types of which the name says nothing, and those with something in brackets: vector(3), geometry(Point,4326).</summary>
    private async Task FindUnknownTypesAsync(NpgsqlConnection open, CancellationToken cancellationToken)
    {
        var columns = _tables.Values.SelectMany(table => table.Columns.Select(column => (Table: table, Column: column)))
            .Where(entry => entry.Column.Type is null || entry.Column.TypeName.Contains('(', StringComparison.Ordinal)).ToList();
        foreach (var name in columns.Where(entry => entry.Column.Type is null).Select(entry => Element(entry.Column.TypeName)).Distinct().ToList())
        {
            var bracket = name.IndexOf('(', StringComparison.Ordinal);
            var (bare, arguments) = bracket < 0 ? (name, "") : (name[..bracket], name[(bracket + 1)..].TrimEnd(')'));
            var isOfExtension = _unknown.TryGetValue(bare, out var place);
            var sql = isOfExtension ? Identifier.Quote(place.Schema, place.Name) + name[bare.Length..] : name;
            var pattern = (isOfExtension ? LiteralTypes.PatternOf(place.Name, arguments) : null)
                ?? await TypeProbe.FindAsync(open, sql, cancellationToken).ConfigureAwait(false);
            if (pattern is not null && Identifier.WhyInvalid(name) is null)
            {
                var model = Used(new UserTypeModel { Name = name, Pattern = pattern }, isOfExtension ? place.Schema : "pg_catalog", isOfExtension ? place.Name : name);
                _types[name] = new LiveType(name, [], null, model);
                _userTypes.Add(model);
            }
        }

        foreach (var (table, column) in columns.Where(entry => entry.Column.Type is null))
        {
            table.Columns[table.Columns.IndexOf(column)] = column with { Type = FindType(column.TypeName) };
        }
    }

    private static string Element(string type) => type.EndsWith("[]", StringComparison.Ordinal) ? type[..^2] : type;

    private ColumnType? FindType(string name) => ColumnType.TryParse(name, _userTypes, out var type, out _) ? type : null;

    private void ReadTable(NpgsqlDataReader row) => _tables.Add(
        row.GetString(0),
        new LiveTable(row.GetString(0), row.GetString(1))
        {
            Comment = Text(row, 2),
            CanSelect = row.GetBoolean(3),
            CanInsert = row.GetBoolean(4),
            HasInsertTrigger = row.GetBoolean(5),
            ChangesRows = row.GetBoolean(6),
            PartitionKey = Text(row, 7),
            HasHeirs = row.GetBoolean(8),
        });

    private void ReadColumn(NpgsqlDataReader row) => Table(row).Columns.Add(
        new LiveColumn(row.GetString(1), row.GetString(2))
        {
            Type = FindType(row.GetString(2)),
            IsNullable = row.GetBoolean(3),
            TakesNull = row.GetBoolean(3) && row.GetBoolean(4),
            HasDefault = row.GetBoolean(5),
            Identity = row.GetString(6) switch { "a" => IdentityKind.Always, "d" => IdentityKind.ByDefault, _ => null },
            IsGenerated = row.GetBoolean(7),
            Sequence = Text(row, 8),
            EnumLabels = row.GetFieldValue<string[]>(9),
            Expression = Text(row, 10),
            Comment = Text(row, 11),
            EqualOperator = Text(row, 12) ?? "=",
        });

    /// <summary>A key that says of each row that it is there asks for nothing.</summary>
    private void ReadForeignKey(NpgsqlDataReader row)
    {
        var key = ForeignKey(row);
        if (key.ParentSchema != key.Schema || key.ParentTable != key.Table || !key.Columns.SequenceEqual(key.ParentColumns, StringComparer.Ordinal))
        {
            Table(row).ForeignKeys.Add(key);
        }
    }

    private static LiveForeignKey ForeignKey(NpgsqlDataReader row) => new(
        row.GetString(2), row.GetFieldValue<string[]>(3), row.GetString(4), row.GetString(5), row.GetFieldValue<string[]>(6))
    {
        Table = row.GetString(0),
        Schema = row.GetString(1),
        IsValidated = row.GetBoolean(7),
        IsDeferrable = row.GetBoolean(8),
        IsEnabled = row.GetBoolean(9),
    };

    private void ReadIndex(NpgsqlDataReader row) => Table(row).Indexes.Add(
        new LiveIndex(row.GetString(1), row.GetFieldValue<string[]>(2), IsUnique: row.GetBoolean(4))
        {
            IsPrimaryKey = row.GetBoolean(3),
            IsPlain = row.GetBoolean(5),
            IsValid = row.GetBoolean(6),
            IsAbandoned = row.GetBoolean(7),
            Keys = row.GetFieldValue<string[]>(8),
            Predicate = Text(row, 9),
            CallsFunctions = row.GetBoolean(10),
        });

    private LiveTable Table(NpgsqlDataReader row) => _tables[row.GetString(0)];

    private static string? Text(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);
}
