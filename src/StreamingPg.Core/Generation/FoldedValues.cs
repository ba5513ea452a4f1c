using System.Text;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation.Columns;
using StreamingPg.Core.Generation.Random;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Generation;

/// <summary>Those of numbered texts that differ by more than small and capital letters.</summary>
internal sealed class FoldedValues : IIndexed
{
    // All of them are looked at in each batch.
    private const int MostValues = 100_000;

    private readonly IIndexed _values;
    private readonly List<long> _different = [];

    private FoldedValues(IIndexed values)
    {
        _values = values;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        using var block = new RowBlock(256);
        for (long index = 0; index < values.Count; index++)
        {
            var writer = new RowWriter(block);
            values.WriteIndex(writer, index);
            if (seen.Add(Encoding.UTF8.GetString(writer.FieldAt(0)).ToLowerInvariant()))
            {
                _different.Add(index);
            }
        }
    }

    public long Count => _different.Count;

    /// <summary>The values of a column that are different after lower or upper.</summary>
    /// <exception cref="FormatException">There are too many to tell; the message is the reason alone.</exception>
    public static IIndexed Of(ColumnType type, IIndexed values) => !type.IsText ? values : values switch
    {
        PersonNameColumn or WordsColumn or NumberedText => values, // differ so by themselves
        PatternColumn pattern => pattern.IgnoringCase(),
        { Count: > MostValues } => throw new FormatException("they must differ by more than case, which its generator cannot guarantee"),
        _ => new FoldedValues(values),
    };

    public void WriteIndex(RowWriter writer, long index) => _values.WriteIndex(writer, _different[(int)index]);
}
