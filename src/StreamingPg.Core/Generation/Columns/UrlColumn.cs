using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation.Random;

namespace StreamingPg.Core.Generation.Columns;

/// <summary>Unique addresses of pages below example.com (RFC 2606), as in <c>https://example.com/lorem/1z.4</c>.</summary>
internal sealed class UrlColumn : ColumnGenerator
{
    private readonly CountedRandom _random;
    private readonly Utf8Pool _words;
    private readonly RowTag _tag;

    /// <exception cref="FormatException">The column is too short; the message is the reason alone.</exception>
    public UrlColumn(CountedRandom random, Utf8Pool words, RowTag tag, int? length)
    {
        _random = random;
        _tag = tag;
        var room = length - _tag.MaximumLength - Site.Length - 1;
        _words = room is < 1
            ? throw new FormatException($"unique URLs have up to {_tag.MaximumLength + Site.Length + 2} characters, and the column takes {length}")
            : words.Fit(room);
    }

    private static ReadOnlySpan<byte> Site => "https://example.com/"u8;

    public override bool IsUnique => true;

    public override void Write(RowWriter writer, long row)
    {
        var start = writer.BeginField();
        writer.Append(Site);
        writer.Append(_words[(int)_random.Below(row, _words.Count)]);
        writer.Append((byte)'/');
        _tag.Append(writer, row);
        writer.EndField(start);
    }
}
