using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation.Random;

namespace StreamingPg.Core.Generation.Columns;

/// <summary>Text from a short list with weights.</summary>
internal sealed class WeightedTextColumn : ColumnGenerator
{
    private readonly CountedRandom _random;
    private readonly Utf8Pool _values;
    private readonly byte[] _slots;

    /// <param name="random">Random stream of the column.</param>
    /// <param name="length">Most characters of the column; null means no limit.</param>
    /// <param name="weights">Values and their weights, which are counted together.</param>
    public WeightedTextColumn(CountedRandom random, int? length, params ReadOnlySpan<(string Value, int Weight)> weights)
    {
        _random = random;
        var values = new List<string>();
        var slots = new List<byte>();
        foreach (var (value, weight) in weights)
        {
            slots.AddRange(Enumerable.Repeat((byte)values.Count, weight));
            values.Add(value);
        }

        _values = new Utf8Pool(values).Fit(length);
        _slots = [.. slots];
    }

    public override void Write(RowWriter writer, long row) =>
        writer.WriteBytes(_values[_slots[_random.Below(row, _slots.Length)]]);
}
