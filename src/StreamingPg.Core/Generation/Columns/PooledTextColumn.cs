using StreamingPg.Core.Binary;

namespace StreamingPg.Core.Generation.Columns;

/// <summary>Text from a pool, every entry as likely as another.</summary>
internal sealed class PooledTextColumn(CountedRandom random, Utf8Pool pool) : ColumnGenerator
{
    /// <summary>Which entry a row has.</summary>
    public int Choose(long row) => (int)random.Below(row, pool.Count);

    public override void Write(RowWriter writer, long row) => writer.WriteBytes(pool[Choose(row)]);
}
