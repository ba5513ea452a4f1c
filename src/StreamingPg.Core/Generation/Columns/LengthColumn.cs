using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation.Random;

namespace StreamingPg.Core.Generation.Columns;

/// <summary>Words, cut so that the text has a number of characters between two bounds; where texts must differ, codes of such a length.</summary>
internal sealed class LengthColumn(CountedRandom random, Utf8Pool words, TextBounds bounds) : ColumnGenerator, IIndexed
{
    private const string CodeCharacters = "abcdefghijklmnopqrstuvwxyz0123456789";

    // Longer codes could not be counted.
    private const int LongestCode = 11;

    private readonly CountedRandom _words = random.Derive("words");

    // Characters of one byte each can be cut anywhere.
    private readonly Utf8Pool _pool = new([.. words.Values.Select(word => string.Concat(word.Where(char.IsAsciiLetterOrDigit)))
        .Where(word => word.Length > 0).DefaultIfEmpty("lorem")]);

    public long Count => (long)Math.Min(IIndexed.MostValues, Math.Pow(CodeCharacters.Length, CodeLength));

    private int CodeLength => Math.Min(bounds.Most, LongestCode);

    public void WriteIndex(RowWriter writer, long index)
    {
        var start = writer.BeginField();
        for (var filled = CodeLength; filled < bounds.Least; filled++)
        {
            writer.Append((byte)CodeCharacters[0]);
        }

        for (var character = 0; character < CodeLength; character++)
        {
            (index, var rest) = Math.DivRem(index, CodeCharacters.Length);
            writer.Append((byte)CodeCharacters[(int)rest]);
        }

        writer.EndField(start);
    }

    public override void Write(RowWriter writer, long row)
    {
        var start = writer.BeginField();
        var left = bounds.Least + random.Below(row, bounds.Most - bounds.Least + 1);
        for (long word = 0; left > 0; word++)
        {
            var bytes = _pool[(int)_words.Derive(word).Below(row, _pool.Count)];
            var taken = (int)Math.Min(left, bytes.Length);
            writer.Append(bytes[..taken]);
            left -= taken;

            // A blank, unless it would be the last character, which some types cut off.
            if (left > 1)
            {
                writer.Append((byte)' ');
                left--;
            }
        }

        writer.EndField(start);
    }
}
