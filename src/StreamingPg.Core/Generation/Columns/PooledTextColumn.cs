using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation.Random;

namespace StreamingPg.Core.Generation.Columns;

/// <summary>Text from a pool, every entry as likely as another.</summary>
/// <param name="random">Random stream of the column.</param>
/// <param name="pool">The pool.</param>
/// <param name="length">Maximum characters of the column; null means no limit.</param>
internal sealed class PooledTextColumn(CountedRandom random, Utf8Pool pool, int? length = null) : ColumnGenerator, IIndexed
{
    private readonly Utf8Pool _fitting = pool.Fit(length);
    private readonly Lazy<Utf8Pool> _different =
        new(() => new Utf8Pool([.. pool.Fit(length).Values.Distinct(StringComparer.Ordinal)]));

    public long Count => _different.Value.Count;

    /// <summary>All texts of the pool.</summary>
    public IReadOnlyList<string> Texts => pool.Values;

    /// <summary>True when the texts are from a pool, whole or cut.</summary>
    public bool IsFrom(Utf8Pool other) => pool == other;

    /// <summary>Which entry a row has.</summary>
    public int Choose(long row) => (int)random.Below(row, _fitting.Count);

    public void WriteIndex(RowWriter writer, long index) => writer.WriteBytes(_different.Value[(int)index]);

    public override void Write(RowWriter writer, long row) => writer.WriteBytes(_fitting[Choose(row)]);
}
