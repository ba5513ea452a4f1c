using StreamingPg.Core.Keys;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Generation.Relations;

/// <summary>
/// How the foreign keys of a table hang together: which of them follow from a parent (a line's user from its transaction), which
/// are free to choose, and which of the free ones must be chosen together because their ways meet further up.
/// </summary>
internal sealed class TableRelations
{
    private static readonly OncePerModel<TableRelations> Known = new(Find);

    private readonly Dictionary<ForeignKeyModel, SharedAncestor> _implied = [];
    private readonly List<KeyAgreement> _agreements = [];
    private readonly List<KeyAgreement> _conditions = [];
    private readonly HashSet<ForeignKeyModel> _chosen;

    private TableRelations(TableModel table, IEnumerable<ForeignKeyModel> chosen)
    {
        Table = table;
        _chosen = [.. chosen];
    }

    public TableModel Table { get; }

    /// <summary>The keys whose parents are chosen, in the order of the table; those that are loaded later left out.</summary>
    public IEnumerable<ForeignKeyModel> Free => Keys.Where(key => !_implied.ContainsKey(key));

    /// <summary>The keys that follow from another one.</summary>
    public IReadOnlyDictionary<ForeignKeyModel, SharedAncestor> Implied => _implied;

    /// <summary>What free keys must agree in.</summary>
    public IReadOnlyList<KeyAgreement> Agreements => _agreements;

    /// <summary>What a parent by a single key must fulfil: two ways from it that end at the same values.</summary>
    public IReadOnlyList<KeyAgreement> Conditions => _conditions;

    private IEnumerable<ForeignKeyModel> Keys => Table.ForeignKeys.Where(key => !key.IsLoadedLater);

    /// <summary>The keys that are unique together, those left out that follow from others of the same set.</summary>
    public IReadOnlyList<UniqueKeySet> Unique { get; private set; } = [];

    /// <summary>The relations of a table.</summary>
    public static TableRelations Of(StreamModel model, TableModel table) => Known.Of(model, table);

    /// <summary>Works out the relations of a table. The key by which its rows are dealt out to their parents is always free.</summary>
    private static TableRelations Find(StreamModel model, TableModel table)
    {
        var dealt = DealtKeys.Of(model, table);
        var unique = UniqueKeySet.Of(table);
        var relations = new TableRelations(table, dealt is null ? [] : [dealt]);
        relations.FindImplied(model);

        var more = relations.ToChoose(model, unique);
        while (more.Count > 0)
        {
            relations = new TableRelations(table, relations._chosen.Concat(more));
            relations.FindImplied(model);
            more = relations.ToChoose(model, unique);
        }

        relations.Unique = [.. unique.Select(set => set.Without(relations._implied))
            .Where(set => set.Keys.Count == 1 || set.Keys.Any(key => !key.IsLoadedLater))];
        relations.AddAgreements(SharedAncestor.All(model, table));
        relations.AddCommonColumns();
        relations._conditions.RemoveAll(condition => HoldsByItself(model, condition));
        return relations;
    }

    /// <summary>The keys that lead from a row to the row that a key refers to, the first of them a free one.</summary>
    public IReadOnlyList<ForeignKeyModel> WayTo(ForeignKeyModel key) => _implied.TryGetValue(key, out var shared)
        ? [.. WayTo(shared.Via), .. shared.Path.Skip(1), shared.ParentKey]
        : [key];

    /// <summary>The free keys that must be chosen together with one; itself alone when there are none.</summary>
    public IReadOnlyList<ForeignKeyModel> SharedWith(ForeignKeyModel key)
    {
        var linked = new HashSet<ForeignKeyModel> { key };
        var before = 0;
        while (before < linked.Count)
        {
            before = linked.Count;
            foreach (var agreement in _agreements.Where(agreement => linked.Contains(agreement.Left.First) || linked.Contains(agreement.Right.First)))
            {
                linked.Add(agreement.Left.First);
                linked.Add(agreement.Right.First);
            }
        }

        return [.. Free.Where(linked.Contains)];
    }

    /// <summary>
    /// The keys that must be chosen although they follow from another. Parents that are different say nothing of what follows from
    /// them: what is unique is chosen itself. And where the other may be missing, what is taken instead has to agree with the rest.
    /// </summary>
    private List<ForeignKeyModel> ToChoose(StreamModel model, IReadOnlyList<UniqueKeySet> unique)
    {
        var all = SharedAncestor.All(model, Table);
        return
        [
            .. _implied.Where(entry =>
                unique.Any(set => set.Keys.Contains(entry.Key) && !set.Keys.Contains(entry.Value.Via))
                || (entry.Value.MayBeMissing(model, Table)
                    && all.Count(shared => shared.Straight == entry.Key || shared.Via == entry.Key) > 1))
                .Select(entry => entry.Key),
        ];
    }

    private void FindImplied(StreamModel model)
    {
        var shared = SharedAncestor.All(model, Table).ToLookup(ancestor => ancestor.Straight);
        foreach (var key in Keys.Where(key => !_chosen.Contains(key)))
        {
            // A way that may be missing says nothing for some rows: one that is always there comes first.
            var via = shared[key].Where(ancestor => !DependsOn(ancestor.Via, key))
                .OrderBy(ancestor => Table.IsOptional(ancestor.Via)).FirstOrDefault();
            if (via is not null)
            {
                _implied.Add(key, via);
            }
        }
    }

    private bool DependsOn(ForeignKeyModel key, ForeignKeyModel other) =>
        key == other || (_implied.TryGetValue(key, out var shared) && DependsOn(shared.Via, other));

    private void AddAgreements(IReadOnlyList<SharedAncestor> all)
    {
        foreach (var shared in all)
        {
            var way = new JoinPath([.. WayTo(shared.Via), .. shared.Path.Skip(1)], shared.ParentColumns);
            if (!_implied.TryGetValue(shared.Straight, out var chosen))
            {
                Add(new JoinPath([shared.Straight], shared.Straight.ParentColumns), way);
            }
            else if (chosen != shared)
            {
                Add(new JoinPath([.. WayTo(chosen.Via), .. chosen.Path.Skip(1)], chosen.ParentColumns), way);
            }
        }
    }

    /// <summary>A column that belongs to several keys has one value: the parents must have it alike.</summary>
    private void AddCommonColumns()
    {
        foreach (var column in Table.Columns.Select(column => column.Name))
        {
            var ways = Keys.Where(key => key.Columns.Contains(column))
                .Select(key => new JoinPath(WayTo(key), [key.ParentColumns[key.Columns.ToList().IndexOf(column)]])).ToList();
            foreach (var way in ways.Skip(1))
            {
                Add(ways[0], way);
            }
        }
    }

    private void Add(JoinPath left, JoinPath right)
    {
        if (left.First != right.First)
        {
            _agreements.Add(new KeyAgreement(left, right));
        }
        else if (!left.Keys.SequenceEqual(right.Keys) || !left.Columns.SequenceEqual(right.Columns))
        {
            _conditions.Add(new KeyAgreement(left, right));
        }
    }

    /// <summary>True when the parent's own agreements say what a condition asks for.</summary>
    private static bool HoldsByItself(StreamModel model, KeyAgreement condition)
    {
        bool Says(JoinPath straight, JoinPath around) =>
            straight.Keys.Count == 1
            && SharedAncestor.All(model, model.Table(straight.First.ParentTable)).Any(shared =>
                shared.Columns.SequenceEqual(straight.Columns)
                && shared.ParentColumns.SequenceEqual(around.Columns)
                && shared.Path.SequenceEqual(around.Keys.Skip(1)));
        return Says(condition.Left, condition.Right) || Says(condition.Right, condition.Left);
    }
}

/// <summary>Two ways from one row that must end at the same values, and begin with different foreign keys.</summary>
internal sealed record KeyAgreement(JoinPath Left, JoinPath Right);

/// <summary>Columns of the row that some foreign keys lead to, one after the other.</summary>
/// <param name="Keys">The foreign keys; the first belongs to the row that the way begins at.</param>
/// <param name="Columns">Columns of the row at the end.</param>
internal sealed record JoinPath(IReadOnlyList<ForeignKeyModel> Keys, IReadOnlyList<string> Columns)
{
    /// <summary>The key that the way begins with.</summary>
    public ForeignKeyModel First => Keys[0];
}
