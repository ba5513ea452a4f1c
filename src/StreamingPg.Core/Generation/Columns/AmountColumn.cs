using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation.Random;

namespace StreamingPg.Core.Generation.Columns;

/// <summary>The amount of a transaction: the sum of quantity times unit price over the lines that the batch makes for it.</summary>
/// <param name="partition">Which lines a transaction gets; null when the batch makes none for new transactions.</param>
/// <param name="quantity">Quantity of a line.</param>
/// <param name="price">Price of a line, in hundredths.</param>
internal sealed class AmountColumn(Partition? partition, IntegerColumn quantity, UnitPriceColumn price) : ColumnGenerator
{
    // Rows far outside any batch: a transaction without lines gets the amount of one that nobody will see.
    private const long UnseenLines = 1L << 40;

    /// <summary>The sum over lines, in hundredths.</summary>
    public long SumOf(RowRange lines)
    {
        long sum = 0;
        for (var line = lines.From; line < lines.To; line++)
        {
            sum += (long)quantity.At(line) * price.At(line);
        }

        return sum;
    }

    public override void Write(RowWriter writer, long row)
    {
        var lines = partition?.ChildrenOf(row) ?? default;
        writer.WriteNumeric(SumOf(lines.Count > 0 ? lines : new RowRange(UnseenLines + row, UnseenLines + row + 1)), 2);
    }
}
