using System.Runtime.CompilerServices;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation.Random;

namespace StreamingPg.Core.Generation.Columns;

/// <summary>Knows the name of the person that a row is about, so that addresses can belong to it.</summary>
internal interface IPersonNames
{
    /// <summary>The pools that the names are from.</summary>
    ValuePools Pools { get; }

    /// <summary>Which first and which last name a row has.</summary>
    (int First, int Last) Choose(long row);
}

/// <summary>First and last name.</summary>
internal sealed class PersonNameColumn : ColumnGenerator, IPersonNames, IIndexed
{
    private readonly CountedRandom _random;
    private readonly Utf8Pool _firstNames;
    private readonly Utf8Pool _lastNames;
    private readonly Lazy<(int[] First, int[] Last)> _different;

    /// <param name="random">Random stream of the column.</param>
    /// <param name="pools">Pools of the locale.</param>
    /// <param name="length">Maximum characters of the column; null means no limit.</param>
    public PersonNameColumn(CountedRandom random, ValuePools pools, int? length)
    {
        _random = random;
        Pools = pools;

        // Where two names and a blank do not go in, the first name alone does.
        var both = length is not < 3;
        _firstNames = pools.FirstNames.Fit(both ? (length - 1) / 2 : length);
        _lastNames = pools.LastNames.Fit(both ? (length - 1) / 2 : 0);
        _different = new Lazy<(int[], int[])>(Different);
    }

    /// <inheritdoc/>
    public ValuePools Pools { get; }

    /// <inheritdoc/>
    public long Count => (long)_different.Value.First.Length * _different.Value.Last.Length;

    /// <summary>Which first and which last name a row has.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public (int First, int Last) Choose(long row)
    {
        var bits = _random.Bits(row);
        return ((int)(((bits >> 32) * (ulong)_firstNames.Count) >> 32), (int)(((bits & 0xFFFFFFFF) * (ulong)_lastNames.Count) >> 32));
    }

    /// <inheritdoc/>
    public void WriteIndex(RowWriter writer, long index)
    {
        var (first, last) = Math.DivRem(index, _different.Value.Last.Length);
        Write(writer, _different.Value.First[first], _different.Value.Last[last]);
    }

    public override void Write(RowWriter writer, long row)
    {
        var (first, last) = Choose(row);
        Write(writer, first, last);
    }

    private void Write(RowWriter writer, int first, int last)
    {
        var start = writer.BeginField();
        writer.Append(_firstNames[first]);
        if (_lastNames[last].Length > 0)
        {
            writer.Append((byte)' ');
            writer.Append(_lastNames[last]);
        }

        writer.EndField(start);
    }

    /// <summary>Names that are not cut to the same text, case aside, and of which no two pairs look the same: first names have no blank.</summary>
    private (int[] First, int[] Last) Different() => (
        [.. Enumerable.Range(0, _firstNames.Count).Where(index => !_firstNames.Values[index].Contains(' ', StringComparison.Ordinal))
            .DistinctBy(index => _firstNames.Values[index], StringComparer.OrdinalIgnoreCase)],
        [.. Enumerable.Range(0, _lastNames.Count).DistinctBy(index => _lastNames.Values[index], StringComparer.OrdinalIgnoreCase)]);
}

/// <summary>Names that stand in two columns, or of which one column is not there: it is then any name.</summary>
internal sealed class SplitNames(CountedRandom random, ValuePools pools, PooledTextColumn? first, PooledTextColumn? last) : IPersonNames
{
    private readonly PersonNameColumn _others = new(random.Derive("name"), pools, null);

    public ValuePools Pools => pools;

    public (int First, int Last) Choose(long row)
    {
        var other = _others.Choose(row);
        return (first?.Choose(row) ?? other.First, last?.Choose(row) ?? other.Last);
    }
}
