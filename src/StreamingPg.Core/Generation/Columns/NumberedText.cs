using System.Globalization;
using System.Text;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation.Random;

namespace StreamingPg.Core.Generation.Columns;

/// <summary>The texts of a pool, and the same ones with numbers behind them: <c>Berlin</c>, <c>Berlin 2</c>, <c>Berlin 3</c>.</summary>
internal sealed class NumberedText : IIndexed
{
    private const long Enough = 1_000_000;

    private readonly byte[][] _texts;

    private NumberedText(byte[][] texts, long numbers)
    {
        _texts = texts;
        Count = texts.Length * numbers;
    }

    public long Count { get; }

    /// <summary>The texts of a pool, numbered, as a column takes them; null where there are enough without, or no room for numbers.</summary>
    public static NumberedText? Of(IReadOnlyList<string> pool, int? length)
    {
        var different = pool.DistinctBy(text => text.ToUpperInvariant()).ToList();
        for (var digits = 6; digits > 0; digits--)
        {
            var room = (length ?? int.MaxValue) - digits - 1;
            byte[][] texts = [.. different.Where(text => text.Length > 0 && text.Length <= room && !char.IsDigit(text[^1])).Select(Encoding.UTF8.GetBytes)];
            var numbers = texts.Length == 0 ? 0 : Math.Min((Enough / texts.Length) + 1, (long)Math.Pow(10, digits));
            if (texts.Length * numbers > pool.Count && texts.Length * 2 > different.Count)
            {
                return new NumberedText(texts, numbers);
            }
        }

        return null;
    }

    public void WriteIndex(RowWriter writer, long index)
    {
        var (number, text) = Math.DivRem(index, _texts.Length);
        var start = writer.BeginField();
        writer.Append(_texts[text]);
        if (number > 0)
        {
            Span<byte> digits = stackalloc byte[20];
            (number + 1).TryFormat(digits, out var written, default, CultureInfo.InvariantCulture);
            writer.Append((byte)' ');
            writer.Append(digits[..written]);
        }

        writer.EndField(start);
    }
}
