namespace StreamingPg.Core.Schema;

/// <summary>A step on the way of a key to bigint.</summary>
/// <param name="Kind">Kind of object.</param>
/// <param name="Table">Its table.</param>
/// <param name="Name">Its name.</param>
/// <param name="Change">What happens.</param>
/// <param name="Statements">The statements.</param>
internal sealed record WideningStep(string Kind, string Table, string Name, string Change, IReadOnlyList<string> Statements)
{
    /// <summary>The table whose rows it fills, or null.</summary>
    public WideTable? Fills { get; init; }

    /// <summary>The index that it builds, or null.</summary>
    public WideIndex? Builds { get; init; }

    /// <summary>What is to be said of it.</summary>
    public SchemaUpdate Describe(SchemaUpdateState state) =>
        new() { Kind = Kind, Table = Table, Name = Name, Change = Change, State = state, Sql = Text(Statements) };

    private static string Text(IReadOnlyList<string> statements) => string.Join(";\n", statements) + ";";

    /// <summary>The steps before the columns change places, in order.</summary>
    public static IEnumerable<WideningStep> Before(WideKeys keys)
    {
        foreach (var table in keys.Tables.Where(table => !table.IsPrepared))
        {
            yield return new("column", table.Name, Names(table), "add a bigint column and the trigger that fills it", WideKeySql.Prepare(table));
        }

        foreach (var table in keys.Tables.Where(table => !table.IsFilled))
        {
            yield return new("column", table.Name, Names(table), "fill the bigint column", [WideKeySql.Fill(table), .. WideKeySql.Verify(table)]) { Fills = table };
        }

        foreach (var index in keys.Indexes.Where(index => index.HasSuccessor != true))
        {
            yield return new("index", index.Table, index.Name, "build over bigint", WideKeySql.Build(keys, index)) { Builds = index };
        }

        foreach (var key in keys.ForeignKeys.Where(key => key.HasSuccessor is null || (key.IsValidated && key.HasSuccessor != true)))
        {
            yield return new(
                "foreign key",
                key.Table,
                key.Name,
                key.HasSuccessor is null ? "add over bigint" : "validate over bigint",
                key.HasSuccessor is null ? [WideKeySql.AddKey(keys, key)] : [WideKeySql.ValidateKey(key)]);
        }
    }

    private static string Names(WideTable table) => string.Join(", ", table.Columns.Select(column => column.Name));

    /// <summary>The last step: what is to be said of each column.</summary>
    public static IEnumerable<SchemaUpdate> Swap(WideKeys keys, SchemaUpdateState state)
    {
        var sql = Text(WideKeySql.Swap(keys));
        return keys.Tables.SelectMany(table => table.Columns.Select(column => new SchemaUpdate
        {
            Kind = "column",
            Table = table.Name,
            Name = column.Name,
            Change = $"{column.Type} to bigint",
            State = state,
            Sql = column == keys.Columns.First() ? sql : "",
        }));
    }
}
