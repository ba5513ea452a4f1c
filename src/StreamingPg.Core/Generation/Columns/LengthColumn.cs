using StreamingPg.Core.Binary;

namespace StreamingPg.Core.Generation.Columns;

/// <summary>Words, cut so that the text has a number of characters between two bounds.</summary>
internal sealed class LengthColumn(CountedRandom random, Utf8Pool words, TextBounds bounds) : ColumnGenerator
{
    private readonly CountedRandom _words = random.Derive("words");

    // Characters of one byte each can be cut anywhere.
    private readonly Utf8Pool _pool = new([.. words.Values.Select(word => string.Concat(word.Where(char.IsAsciiLetterOrDigit)))
        .Where(word => word.Length > 0).DefaultIfEmpty("lorem")]);

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
