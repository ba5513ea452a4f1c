using StreamingPg.Core.Generation.Random;
using StreamingPg.Core.Generation.Tables;
using StreamingPg.Core.Keys;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Generation.Relations;

/// <summary>Says, for every foreign key of the tables of a chunk, how the parents of its rows are picked.</summary>
internal sealed class ParentWiring
{
    private readonly BatchPlan _plan;
    private readonly int _chunk;
    private readonly ChunkRows _rows;
    private readonly IReadOnlyDictionary<string, TableGenerator> _tables;
    private readonly Dictionary<TableGenerator, TableParents> _chosen = [];

    /// <param name="plan">The batch.</param>
    /// <param name="chunk">Number of the chunk.</param>
    /// <param name="rows">Which rows the chunk makes.</param>
    /// <param name="tables">The tables, parents first.</param>
    public ParentWiring(BatchPlan plan, int chunk, ChunkRows rows, IReadOnlyDictionary<string, TableGenerator> tables)
    {
        _plan = plan;
        _chunk = chunk;
        _rows = rows;
        _tables = tables;
    }

    /// <summary>How the keys of a table hang together.</summary>
    public TableRelations Relations(TableModel table) => TableRelations.Of(_plan.Model, table);

    /// <summary>Sets the parents of a table whose own parents are set already.</summary>
    /// <exception cref="StreamingException">The table has rows to make and no parent to refer to, or not enough of them.</exception>
    public void Wire(TableGenerator generator)
    {
        var table = generator.Table;
        var relations = Relations(table);
        var chosen = new TableParents(_plan, _chunk, _rows, generator, relations, _tables);
        chosen.SetFree();
        foreach (var (key, shared) in relations.Implied)
        {
            SetImplied(generator, key, shared);
        }

        _chosen.Add(generator, chosen);
    }

    /// <summary>Picks the parents of the first row, so that what cannot be done is known before a row is made.</summary>
    /// <exception cref="StreamingException">No parents are left that agree.</exception>
    public void Check(TableGenerator generator) => _chosen[generator].Check();

    /// <summary>The latest time of a row's parents, or null when none of them has one. What a shared ancestor says, the parent between
    /// already respects.</summary>
    public Func<long, long?>? Earliest(TableGenerator generator)
    {
        var timed = TimedParents(generator);
        if (timed.Length == 0)
        {
            return null;
        }

        if (timed is [{ IsOwnTable: false } only])
        {
            return row => only.Parent.TimeOf(only.Picker.Pick(row));
        }

        return row =>
        {
            long? latest = null;
            foreach (var (picker, parent, isOwnTable) in timed)
            {
                var picked = picker.Pick(row);
                if (!(isOwnTable && picked == row) && parent.TimeOf(picked) is { } time && !(time <= latest))
                {
                    latest = time;
                }
            }

            return latest;
        };
    }

    /// <summary>
    /// Says which rows of a table arrive late, if the plan has such: those whose new parents do, and of the others the share that the plan
    /// asks for. So the share is the same whether a row has new parents or old ones.
    /// </summary>
    public Func<long, bool>? Late(TableGenerator generator)
    {
        if (_plan.Events.Late is not { } late)
        {
            return null;
        }

        var random = CountedRandom.FromSeed(_plan.Seed).Derive(_plan.BatchNumber).Derive(generator.Table.Name).Derive("late");
        var timed = TimedParents(generator).Where(parent => !parent.IsOwnTable && parent.Parent.IsLate is not null).ToArray();
        return row =>
        {
            foreach (var parent in timed)
            {
                if (parent.Picker.Pick(row) is >= 0 and var picked)
                {
                    return parent.Parent.IsLate!(picked);
                }
            }

            return random.Fraction(row) < late.Share;
        };
    }

    /// <summary>The parents whose times a row's own follows.</summary>
    private (ParentPicker Picker, TableGenerator Parent, bool IsOwnTable)[] TimedParents(TableGenerator generator)
    {
        var relations = Relations(generator.Table);
        return [.. generator.Table.ForeignKeys
            .Where(key => !key.IsLoadedLater
                && generator.HasParents(key)
                && generator.ParentTable(key).TimeColumnIndex >= 0
                && (!relations.Implied.TryGetValue(key, out var shared) || !shared.PassesTimeOn(_plan.Model, generator.Table)))
            .Select(key => (generator.Parents(key), generator.ParentTable(key), key.ParentTable == generator.Table.Name))];
    }

    /// <summary>Sets the parents by the keys at which cycles were cut; whoever picks them must wait until all tables are wired.</summary>
    /// <exception cref="StreamingException">The table has rows to make and no parent to refer to.</exception>
    public void WireLater(TableGenerator generator)
    {
        var table = generator.Table;
        foreach (var key in table.ForeignKeys.Where(key => key.IsLoadedLater))
        {
            var random = ChunkRows.RandomOf(_plan, table, key);
            generator.SetParents(key, Optional(table, key, random, Later(generator, key, random)), _tables[key.ParentTable]);
        }
    }

    private ParentPicker Later(TableGenerator generator, ForeignKeyModel key, CountedRandom random)
    {
        var table = generator.Table;
        var parent = _tables[key.ParentTable];
        var back = DealtKeys.WayBack(parent.Table, table.Name);
        var own = back is null ? null : new OwnChild(random, parent, back, _rows.Of(parent.Table, _chunk));
        var choice = ChoiceOf(_rows, _chunk, parent);
        if (own is not null && (table.IsOptional(key) || (back == _rows.DealtKey(parent.Table) && _rows.Dealt(parent.Table) is { LeavesNoneOut: true })))
        {
            // The address that a customer prefers is one of the customer's own, and no two customers have the same.
            return own;
        }

        if (choice.Count == 0)
        {
            return table.IsOptional(key) || _plan.RowsOf(table.Name) == 0 ? new NoParent() : throw RelationErrors.NoParents(table, key);
        }

        var unique = UniqueKeySet.Of(table).Where(set => set.Keys.Contains(key)).ToList();
        if (unique.Find(set => set.Keys.Count == 1) is { } single)
        {
            return Distinct(table, single, parent, random);
        }

        if (unique.Count > 0 && own is null)
        {
            throw RelationErrors.UniqueInCycle(table, key);
        }

        var any = new ChosenParent(random, choice, ExistingShare(table, choice));
        return own is null ? any : new FirstParent(own, any);
    }

    /// <summary>Parents of which no two rows have the same.</summary>
    private ParentPicker Distinct(TableModel table, UniqueKeySet unique, TableGenerator parent, CountedRandom random)
    {
        if (_rows.Of(table, _chunk).Count == 0)
        {
            return new NoParent();
        }

        var distinct = new DistinctChunks(_plan, _rows, table, unique, [parent]);
        distinct.Check(_chunk);
        return new DistinctParent(distinct.RowsOf(_chunk, random), 0);
    }

    /// <summary>The rows of a parent table that a chunk may choose from.</summary>
    public static ParentChoice ChoiceOf(ChunkRows rows, int chunk, TableGenerator parent)
    {
        var existing = parent.Existing?.Count ?? 0;
        return new ParentChoice(
            rows.ToReferTo(parent.Table, chunk), existing, rows.ExistingOf(existing, chunk), rows.Of(parent.Table, chunk).Count > 0);
    }

    private double ExistingShare(TableModel table, ParentChoice choice) => choice.ExistingShare(_plan.ExistingRatio, _plan.RowsOf(table.Name));

    /// <summary>Leaves the parent out for the share of rows that metadata asks for.</summary>
    public static ParentPicker Optional(TableModel table, ForeignKeyModel key, CountedRandom random, ParentPicker picker) =>
        table.NullRatio(key) is > 0 and var ratio ? new OptionalParent(random, ratio, picker) : picker;

    /// <summary>A key follows from a parent; where that is missing, it is chosen.</summary>
    private void SetImplied(TableGenerator generator, ForeignKeyModel key, SharedAncestor shared)
    {
        var parent = _tables[key.ParentTable];
        var choice = ChoiceOf(_rows, _chunk, parent);
        if (choice.Count == 0 && !generator.HasParents(shared.Via))
        {
            return;
        }

        var random = ChunkRows.RandomOf(_plan, generator.Table, key);
        ParentPicker picker = new FollowedParent(generator, [.. shared.Path, shared.ParentKey]);
        if (shared.MayBeMissing(_plan.Model, generator.Table) && choice.Count > 0)
        {
            picker = new FirstParent(picker, new ChosenParent(random, choice, ExistingShare(generator.Table, choice)));
        }

        generator.SetParents(key, Optional(generator.Table, key, random, picker), parent);
    }
}
