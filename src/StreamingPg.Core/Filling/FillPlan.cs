using StreamingPg.Core.Connections;
using StreamingPg.Core.Discovery;
using StreamingPg.Core.Generation.Tables;
using StreamingPg.Core.Loading;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Filling;

/// <summary>Which tables of a live schema are filled, in which order, with how many rows each; and which are left out, and why.</summary>
/// <param name="Schema">The schema.</param>
/// <param name="Model">The tables.</param>
/// <param name="Groups">The tables, those that refer to each other in a cycle together.</param>
/// <param name="Rows">Rows of each table.</param>
/// <param name="LeftOut">The tables that are not filled.</param>
/// <param name="Doubtful">The tables with a constraint of which only the server knows what it lets pass.</param>
/// <param name="AtOnce">The tables that must refer to each other in a circle: one statement loads them.</param>
/// <param name="Watched">The tables with triggers or rules, which may do what they like with new rows.</param>
/// <param name="MissingPartitions">The partitions that tables need to take a row, by table.</param>
internal sealed record FillPlan(
    string Schema, StreamModel Model, IReadOnlyList<IReadOnlyList<TableModel>> Groups, IReadOnlyDictionary<string, long> Rows, IReadOnlyList<TableFillResult> LeftOut,
    IReadOnlySet<string> Doubtful,
    IReadOnlySet<string> AtOnce,
    IReadOnlySet<string> Watched,
    IReadOnlyDictionary<string, MissingPartition> MissingPartitions)
{
    /// <summary>What the triggers seem to ask of new rows.</summary>
    public TriggerDemands Demands { get; init; } = TriggerDemands.None;

    private readonly Dictionary<string, IReadOnlySet<string>> _above = new(StringComparer.Ordinal);

    /// <summary>Reads a schema and plans its filling. What metadata cannot express is the affair of its table alone.</summary>
    /// <param name="connection">The database and the schema.</param>
    /// <param name="options">What is asked for.</param>
    /// <param name="seed">The seed.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="StreamingException">Rows are asked for a table that is not there, or the connection failed.</exception>
    public static async Task<FillPlan> ReadAsync(DatabaseConnection connection, FillOptions options, long seed, CancellationToken cancellationToken)
    {
        var leftOut = new List<DiscoveryNote>();
        while (true)
        {
            var found = await SchemaDiscovery.ReadAsync(
                connection, new DiscoveryOptions { Tables = options.Tables, ForFilling = true, LeftOut = leftOut }, cancellationToken).ConfigureAwait(false);
            try
            {
                var plan = Make(connection.Schema, found, options, seed);
                return plan with
                {
                    Demands = await TriggerDemands.ReadAsync(
                        connection, [.. plan.Model.Tables.Where(table => plan.Watched.Contains(table.Name))], cancellationToken).ConfigureAwait(false),
                };
            }
            catch (StreamingException error) when (error.Kind == StreamingErrorKind.InvalidMetadata && TableOf(error, found.Tables) is { } table)
            {
                leftOut.Add(new DiscoveryNote(table, null, error.Problem, error.Remedy));
            }
        }
    }

    private static string? TableOf(StreamingException error, IReadOnlyList<string> tables) =>
        error.Target is string place ? tables.Where(table => place == table || place.StartsWith(table + ".", StringComparison.Ordinal)).MaxBy(table => table.Length) : null;

    /// <summary>Plans the filling of a schema.</summary>
    /// <param name="schema">The schema.</param>
    /// <param name="found">Its tables as metadata.</param>
    /// <param name="options">What is asked for.</param>
    /// <param name="seed">The seed.</param>
    /// <exception cref="StreamingException">Rows are asked for a table that is not there.</exception>
    private static FillPlan Make(string schema, DiscoveredMetadata found, FillOptions options, long seed)
    {
        var model = found.Tables.Count == 0 ? new StreamModel([]) : MetadataReader.Parse(found.Json, $"the tables of schema \"{schema}\"");
        model = new StreamModel([.. model.Tables.Select(table => table with { IsAsFound = true })]) { UserTypes = model.UserTypes, Rhythm = model.Rhythm };
        BatchPlan.CheckNames(model, options.Rows.Keys);
        model = Discriminators.Apply(model);
        var rows = options.RowsPerTable is { } same
            ? model.Tables.ToDictionary(table => table.Name, table => options.Rows.GetValueOrDefault(table.Name, same), StringComparer.Ordinal)
            : BatchRows.Of(model, options.Rows, seed).ToDictionary(table => table.Key, table => options.Rows.Count > 0 ? table.Value : Math.Max(1, table.Value), StringComparer.Ordinal);
        var leftOut = found.Notes.Where(note => model.Find(note.Table) is null).GroupBy(note => note.Table, StringComparer.Ordinal)
            .Select(notes => new TableFillResult
            {
                Schema = schema,
                Table = notes.Key,
                Status = FillStatus.LeftOut,
                Requested = options.Rows.GetValueOrDefault(notes.Key, options.RowsPerTable ?? 0),
                Made = 0,
                Reason = string.Join(" ", notes.Select(note => note.Column is null ? note.Problem : $"{note.Column}: {note.Problem}").Distinct()),
                Fix = notes.Select(note => note.Remedy).FirstOrDefault(remedy => remedy.Length > 0),
            });
        var doubtful = found.Notes.Where(note => note.Column is null).Select(note => note.Table).ToHashSet(StringComparer.Ordinal);
        return new FillPlan(schema, model, GroupsOf(model), rows, [.. leftOut], doubtful, found.AtOnce, found.Watched, found.MissingPartitions);
    }

    /// <summary>What a group of tables needs to be filled: itself, and all that it refers to.</summary>
    public StreamModel ModelOf(IReadOnlyList<TableModel> group)
    {
        var names = group.SelectMany(table => Above(table.Name).Append(table.Name)).ToHashSet(StringComparer.Ordinal);
        return new StreamModel([.. Model.Tables.Where(table => names.Contains(table.Name))]) { UserTypes = Model.UserTypes };
    }

    /// <summary>True when a table refers to another, straight or through others.</summary>
    public bool Refers(string table, string? other) => other is not null && Above(table).Contains(other);

    /// <summary>The tables that a table refers to, straight or through others.</summary>
    private IReadOnlySet<string> Above(string table)
    {
        if (!_above.TryGetValue(table, out var known))
        {
            _above[table] = known = Reach(Model, table);
        }

        return known;
    }

    /// <summary>The tables of the schema that must be there with a table. A sum is made in the same batch as the rows that it adds up.</summary>
    public static IEnumerable<string> Needs(TableModel table) =>
        table.ForeignKeys.Select(key => key.ParentTable).Concat(table.Columns.Select(column => column.SumOf?.Table).OfType<string>());

    private static HashSet<string> Reach(StreamModel model, string table)
    {
        var reached = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<string>([table]);
        while (open.TryPop(out var name))
        {
            foreach (var needed in Needs(model.Table(name)).Where(reached.Add))
            {
                open.Push(needed);
            }
        }

        return reached;
    }

    /// <summary>Tables that can be reached from each other stand together.</summary>
    private static List<IReadOnlyList<TableModel>> GroupsOf(StreamModel model)
    {
        var reach = model.Tables.ToDictionary(table => table.Name, table => Reach(model, table.Name), StringComparer.Ordinal);
        var groups = new List<IReadOnlyList<TableModel>>();
        var placed = new HashSet<string>(StringComparer.Ordinal);
        foreach (var table in model.Tables.Where(table => !placed.Contains(table.Name)))
        {
            List<TableModel> together =
                [.. model.Tables.Where(other => other == table || (reach[table.Name].Contains(other.Name) && reach[other.Name].Contains(table.Name)))];
            placed.UnionWith(together.Select(other => other.Name));
            groups.Add(together);
        }

        return groups;
    }
}
