using StreamingPg.Core.Keys;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Loading.References;

/// <summary>A foreign key that the verification of new rows looks up, with the agreements of shared ancestors that go by it.</summary>
internal sealed class VerifiedKey
{
    /// <summary>Alias of the new rows in the query.</summary>
    public const string ChildAlias = "c";

    private readonly StreamModel _model;
    private readonly TableModel _table;
    private readonly IReadOnlyList<SharedAncestor> _agreements;

    private readonly bool _followsOthers;

    private VerifiedKey(StreamModel model, TableModel table, ForeignKeyModel foreignKey, int number, IReadOnlyList<SharedAncestor> shared)
    {
        _model = model;
        _table = table;
        ForeignKey = foreignKey;
        Alias = $"p{number}";
        _agreements = [.. shared.Where(ancestor => ancestor.Via == foreignKey)];
        _followsOthers = shared.Any(ancestor => ancestor.Straight == foreignKey);
    }

    public ForeignKeyModel ForeignKey { get; }

    /// <summary>Alias of the parents in the query.</summary>
    public string Alias { get; }

    /// <summary>True when every row has a parent that was picked for it, and all that it must agree with stands in the parent's row.</summary>
    public bool IsPlain =>
        !_followsOthers
        && ForeignKey.ParentTable != _table.Name
        && !_table.IsOptional(ForeignKey)
        && _agreements.All(shared => shared.Path.Count == 1 && !shared.MayBeMissing(_model, _table) && !_table.IsOptional(shared.Straight));

    /// <summary>True when a parent's row says all that a new row must agree with, so that they can be joined.</summary>
    public bool CanBeJoined => !_followsOthers && (_agreements.Count == 0 || IsPlain);

    /// <summary>True when its parents can be told by a list of them, in which the new rows' values are looked up.</summary>
    public bool CanBeListed => CanBeJoined
        && ForeignKey.Columns.All(column => ParentSql.CanBeInArray(_table.Column(column)));

    /// <summary>The parent's columns that new rows must agree with: its key, and what both refer to.</summary>
    public IEnumerable<string> ParentColumns => ForeignKey.ParentColumns.Concat(_agreements.SelectMany(shared => shared.ParentColumns));

    /// <summary>The new rows' columns that must be equal to <see cref="ParentColumns"/>, in the same order.</summary>
    public string ChildColumnsSql => string.Join(
        ", ",
        ForeignKey.Columns.Concat(_agreements.SelectMany(shared => shared.Columns)).Select(column => $"{ChildAlias}.{Identifier.Quote(column)}"));

    /// <summary>The condition under which a parent's row is the one that a new row refers to and agrees with.</summary>
    public string JoinCondition => string.Join(
        " AND ",
        KeySql(ForeignKey, ChildAlias, Alias)
            .Concat(_agreements.SelectMany(shared => shared.ParentColumns.Zip(shared.Columns, (parents, own) =>
                $"{Alias}.{Identifier.Quote(parents)} = {ChildAlias}.{Identifier.Quote(own)}"))));

    /// <summary>Count of new rows that have no such parent, after a join by <see cref="JoinCondition"/>; what is missing (MATCH SIMPLE) refers to nothing.</summary>
    public string OffendingCountSql =>
        $"count(*) FILTER (WHERE {(IsOptional ? RefersSql + " AND " : "")}{Alias}.{Identifier.Quote(ForeignKey.ParentColumns[0])} IS NULL)";

    /// <summary>Count of new rows whose values are not in a list of parents; what is missing (MATCH SIMPLE) refers to nothing.</summary>
    /// <param name="parentsSql">A query of <see cref="ParentColumns"/>.</param>
    public string NotListedCountSql(string parentsSql) =>
        $"count(*) FILTER (WHERE {(IsOptional ? RefersSql + " AND " : "")}NOT COALESCE(({ChildColumnsSql}) IN ({parentsSql}), false))";

    private bool IsOptional => _table.IsOptional(ForeignKey);

    private string RefersSql => string.Join(" AND ", ForeignKey.Columns.Select(column => $"{ChildAlias}.{Identifier.Quote(column)} IS NOT NULL"));

    /// <summary>What a count above zero means, a predicate.</summary>
    public string Meaning
    {
        get
        {
            var shared = string.Concat(_agreements
                .SelectMany(ancestor => ancestor.Columns).Select(own => $", or have another ({own}) than it"));
            return $"refer by ({string.Join(", ", ForeignKey.Columns)}) to no row of \"{ForeignKey.ParentTable}\" that the batch may refer to{shared}";
        }
    }

    /// <summary>
    /// Count of new rows that refer to no parent, or do not agree with it; what is missing (MATCH SIMPLE) refers to nothing and
    /// agrees with anything. Parents are looked up one by one.
    /// </summary>
    /// <param name="schema">Schema of the tables.</param>
    /// <param name="writtenAlias">Rows of the same statement, which a look into their table does not see; null for none.</param>
    /// <param name="locksParents">True to lock the parents, as the triggers do.</param>
    public string LookUpCountSql(string schema, string? writtenAlias, bool locksParents = false)
    {
        var joins = new List<string>();
        var conditions = KeySql(ForeignKey, ChildAlias, Alias).ToList();
        foreach (var shared in _agreements)
        {
            var last = Alias;
            for (var step = 1; step < shared.Path.Count; step++)
            {
                var key = shared.Path[step];
                var next = $"{Alias}_{joins.Count}";
                joins.Add($"LEFT JOIN {Identifier.Quote(schema, key.ParentTable)} AS {next} ON {string.Join(" AND ", KeySql(key, last, next))}");
                last = next;
            }

            conditions.AddRange(shared.Columns.Zip(shared.ParentColumns, (own, parents) =>
                $"({ChildAlias}.{Identifier.Quote(own)} = {last}.{Identifier.Quote(parents)}) IS NOT FALSE"));
        }

        var parents = Identifier.Quote(schema, ForeignKey.ParentTable);
        if (writtenAlias is not null && ForeignKey.ParentTable == _table.Name)
        {
            parents = $"(SELECT * FROM {writtenAlias} UNION ALL SELECT {Identifier.QuoteList(_table.WrittenColumns.Select(column => column.Name))} FROM {parents})";
        }

        // Rows of the same statement are not in the table yet to be locked.
        var locks = locksParents && (writtenAlias is null || ForeignKey.ParentTable != _table.Name) ? $" FOR KEY SHARE OF {Alias}" : "";
        return $"count(*) FILTER (WHERE {(IsOptional ? RefersSql + " AND " : "")}NOT EXISTS (SELECT FROM {parents} AS {Alias} {string.Join(' ', joins)} "
            + $"WHERE {string.Join(" AND ", conditions)}{locks}))";
    }

    /// <summary>
    /// The keys to look up. A line's user is its transaction's user, which the look-up of the transaction verifies, and that one
    /// is there, which the verification of the transactions (or, for old ones, their foreign key) says: no need to look it up again.
    /// Where triggers check every row, only agreements are left to verify.
    /// </summary>
    /// <param name="model">The tables.</param>
    /// <param name="table">The table.</param>
    /// <param name="check">How its foreign keys are verified.</param>
    /// <param name="withLater">True to look up those too at which cycles were cut.</param>
    /// <param name="withUnenforced">True to look up those of them that no trigger verifies: the references are set.</param>
    public static IReadOnlyList<VerifiedKey> Of(
        StreamModel model, TableModel table, ForeignKeyCheck check, bool withLater = false, bool withUnenforced = false)
    {
        var shared = SharedAncestor.Of(model, table);
        return
        [
            .. table.ForeignKeys
                .Where(key => (withLater || !key.IsLoadedLater || (withUnenforced && StoredKeys.IsUnenforced(model, table, key))) && (shared.Any(ancestor => ancestor.Via == key)
                    || !shared.Any(ancestor => ancestor.Straight == key && !ancestor.MayBeMissing(model, table))))
                .Select((key, number) => new VerifiedKey(model, table, key, number, shared))
                .Where(key => check == ForeignKeyCheck.Set || key._agreements.Count > 0 || StoredKeys.IsUnenforced(model, table, key.ForeignKey)),
        ];
    }

    private static IEnumerable<string> KeySql(ForeignKeyModel key, string child, string parent) => key.ParentColumns.Zip(
        key.Columns, (parents, own) => $"{parent}.{Identifier.Quote(parents)} = {child}.{Identifier.Quote(own)}");
}
