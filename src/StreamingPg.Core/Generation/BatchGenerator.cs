using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation.Columns;
using StreamingPg.Core.Generation.Random;
using StreamingPg.Core.Generation.Relations;
using StreamingPg.Core.Generation.Tables;
using StreamingPg.Core.Keys;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Generation;

/// <summary>Makes the rows of one part of a batch: a generator per table, wired to those of its parents.</summary>
internal sealed class BatchGenerator
{
    private readonly BatchPlan _plan;
    private readonly int _chunk;
    private readonly CountedRandom _random;
    private readonly ChunkRows _rows;
    private readonly ParentWiring _wiring;
    private readonly Dictionary<string, TableGenerator> _tables = new(StringComparer.Ordinal);

    /// <summary>Wires the generators of a chunk.</summary>
    /// <exception cref="StreamingException">A table has rows to make and no parent to refer to.</exception>
    public BatchGenerator(BatchPlan plan, int chunk)
        : this(plan, chunk, makesRows: true)
    {
    }

    private BatchGenerator(BatchPlan plan, int chunk, bool makesRows)
    {
        _plan = plan;
        _chunk = chunk;
        _random = CountedRandom.FromSeed(plan.Seed).Derive(plan.BatchNumber);
        _rows = new ChunkRows(plan);
        _wiring = new ParentWiring(plan, chunk, _rows, _tables);
        AddTables();
        if (makesRows)
        {
            foreach (var table in plan.Model.Tables.Where(table => chunk == 0 || Rows(table).Count > 0))
            {
                _wiring.Check(_tables[table.Name]);
            }
        }
    }

    /// <summary>Number of the chunk.</summary>
    public int Chunk => _chunk;

    /// <summary>The generator of a table.</summary>
    public TableGenerator Table(string name) => _tables[name];

    /// <summary>The rows of a table that this chunk makes.</summary>
    public RowRange Rows(TableModel table) => _rows.Of(table, _chunk);

    /// <summary>Number of rows per table that this chunk makes, tables without any left out.</summary>
    public IReadOnlyDictionary<string, long> RowsPerTable => _plan.Model.Tables
        .Where(table => Rows(table).Count > 0)
        .ToDictionary(table => table.Name, table => Rows(table).Count, StringComparer.Ordinal);

    /// <summary>The rows of a parent table that rows of this chunk refer to: its own, or those of the first chunk, which is committed
    /// before any other begins.</summary>
    public RowRange RowsToReferTo(TableModel parent) => _rows.ToReferTo(parent, _chunk);

    /// <summary>How the rows of a table are dealt out to its parents; null when they are not.</summary>
    public Partition? Dealt(TableModel table) => _rows.Dealt(table);

    /// <summary>Rows of the chunk that arrive late: their time lies before the stretch of time of the batch.</summary>
    public long CountLate()
    {
        if (_plan.Events is not { Late: not null, Span: { } span })
        {
            return 0;
        }

        var start = PostgresTime.FromDateTime(_plan.ReferenceTime) - (long)span.TotalMicroseconds;
        return _plan.Model.Tables.Select(table => (Table: _tables[table.Name], Rows: Rows(table))).Where(own => own.Table.TimeColumnIndex >= 0)
            .Sum(own => Enumerable.Range(0, (int)own.Rows.Count).LongCount(row => own.Table.TimeOf(own.Rows.From + row) <= start));
    }

    private long NewRows(string table) => _plan.RowsOf(table);

    /// <summary>A table of which a chunk has no rows of its own is the one of the first chunk, whose rows may be referred to.</summary>
    private void AddTables()
    {
        var first = _chunk > 0 && _plan.Model.Tables.Any(table => NewRows(table.Name) > 0 && Rows(table).Count == 0)
            ? new BatchGenerator(_plan, 0, makesRows: false)
            : null;
        var own = new List<TableGenerator>();
        foreach (var table in _plan.Model.Tables)
        {
            if (first is not null && Rows(table).Count == 0)
            {
                _tables.Add(table.Name, first.Table(table.Name));
            }
            else
            {
                own.Add(new TableGenerator(table, _plan.Existing.GetValueOrDefault(table.Name))
                {
                    FirstChunk = first?.Table(table.Name),
                    OwnRows = Rows(table),
                    EarlierReferredTo = _plan.Events.History is null ? null : [],
                });
                _tables.Add(table.Name, own[^1]);
            }
        }

        var choice = new ColumnChoice(_plan, ValuePools.For(_plan.Locale));
        var references = new ReferenceColumns(_plan, _wiring, _rows, _tables);
        foreach (var generator in own)
        {
            _wiring.Wire(generator);
            _wiring.WireLater(generator);
            generator.IsLate = _wiring.Late(generator);
            AddColumns(generator, choice, references);
            generator.NumberedKeys = UniqueKeys.Apply(generator, _plan, _rows);
        }

        own.ForEach(UseFastSums);
    }

    private void AddColumns(TableGenerator generator, ColumnChoice choice, ReferenceColumns references)
    {
        var table = generator.Table;
        if (NewRows(table.Name) == 0 && !_plan.Model.Tables.Any(whole => whole.Columns.Any(column => column.SumOf?.Table == table.Name)))
        {
            Array.Fill(generator.Columns, new NullColumn()); // nobody asks for a value; those of rows that are there were read
            return;
        }

        // An e-mail needs its name, a price its product and a time the first one of its row, wherever they stand in the table.
        foreach (var index in Enumerable.Range(0, table.Columns.Count)
            .OrderBy(index => ColumnChoice.FollowsAnother(table, table.Columns[index]))
            .ThenBy(index => index != generator.FirstTimeIndex))
        {
            var column = table.Columns[index];
            if (column.IsLeftToServer)
            {
                continue;
            }

            if (column.SumOf is not null)
            {
                var sum = SumRule.Of(_plan.Model, table, column);
                generator.Columns[index] = new SumColumn(sum, _tables, NewRows(table.Name) > 0 ? _rows.Dealt(sum.Parts) : null);
                continue;
            }

            ColumnGenerator Choose() => choice.Choose(
                generator,
                column,
                _random.Derive(table.Name).Derive(column.DrawnWith ?? column.Name),
                column.After is { Table: not null, IsInferred: false } after ? ReferenceColumns.TimeOfParent(generator, after) : _wiring.Earliest(generator));
            try
            {
                generator.Columns[index] = references.Find(generator, column, Choose) ?? Choose();
            }
            catch (StreamingException) when (NewRows(table.Name) == 0)
            {
                generator.Columns[index] = new NullColumn(); // nobody asks for a value
            }
        }
    }

    /// <summary>Whole quantities times prices of the catalogue are summed up without decimals, which most rows of a shop are made for.</summary>
    private void UseFastSums(TableGenerator whole)
    {
        for (var index = 0; index < whole.Columns.Length; index++)
        {
            if (whole.Columns[index] is SumColumn sum && sum.Rule is { Factors: [var first, var second] } rule
                && AmountColumn.Fits(rule.Column, rule.Key.Columns.Select(rule.Parts.Column)))
            {
                var parts = _tables[rule.Parts.Name];
                var quantity = parts.Column<IntegerColumn>(first) ?? parts.Column<IntegerColumn>(second);
                var price = parts.Column<UnitPriceColumn>(second) ?? parts.Column<UnitPriceColumn>(first);
                if (quantity is not null && price is not null)
                {
                    whole.Columns[index] = new AmountColumn(sum.Partition, quantity, price, rule.Column.SumOf!.IsOfOneIfNone);
                    CheckAmountsFit(rule, quantity.Maximum * (long)price.Maximum);
                }
            }
        }
    }

    private void CheckAmountsFit(SumRule rule, long highestPart)
    {
        if (rule.Column.Type.Precision is not { } precision || NewRows(rule.Whole.Name) + NewRows(rule.Parts.Name) == 0)
        {
            return;
        }

        // A boundary of the partition moves by less than the average: twice the average is a bound for one transaction. One
        // without lines has the amount of a single line.
        var partition = Dealt(rule.Parts);
        var most = partition is null ? 1 : (2 * Math.Ceiling((double)partition.Children / partition.Parents)) + 1;
        var limit = Math.Pow(10, precision - (rule.Column.Type.Scale ?? 0)) * 100;
        if (most * highestPart >= limit)
        {
            throw new StreamingException(
                ErrorIds.AmountTooLarge,
                StreamingErrorKind.InvalidInput,
                $"{most} rows of \"{rule.Parts.Name}\", the maximum for one of \"{rule.Whole.Name}\", could add up to more than "
                + $"\"{rule.Column.Name}\" {rule.Column.Type.ToSql()} can hold.",
                "Use more transactions or fewer line items, or widen the column.",
                rule.Whole.Name);
        }
    }
}
