using StreamingPg.Core.Binary;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Generation;
using StreamingPg.Core.Generation.Columns;
using StreamingPg.Core.Generation.Random;
using StreamingPg.Core.Generation.Relations;
using StreamingPg.Core.Generation.Tables;
using StreamingPg.Core.Ledger;
using StreamingPg.Core.Loading;
using StreamingPg.Core.Loading.References;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Records;

/// <summary>Makes rows of any table of any model, as values, by the generators that a batch uses.</summary>
internal sealed class RowMaker : IDisposable
{
    // Few rows at a time: a row should come out as soon as it is there.
    private const int RowsAtATime = 256;

    private readonly StreamModel _model;
    private readonly GenerationOptions _options;
    private readonly Dictionary<string, ExistingRows> _parents = new(StringComparer.Ordinal);

    /// <summary>Makes rows of a model.</summary>
    public RowMaker(StreamModel model, GenerationOptions options)
    {
        _model = model;
        _options = options;
    }

    /// <summary>Adds a row that rows to be made may refer to: one value per column of its table.</summary>
    public void AddParent(TableModel table, ReadOnlySpan<object?> values)
    {
        ArgumentNullException.ThrowIfNull(table);
        if (!_parents.TryGetValue(table.Name, out var rows))
        {
            _parents.Add(table.Name, rows = new ExistingRows(table));
        }

        rows.Add(values);
    }

    /// <summary>Makes rows that refer to the parents that were added, one at a time as they are requested.</summary>
    /// <exception cref="StreamingException">There is nothing to refer to, or the count is out of range.</exception>
    public IEnumerable<object?[]> Make(TableModel table, long count)
    {
        ArgumentNullException.ThrowIfNull(table);
        RequireKeys(table);
        return Make(Plan(_options, new Dictionary<string, long> { [table.Name] = count }, ExistingParents.Of(_parents)), table);
    }

    /// <summary>Makes rows that refer to parents in the database, which are picked there.</summary>
    /// <exception cref="StreamingException">There is nothing to refer to, or the server refused.</exception>
    public async Task<IEnumerable<object?[]>> MakeForExistingAsync(
        DatabaseConnection connection, TableModel table, long count, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(table);
        var time = await LedgerTimes
            .ForSeedAsync(connection, _options.Seed, _options.ReferenceTime, cancellationToken).ConfigureAwait(false);
        var options = new BatchOptions
        {
            Rows = new Dictionary<string, long> { [table.Name] = count },
            Seed = _options.Seed,
            ReferenceTime = time,
        };
        BatchPlan.CheckCounts(_model, options.Rows);
        var model = await FromValues.ReadAsync(connection, _model, cancellationToken).ConfigureAwait(false);
        var parents = await ParentCollector.ReadAsync(connection, model, options, cancellationToken).ConfigureAwait(false);
        var plan = Plan(_options with { ReferenceTime = time }, options.Rows, parents) with { Model = model };
        return Make(plan, model.Table(table.Name));
    }

    /// <summary>Makes the rows of one table out of a whole batch, which refer to those that the same seed and counts give of the others.</summary>
    /// <returns>The rows in blocks, each of which is valid until the next is asked for.</returns>
    /// <exception cref="StreamingException">There is nothing to refer to, or a count is out of range.</exception>
    public IEnumerable<RowBlock> MakeOfBatch(IReadOnlyDictionary<string, long> rows, TableModel table)
    {
        ArgumentNullException.ThrowIfNull(table);
        var plan = Plan(_options, rows, ExistingParents.Of(_parents));
        return Blocks(plan with
        {
            // A number that nothing refers to is the database's to give: rows can then be imported wherever there are others.
            SequenceValues = plan.Model.Tables.Where(other => IsReferredBySequence(plan.Model, other))
                .ToDictionary(other => other.Name, _ => new SequenceValues(1, 1), StringComparer.Ordinal),
        }, table);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var rows in _parents.Values)
        {
            rows.Dispose();
        }
    }

    private BatchPlan Plan(GenerationOptions options, IReadOnlyDictionary<string, long> rows, ExistingParents parents) =>
        PlanMaker.Make(_model, GenerationSettings.From(options), options.Locale, rows, parents) with
        {
            Events = new EventTimes { Rhythm = RhythmModel.Of(_model, pattern: null, timeZone: null) },
        };

    private static bool IsReferredBySequence(StreamModel model, TableModel table) => table.SequenceColumn is { } sequence
        && model.Tables.Any(child => child.ForeignKeys.Any(key => key.ParentTable == table.Name && key.ParentColumns.Contains(sequence.Name)));

    private static IEnumerable<object?[]> Make(BatchPlan plan, TableModel table) =>
        Blocks(plan, table).SelectMany(block => Decode(table, block));

    private static IEnumerable<RowBlock> Blocks(BatchPlan plan, TableModel table)
    {
        var batch = new BatchGenerator(plan, 0);
        var generator = batch.Table(table.Name);
        ReferenceColumns.SetLater(generator);
        return Blocks(generator, batch.Rows(table));
    }

    /// <summary>The rows of a generator as values.</summary>
    internal static IEnumerable<object?[]> Read(TableGenerator generator, long count) => Read(generator, new RowRange(0, count));

    /// <summary>Some rows of a generator as values.</summary>
    internal static IEnumerable<object?[]> Read(TableGenerator generator, RowRange rows) =>
        Blocks(generator, rows).SelectMany(block => Decode(generator.Table, block));

    private static IEnumerable<RowBlock> Blocks(TableGenerator generator, RowRange rows)
    {
        using var block = new RowBlock();
        for (var row = rows.From; row < rows.To;)
        {
            block.Clear();
            row = generator.Fill(new RowWriter(block), row, Math.Min(rows.To, row + RowsAtATime));
            yield return block;
        }
    }

    private static List<object?[]> Decode(TableModel table, RowBlock block)
    {
        var rows = new List<object?[]>(block.Rows);
        var reader = new RowReader(block);
        while (reader.NextRow())
        {
            var values = new object?[table.Columns.Count];
            for (var column = 0; column < values.Length; column++)
            {
                if (table.Columns[column].IsLeftToServer)
                {
                    continue;
                }

                var field = reader.NextField(out var isNull);
                values[column] = isNull ? null : FieldCodec.Read(table.Columns[column].Type, field);
            }

            rows.Add(values);
        }

        return rows;
    }

    /// <summary>A parent whose key a sequence has yet to give cannot be referred to.</summary>
    private void RequireKeys(TableModel table)
    {
        foreach (var key in table.ForeignKeys)
        {
            if (_parents.GetValueOrDefault(key.ParentTable) is { } rows
                && Enumerable.Range(0, rows.Count).Any(row => key.ParentColumns.Any(column => rows.Value(row, rows.Table.IndexOf(column)) is null)))
            {
                throw new StreamingException(
                    ErrorIds.ParentWithoutKey,
                    StreamingErrorKind.InvalidInput,
                    $"Rows of \"{key.ParentTable}\" have no ({string.Join(", ", key.ParentColumns)}) yet for rows of \"{table.Name}\" to refer to: the database generates it.",
                    $"Import the rows of \"{key.ParentTable}\" first, then use -Existing.",
                    key.ParentTable);
            }
        }
    }
}
