using System.Runtime.CompilerServices;
using StreamingPg.Core.Binary;

namespace StreamingPg.Core.Generation.Columns;

/// <summary>First and last name.</summary>
internal sealed class PersonNameColumn : ColumnGenerator
{
    private readonly CountedRandom _random;
    private readonly Utf8Pool _firstNames;
    private readonly Utf8Pool _lastNames;

    /// <param name="random">Random stream of the column.</param>
    /// <param name="pools">Pools of the locale.</param>
    /// <param name="length">Most characters of the column; null means no limit.</param>
    public PersonNameColumn(CountedRandom random, ValuePools pools, int? length)
    {
        _random = random;

        // Where two names and a blank do not go in, the first name alone does.
        var both = length is not < 3;
        _firstNames = pools.FirstNames.Fit(both ? (length - 1) / 2 : length);
        _lastNames = pools.LastNames.Fit(both ? (length - 1) / 2 : 0);
    }

    /// <summary>Which first and which last name a row has.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public (int First, int Last) Choose(long row)
    {
        var bits = _random.Bits(row);
        return ((int)(((bits >> 32) * (ulong)_firstNames.Count) >> 32), (int)(((bits & 0xFFFFFFFF) * (ulong)_lastNames.Count) >> 32));
    }

    public override void Write(RowWriter writer, long row)
    {
        var (first, last) = Choose(row);
        var start = writer.BeginField();
        writer.Append(_firstNames[first]);
        if (_lastNames[last].Length > 0)
        {
            writer.Append((byte)' ');
            writer.Append(_lastNames[last]);
        }

        writer.EndField(start);
    }
}
