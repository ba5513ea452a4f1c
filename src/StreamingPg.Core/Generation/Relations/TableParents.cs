using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation.Random;
using StreamingPg.Core.Generation.Tables;
using StreamingPg.Core.Generation.Values;
using StreamingPg.Core.Keys;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Generation.Relations;

/// <summary>Chooses how the parents of a table's rows are picked, for the keys that follow from no other.</summary>
internal sealed class TableParents
{
    private readonly BatchPlan _plan;
    private readonly int _chunk;
    private readonly ChunkRows _rows;
    private readonly TableGenerator _generator;
    private readonly TableRelations _relations;
    private readonly IReadOnlyDictionary<string, TableGenerator> _tables;
    // A quarter of the rows begin a tree of their own, where metadata does not say how many.
    private const double RootRatio = 0.25;

    // Churn is a share per 30 days.
    private const long ChurnTime = 30 * PostgresTime.Day;

    private readonly List<ParentPicker> _toCheck = [];

    public TableParents(
        BatchPlan plan,
        int chunk,
        ChunkRows rows,
        TableGenerator generator,
        TableRelations relations,
        IReadOnlyDictionary<string, TableGenerator> tables)
    {
        _plan = plan;
        _chunk = chunk;
        _rows = rows;
        _generator = generator;
        _relations = relations;
        _tables = tables;
    }

    private TableModel Table => _generator.Table;

    private RowRange OwnRows => _rows.Of(Table, _chunk);

    /// <summary>Sets the parents of all free keys.</summary>
    /// <exception cref="StreamingException">There are rows to make and no parent to refer to, or not enough of them.</exception>
    public void SetFree()
    {
        var open = _relations.Free.Where(HasParents).ToList();
        while (open.Count > 0)
        {
            var together = Together(open[0]).Where(open.Contains).ToList();
            open.RemoveAll(together.Contains);
            SetTogether(together);
        }
    }

    /// <summary>Picks the parents of the first row, so that what cannot be done is known before a row is made.</summary>
    public void Check()
    {
        if (OwnRows.Count > 0)
        {
            _toCheck.ForEach(picker => picker.Pick(OwnRows.From));
        }
    }

    /// <summary>False when there is nothing to refer to, which an optional key says by NULL.</summary>
    private bool HasParents(ForeignKeyModel key)
    {
        if (key.ParentTable == Table.Name || Choice(key).Count > 0)
        {
            return true;
        }

        if (!Table.IsOptional(key) && _plan.RowsOf(Table.Name) > 0)
        {
            throw RelationErrors.NoParents(Table, key);
        }

        // Rows that are there lead on to others that are only known, which nobody chooses.
        _generator.SetParents(key, new NoParent(), _tables[key.ParentTable]);
        return false;
    }

    /// <summary>The keys that must be chosen together with one, because they agree or are unique together.</summary>
    private List<ForeignKeyModel> Together(ForeignKeyModel key)
    {
        var together = new HashSet<ForeignKeyModel> { key };
        var before = 0;
        while (before < together.Count)
        {
            before = together.Count;
            together.UnionWith(together.SelectMany(_relations.SharedWith).ToList());
            together.UnionWith(_relations.Unique.Where(set => set.Keys.Any(together.Contains)).SelectMany(set => set.Keys).ToList());
        }

        return [.. _relations.Free.Where(together.Contains)];
    }

    private void SetTogether(List<ForeignKeyModel> keys)
    {
        // Where one of the keys is NULL in all rows, for want of parents or because it is set later, rows differ by that already.
        var unique = _relations.Unique.Where(set => set.Keys.All(keys.Contains)).ToList();
        var fixedParents = keys.Select(FixedParents).ToList();
        var agreements = _relations.Agreements.Where(agreement => keys.Contains(agreement.Left.First) && keys.Contains(agreement.Right.First)).ToList();
        if (unique.Count > 0 && keys is [var single] && single == _rows.DealtKey(Table) && _rows.Dealt(Table) is { } dealt && dealt.Children > dealt.Parents)
        {
            throw RelationErrors.TooFewParents(Table, unique[0], dealt.Children, dealt.Parents);
        }

        var hasConditions = _relations.Conditions.Any(condition => keys.Contains(condition.Left.First));
        if (OwnRows.Count == 0 || (keys.Count == 1 && unique.Count == 0 && !hasConditions) || fixedParents.TrueForAll(parents => parents is not null))
        {
            foreach (var (key, parents) in keys.Zip(fixedParents))
            {
                Set(key, parents ?? Chosen(key));
            }
        }
        else if (agreements.Count == 0 && !hasConditions && unique is [var only] && only.Keys.Count == keys.Count && fixedParents.TrueForAll(parents => parents is null))
        {
            SetDistinct(keys, only);
        }
        else
        {
            SetShared(keys, agreements, unique);
        }
    }

    private void Set(ForeignKeyModel key, ParentPicker picker) => _generator.SetParents(
        key, ParentWiring.Optional(Table, key, Random(key), picker), _tables[key.ParentTable]);

    private ParentPicker Chosen(ForeignKeyModel key)
    {
        if (_plan.History is { } curve && _plan.RowsOf(key.ParentTable) is > 0 and var parents && _plan.RowsOf(Table.Name) is > 0 and var rows)
        {
            return new HistoryParent(Random(key), parents, rows, LifeOf(key, curve));
        }

        var choice = Choice(key);
        return new ChosenParent(Random(key), choice, ExistingShare(choice));
    }

    /// <summary>People leave; other parents stay.</summary>
    private HistoryLife? LifeOf(ForeignKeyModel key, HistoryCurve curve) =>
        _plan.Events.History is { Churn: > 0 and var churn } && PersonKeys.Is(key) && _tables[key.ParentTable].TimeColumnIndex >= 0
            ? new HistoryLife(
                CountedRandom.FromSeed(_plan.Seed).Derive(_plan.BatchNumber).Derive(key.ParentTable).Derive("life"), curve, ChurnTime / -Math.Log(1 - churn))
            : null;

    /// <summary>Parents that follow from the row's number: it is dealt out, or refers to an earlier row of its own table.</summary>
    private ParentPicker? FixedParents(ForeignKeyModel key)
    {
        if (key == _rows.DealtKey(Table) && _rows.Dealt(Table) is { } partition)
        {
            return new PartitionedParent(partition, existing: _plan.RowsOf(key.ParentTable) == 0);
        }

        if (key.ParentTable != Table.Name)
        {
            return null;
        }

        var mayBeMissing = Table.IsOptional(key);
        if (Table.IsSieved)
        {
            // A row of the batch may not stay: only those are referred to that are there.
            return new EarlierRow(Random(key), row => row, _generator.Existing?.Count ?? 0, 1, mayBeMissing);
        }

        if (_relations.Unique.Any(set => set.Keys is [var only] && only == key))
        {
            return new NeighbourRow(OwnRows.From, mayBeMissing);
        }

        // Where rows are dealt out to a parent that the row above must share, it is one of the rows dealt to the same.
        var from = _plan.History is null ? OwnRows.From : 0;
        return _rows.DealtKey(Table) is { } dealt && _relations.SharedWith(key).Contains(dealt) && _rows.Dealt(Table) is { } shared
            ? new EarlierRow(Random(key), row => shared.ChildrenOf(shared.ParentOf(row)).From, 0, 0, mayBeMissing)
            : EarlierOrExisting(key, from, mayBeMissing);
    }

    private EarlierRow EarlierOrExisting(ForeignKeyModel key, long from, bool mayBeMissing)
    {
        var existing = _generator.Existing?.Count ?? 0;
        return new EarlierRow(
            Random(key), _ => from, existing, ParentChoice.ExistingShare(_plan.ExistingRatio, _plan.RowsOf(Table.Name), existing), mayBeMissing,
            rootRatio: mayBeMissing && Table.NullRatio(key) == 0 ? RootRatio : 0);
    }

    private double ExistingShare(ParentChoice choice) => choice.ExistingShare(_plan.ExistingRatio, _plan.RowsOf(Table.Name));

    private void SetDistinct(List<ForeignKeyModel> keys, UniqueKeySet unique)
    {
        var distinct = new DistinctChunks(_plan, _rows, Table, unique, [.. unique.Keys.Select(key => _tables[key.ParentTable])]);
        distinct.Check(_chunk);
        var rows = distinct.RowsOf(_chunk, Random(unique.Keys[0]));
        foreach (var key in keys)
        {
            Set(key, new DistinctParent(rows, unique.Keys.ToList().IndexOf(key)));
        }
    }

    private void SetShared(List<ForeignKeyModel> keys, List<KeyAgreement> agreements, List<UniqueKeySet> unique)
    {
        // Keys whose parents follow from elsewhere have their say first.
        keys = [.. keys.OrderBy(key => FixedParents(key) is null)];
        foreach (var key in keys)
        {
            // Only says which table it refers to; the shared parents look there.
            _generator.SetParents(key, new NoParent(), _tables[key.ParentTable]);
        }

        var members = keys.ConvertAll(key => new SharedParentKey(
            _generator, key, Choice(key), ExistingShare(Choice(key)), FixedParents(key), [.. _relations.Conditions.Where(condition => condition.Left.First == key)]));
        var together = unique.ConvertAll(set => new UniqueParents(set.Keys.Select(key => keys.IndexOf(key)), Taken(set), IsOfChunk(set)));

        // A row that refers to others of its table asks what those above it have, which may be another parent's.
        var dealt = _rows.DealtKey(Table) is { } dealtKey && keys.IndexOf(dealtKey) is >= 0 and var place
            && together.TrueForAll(set => set.Contains(place)) && !members.Exists(member => member.IsOwnTable) ? _rows.Dealt(Table) : null;
        var parents = new SharedParents(
            keys.ConvertAll(Random),
            [.. members],
            [.. agreements.Select(agreement => new SharedParent(members, agreement))],
            [.. together],
            OwnRows,
            dealt,
            _ => RelationErrors.NoAgreeingParents(Table, keys, unique.Count > 0));
        for (var index = 0; index < keys.Count; index++)
        {
            Set(keys[index], new SharedParentOf(parents, index));
        }

        _toCheck.Add(new SharedParentOf(parents, 0));
    }

    /// <summary>
    /// Which combinations a chunk may use: those with a parent that no other chunk refers to; the others are divided among the chunks.
    /// </summary>
    private Func<long[], bool> IsOfChunk(UniqueKeySet set)
    {
        if (_plan.Chunks == 1)
        {
            return _ => true;
        }

        var own = set.Keys.Select(key => IsNobodyElses(key) ? _rows.Of(_plan.Model.Table(key.ParentTable), _chunk) : default).ToArray();
        var share = CountedRandom.FromSeed(0).Derive(set.NameIn(Table));
        return combination =>
        {
            var random = share;
            for (var index = 0; index < combination.Length; index++)
            {
                if (combination[index] >= own[index].From && combination[index] < own[index].To)
                {
                    return true;
                }

                random = random.Derive(combination[index]);
            }

            return random.Below(0, _plan.Chunks) == _chunk;
        };
    }

    /// <summary>True when no other chunk refers to the new parents of this one. Those of the first chunk are referred to by chunks that have
    /// none of their own.</summary>
    private bool IsNobodyElses(ForeignKeyModel key) => _chunk > 0 || Enumerable.Range(1, _plan.Chunks - 1).All(chunk =>
        _rows.Of(Table, chunk).Count == 0 || _rows.Of(_plan.Model.Table(key.ParentTable), chunk).Count > 0);

    private IEnumerable<long[]> Taken(UniqueKeySet set)
    {
        foreach (var number in _plan.Taken.GetValueOrDefault(set.NameIn(Table)) ?? [])
        {
            var combination = new long[set.Keys.Count];
            var rest = number;
            for (var index = combination.Length - 1; index >= 0; index--)
            {
                (rest, var place) = Math.DivRem(rest, Choice(set.Keys[index]).Existing);
                combination[index] = ~place;
            }

            yield return combination;
        }
    }

    private ParentChoice Choice(ForeignKeyModel key) => ParentWiring.ChoiceOf(_rows, _chunk, _tables[key.ParentTable]);

    private CountedRandom Random(ForeignKeyModel key) => ChunkRows.RandomOf(_plan, Table, key);
}
