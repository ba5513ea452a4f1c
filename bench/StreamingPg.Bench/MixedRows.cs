using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation;
using StreamingPg.Core.Generation.Columns;
using StreamingPg.Core.Generation.Tables;
using StreamingPg.Core.Metadata;

namespace StreamingPg.Bench;

/// <summary>Rows of the three tables by the generator that a batch uses, into a block that is used again and again.</summary>
internal sealed class MixedRows : IDisposable
{
    private readonly BatchPlan _plan;
    private readonly BatchGenerator _generator;
    private readonly RowBlock _block = new();
    private readonly RowWriter _writer;

    public MixedRows(ShopRows rows)
    {
        _plan = new BatchPlan
        {
            Model = MetadataReader.Default,
            Seed = 42,
            BatchNumber = 1,
            ReferenceTime = BatchPlan.FixedReferenceTime,
            KeyTime = new DateTimeOffset(BatchPlan.FixedReferenceTime).ToUnixTimeMilliseconds(),
            Rows = rows.PerTable,
            SequenceValues = new Dictionary<string, SequenceValues> { ["detailed_transactions"] = new(1, 1) },
        };
        _generator = new BatchGenerator(_plan, 0);
        _writer = new RowWriter(_block);
    }

    /// <summary>Makes all rows of all tables.</summary>
    /// <returns>Bytes of the rows.</returns>
    public long MakeAll()
    {
        long bytes = 0;
        foreach (var table in _plan.Model.Tables)
        {
            bytes += Make(table.Name);
        }

        return bytes;
    }

    /// <summary>Makes all rows of one table.</summary>
    /// <returns>Bytes of the rows.</returns>
    public long Make(string table)
    {
        var generator = _generator.Table(table);
        var range = _generator.Rows(generator.Table);
        long bytes = 0;
        for (var row = range.From; row < range.To; bytes += _block.Length)
        {
            _block.Clear();
            _writer.Use(_block);
            row = generator.Fill(_writer, row, range.To);
        }

        return bytes;
    }

    public void Dispose() => _block.Dispose();
}
