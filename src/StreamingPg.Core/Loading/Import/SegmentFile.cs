using StreamingPg.Core.Binary;

namespace StreamingPg.Core.Loading.Import;

/// <summary>Rows that wait in their order; rows that follow each other and have the same shape are taken together.</summary>
internal sealed class SegmentFile : IDisposable
{
    private readonly RowTempFile _blocks = new();
    private readonly List<ColumnSet?> _shapes = [];
    private RowBlock _block = new();
    private ColumnSet? _shape;
    private long _rows;

    /// <summary>Rows so far.</summary>
    public long Rows => _rows + _block.Rows;

    /// <summary>Takes a block over, whose rows have one shape.</summary>
    public void Add(RowBlock block, ColumnSet? shape)
    {
        _rows += block.Rows;
        _blocks.Add(block);
        _shapes.Add(shape);
    }

    /// <summary>Copies a single row.</summary>
    public void Add(SegmentRows row)
    {
        if (_block.Rows > 0 && (!Equals(row.Given, _shape) || _block.Length + row.Bytes.Length > RowBlock.DefaultSize))
        {
            EndBlock();
        }

        _shape = row.Given;
        if (_block.Length + row.Bytes.Length > _block.Buffer.Length)
        {
            _block.Grow(_block.Length + row.Bytes.Length);
        }

        row.Bytes.Span.CopyTo(_block.Buffer.AsSpan(_block.Length));
        _block.Length += row.Bytes.Length;
        _block.Rows += row.Rows;
    }

    /// <summary>Takes all rows out; each block is valid until the next is requested.</summary>
    public IEnumerable<SegmentRows> Take()
    {
        EndBlock();
        var index = 0;
        foreach (var block in _blocks.Take())
        {
            using (block)
            {
                yield return new SegmentRows(block.Memory, block.Rows, _shapes[index++]);
            }
        }
    }

    /// <summary>Takes all blocks out, of which each is the caller's to dispose; single rows must not have been added.</summary>
    public IEnumerable<RowBlock> TakeBlocks() => _blocks.Take();

    public void Dispose()
    {
        _block.Dispose();
        _blocks.Dispose();
    }

    private void EndBlock()
    {
        if (_block.Rows > 0)
        {
            Add(_block, _shape);
            _block = new RowBlock();
        }
    }
}
