using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation.Columns;
using StreamingPg.Core.Generation.Random;
using StreamingPg.Core.Generation.Tables;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Generation.Rules;

/// <summary>
/// Values of a generator of the user's own, which is asked for a block of rows at a time. The blocks are the same whatever the chunks
/// and threads are, and each has random numbers of its own: so the same seed gives the same rows.
/// </summary>
internal sealed class OwnGeneratorColumn : ColumnGenerator
{
    /// <summary>Rows of a block: enough that a call costs little, and few enough for a batch of a stream.</summary>
    public const int BlockSize = 1000;

    private readonly TableGenerator _table;
    private readonly ColumnModel _column;
    private readonly OwnGeneratorRule _rule;
    private readonly CountedRandom _random;
    private readonly long _rows;
    private IReadOnlyList<object?> _values = [];
    private long _first = -1;
    private bool _isMaking;

    /// <param name="table">The table.</param>
    /// <param name="column">The column.</param>
    /// <param name="rule">The generator.</param>
    /// <param name="random">Random stream of the column.</param>
    /// <param name="rows">Rows of the table in the batch.</param>
    public OwnGeneratorColumn(TableGenerator table, ColumnModel column, OwnGeneratorRule rule, CountedRandom random, long rows)
    {
        _table = table;
        _column = column;
        _rule = rule;
        _random = random;
        _rows = rows;
    }

    public override void Write(RowWriter writer, long row)
    {
        if (_first < 0 || row < _first || row >= _first + _values.Count)
        {
            Make(row - (row % BlockSize));
        }

        var value = _values[(int)(row - _first)];
        try
        {
            FieldCodec.Write(writer, _column.Type, value);
        }
        catch (FormatException exception)
        {
            throw RuleError.OfRow(
                _table.Table,
                _column,
                row,
                new FormatException($"{FieldCodec.Describe(value)} of the generator \"{_rule.Generator.Name}\" does not fit {_column.Type.ToSql()}: {exception.Message}"));
        }
    }

    private void Make(long first)
    {
        if (_isMaking)
        {
            throw Error("it reads a column that reads this one");
        }

        _isMaking = true;
        try
        {
            var count = (int)Math.Min(BlockSize, _rows - first);
            var rows = new GeneratorRows(_table.Table.Name, _column.Name, first + 1, count, name => Read(name, first, count)) { Arguments = _rule.Arguments };
            var values = Values(rows, new System.Random((int)_random.Bits(first)));
            _values = values?.Count == count ? values : throw Error($"it made {values?.Count ?? 0} values for {count} rows");
            _first = first;
        }
        finally
        {
            _isMaking = false;
        }
    }

    private IReadOnlyList<object?>? Values(GeneratorRows rows, System.Random random)
    {
        try
        {
            return _rule.Generator.Generate(rows, random);
        }
        catch (Exception exception) when (exception is not (StreamingException or OperationCanceledException))
        {
            throw Error(exception.Message.TrimEnd('.'), exception);
        }
    }

    /// <summary>The values of another column, as the pipeline would show them.</summary>
    private object?[] Read(string name, long first, int count)
    {
        var index = _table.Table.IndexOf(name);
        if (index < 0 || index == _table.Table.IndexOf(_column.Name) || _table.Columns[index] is null)
        {
            throw Error(index < 0
                ? $"it reads the column \"{name}\", which does not exist {MetadataError.SuggestWithin(name, [.. _table.Table.Columns.Select(column => column.Name)])}"
                : $"it reads the column \"{name}\", whose values are not known here");
        }

        using var block = new RowBlock(512);
        var values = new object?[count];
        for (var row = 0; row < count; row++)
        {
            block.Clear();
            var writer = new RowWriter(block);
            _table.Columns[index].Write(writer, first + row);
            values[row] = writer.IsNullAt(0) ? null : FieldCodec.Read(_table.Table.Columns[index].Type, writer.FieldAt(0));
        }

        return values;
    }

    private StreamingException Error(string reason, Exception? cause = null) => new(
        ErrorIds.GeneratorFailed,
        StreamingErrorKind.InvalidInput,
        $"The generator \"{_rule.Generator.Name}\" of \"{_table.Table.Name}\".\"{_column.Name}\" failed: {reason}.",
        "Correct the generator.",
        _rule.Generator.Name,
        cause);
}
