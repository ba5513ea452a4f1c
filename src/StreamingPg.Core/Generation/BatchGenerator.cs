using StreamingPg.Core.Generation.Columns;
using StreamingPg.Core.Generation.Parents;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Generation;

/// <summary>Makes the rows of one part of a batch: a generator per table, wired to those of its parents.</summary>
internal sealed class BatchGenerator
{
    private readonly BatchPlan _plan;
    private readonly int _part;
    private readonly CountedRandom _random;
    private readonly ShopLines? _shop;
    private readonly Dictionary<string, TableGenerator> _tables = new(StringComparer.Ordinal);

    /// <summary>Wires the generators of a part.</summary>
    /// <exception cref="StreamingException">A table has rows to make and no parent to refer to.</exception>
    public BatchGenerator(BatchPlan plan, int part)
    {
        _plan = plan;
        _part = part;
        _random = CountedRandom.FromSeed(plan.Seed).Derive(plan.BatchNumber);
        _shop = ShopLines.Find(plan.Model);
        var choice = new ColumnChoice(plan, ValuePools.For(plan.Locale));
        foreach (var table in plan.Model.Tables)
        {
            var generator = new TableGenerator(table, plan.Existing.GetValueOrDefault(table.Name));
            _tables.Add(table.Name, generator);
            AddParents(generator);
            AddColumns(generator, choice);
        }

        if (_shop is not null)
        {
            AddAmounts(_shop);
        }
    }

    /// <summary>Number of the part.</summary>
    public int Part => _part;

    /// <summary>The generator of a table.</summary>
    public TableGenerator Table(string name) => _tables[name];

    /// <summary>The rows of a table that this part makes.</summary>
    public RowRange Rows(TableModel table) => Rows(table, _part);

    /// <summary>Number of rows per table that this part makes, tables without any left out.</summary>
    public IReadOnlyDictionary<string, long> RowsPerTable => _plan.Model.Tables
        .Where(table => Rows(table).Count > 0)
        .ToDictionary(table => table.Name, table => Rows(table).Count, StringComparer.Ordinal);

    /// <summary>The rows of a parent table that rows of this part refer to: its own, or those of the first part, which is committed
    /// before any other begins.</summary>
    public RowRange RowsToReferTo(TableModel parent)
    {
        var own = Rows(parent);
        return own.Count > 0 ? own : Rows(parent, 0);
    }

    /// <summary>How the lines of a shop are dealt out to its transactions; null when there are none to deal out.</summary>
    public Partition? Lines { get; private set; }

    private RowRange Rows(TableModel table, int part)
    {
        if (_shop is not null && table == _shop.Lines && Lines is not null && NewRows(_shop.ToTransaction.ParentTable) > 0)
        {
            var transactions = Rows(_plan.Model.Table(_shop.ToTransaction.ParentTable), part);
            return new RowRange(Lines.ChildrenOf(transactions.From).From, Lines.ChildrenOf(transactions.To - 1).To);
        }

        // Rounded up, so that the first part, which the others may refer to, has a row wherever there is one.
        var rows = _plan.RowsOf(table.Name);
        return new RowRange(Cut(rows, part), Cut(rows, part + 1));
    }

    private long Cut(long rows, int part) => (long)(((Int128)rows * part + _plan.Parts - 1) / _plan.Parts);

    private long NewRows(string table) => _plan.RowsOf(table);

    private void AddParents(TableGenerator generator)
    {
        var table = generator.Table;

        // What another parent refers to needs no rows to choose from: a line's user comes with its transaction.
        var implied = SharedAncestor.Of(_plan.Model, table).Select(ancestor => ancestor.Straight).ToHashSet();
        foreach (var foreignKey in table.ForeignKeys)
        {
            var parent = _tables[foreignKey.ParentTable];
            if (NewRows(foreignKey.ParentTable) == 0 && parent.Existing is not { Count: > 0 })
            {
                if (NewRows(table.Name) > 0 && !implied.Contains(foreignKey))
                {
                    throw NoParents(table, foreignKey);
                }

                continue;
            }

            generator.SetParents(foreignKey, Picker(table, foreignKey, parent));
        }
    }

    private ParentPicker Picker(TableModel table, ForeignKeyModel foreignKey, TableGenerator parent)
    {
        var random = _random.Derive(table.Name).Derive("->" + string.Join(',', foreignKey.Columns));
        var newParents = NewRows(foreignKey.ParentTable);
        if (_shop is not null && table == _shop.Lines && foreignKey == _shop.ToTransaction)
        {
            var existing = newParents == 0;
            Lines = new Partition(random, existing ? parent.Existing!.Count : newParents, NewRows(table.Name));
            return new PartitionedParent(Lines, existing);
        }

        return new ChosenParent(
            random,
            RowsToReferTo(parent.Table),
            parent.Existing?.Count ?? 0,
            _plan.ExistingRatio);
    }

    private void AddColumns(TableGenerator generator, ColumnChoice choice)
    {
        var table = generator.Table;
        var shared = SharedAncestor.Of(_plan.Model, table);

        // An e-mail needs its name and a price its product, wherever they stand in the table.
        foreach (var index in Enumerable.Range(0, table.Columns.Count).OrderBy(index => ColumnChoice.FollowsAnother(table.Columns[index])))
        {
            var column = table.Columns[index];
            generator.Columns[index] = Reference(generator, column, shared)
                ?? choice.Choose(
                    generator,
                    column,
                    _random.Derive(table.Name).Derive(column.Name),
                    Earliest(generator, shared),
                    isLine: table == _shop?.Lines);
        }
    }

    private ParentValueColumn? Reference(TableGenerator generator, ColumnModel column, IReadOnlyList<SharedAncestor> shared)
    {
        // What the parent refers to comes first: a line's user is its transaction's user.
        var via = shared.FirstOrDefault(ancestor => ancestor.Columns.Contains(column.Name));
        if (via is not null)
        {
            return From(generator, via.Via, via.ParentColumns[via.Columns.ToList().IndexOf(column.Name)]);
        }

        var key = generator.Table.ForeignKeys.FirstOrDefault(key => key.Columns.Contains(column.Name));
        return key is null ? null : From(generator, key, key.ParentColumns[key.Columns.ToList().IndexOf(column.Name)]);
    }

    private ParentValueColumn? From(TableGenerator generator, ForeignKeyModel foreignKey, string parentColumn)
    {
        var parent = _tables[foreignKey.ParentTable];
        var index = parent.Table.Columns.ToList().FindIndex(column => column.Name == parentColumn);
        return generator.HasParents(foreignKey) ? new ParentValueColumn(generator.Parents(foreignKey), parent, index) : null;
    }

    /// <summary>The latest time of a row's parents; what a shared ancestor says, the parent between has heeded already.</summary>
    private Func<long, long?>? Earliest(TableGenerator generator, IReadOnlyList<SharedAncestor> shared)
    {
        var implied = shared.Select(ancestor => ancestor.Straight).ToHashSet();
        var timed = generator.Table.ForeignKeys
            .Where(key => !implied.Contains(key) && generator.HasParents(key) && _tables[key.ParentTable].TimeColumnIndex >= 0)
            .Select(key => (Picker: generator.Parents(key), Parent: _tables[key.ParentTable]))
            .ToArray();
        if (timed.Length == 0)
        {
            return null;
        }

        if (timed.Length == 1)
        {
            var (picker, parent) = timed[0];
            return row => parent.TimeOf(picker.Pick(row));
        }

        return row => timed.Max(parent => parent.Parent.TimeOf(parent.Picker.Pick(row)));
    }

    private void AddAmounts(ShopLines shop)
    {
        var lines = _tables[shop.Lines.Name];
        var transactions = _tables[shop.ToTransaction.ParentTable];
        var quantity = lines.Column<IntegerColumn>(ShopLines.Quantity);
        var price = lines.Column<UnitPriceColumn>(ShopLines.UnitPrice);
        if (quantity is null || price is null)
        {
            return;
        }

        var newTransactions = NewRows(transactions.Table.Name) > 0;
        var amount = new AmountColumn(newTransactions ? Lines : null, quantity, price);
        var index = transactions.Table.Columns.ToList().FindIndex(column => column.Name == ShopLines.Amount);
        transactions.Columns[index] = amount;
        CheckAmountsFit(transactions.Table.Columns[index], quantity.Maximum * (long)price.Maximum, shop);
    }

    private void CheckAmountsFit(ColumnModel amount, long highestLine, ShopLines shop)
    {
        if (amount.Type.Precision is not { } precision || NewRows(shop.ToTransaction.ParentTable) + NewRows(shop.Lines.Name) == 0)
        {
            return;
        }

        // A boundary of the partition moves by less than the average: twice the average is a bound for one transaction. One
        // without lines has the amount of a single line.
        var most = Lines is null ? 1 : (2 * Math.Ceiling((double)Lines.Children / Lines.Parents)) + 1;
        var limit = Math.Pow(10, precision - (amount.Type.Scale ?? 0)) * 100;
        if (most * highestLine >= limit)
        {
            throw new StreamingException(
                "AmountTooLarge",
                StreamingErrorKind.InvalidInput,
                $"{most} rows of \"{shop.Lines.Name}\", as one of \"{shop.ToTransaction.ParentTable}\" may have, could add up to more than "
                + $"\"{amount.Name}\" {amount.Type.ToSql()} can hold.",
                "Ask for more transactions or fewer lines, or widen the column.",
                shop.ToTransaction.ParentTable);
        }
    }

    private static StreamingException NoParents(TableModel table, ForeignKeyModel foreignKey) => new(
        "NoParents",
        StreamingErrorKind.InvalidInput,
        $"Rows of \"{table.Name}\" refer to \"{foreignKey.ParentTable}\", which has no rows up to the reference time, and none are to be made.",
        $"Ask for at least one row of \"{foreignKey.ParentTable}\" too.",
        table.Name);
}
